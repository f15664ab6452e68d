import { type Limit, type Rule } from './model.js';

/** A rule that cannot be evaluated: it is unknown, never true and never false, and is listed as a fault. */
export interface RuleFault {
  readonly deviceId: string;
  readonly ruleKey: string;
  readonly message: string;
}

const MAX_SEVERITY = 1000;
/** The engine keeps the time of each. */
const MAX_TAKE_OVERS = 100;

/** Why a rule cannot be evaluated, or undefined. A journal may name a kind of condition of a newer program. */
export function ruleFault(rule: Rule, isKnownPoint: (pointId: string) => boolean): string | undefined {
  const condition = rule.condition;
  switch (condition.kind) {
    case 'limit':
      return (
        unknownPoint([condition.pointId], isKnownPoint) ??
        badDelays(condition.onDelayMs, condition.offDelayMs) ??
        badLimits(condition.limits)
      );
    case 'discrete':
      return (
        unknownPoint([condition.pointId], isKnownPoint) ??
        badDelays(condition.onDelayMs, condition.offDelayMs) ??
        badSeverities([
          ...condition.alarmValues.map((entry) => entry.severity),
          ...(condition.offNormalSeverity === undefined ? [] : [condition.offNormalSeverity]),
        ]) ??
        (condition.alarmValues.length === 0 && condition.normal === undefined
          ? 'it names neither an alarm value nor a normal one'
          : undefined) ??
        (condition.normal !== undefined && condition.offNormalSeverity === undefined
          ? 'normal values are given, but no severity for a value that is none of them'
          : undefined)
      );
    case 'all':
      return (
        (condition.terms.length === 0 ? 'it has no terms' : undefined) ??
        unknownPoint(
          condition.terms.map((term) => term.pointId),
          isKnownPoint,
        ) ??
        badDelays(condition.onDelayMs, condition.offDelayMs) ??
        badSeverities([condition.severity])
      );
    case 'stale':
      return (
        unknownPoint([condition.pointId], isKnownPoint) ??
        badAfter(condition.afterMs) ??
        badSeverities([condition.severity])
      );
    case 'offline':
      return badAfter(condition.afterMs) ?? badSeverities([condition.severity]);
    case 'clock':
      return (
        (Number.isFinite(condition.limitMs) && condition.limitMs >= 0
          ? undefined
          : 'the limit of the clock is not a number of milliseconds, 0 or more') ??
        badWindow(condition.windowMs) ??
        badSeverities([condition.severity])
      );
    case 'flapping':
      return (
        (Number.isInteger(condition.count) && condition.count >= 2 && condition.count <= MAX_TAKE_OVERS
          ? undefined
          : `the number of take-overs is not between 2 and ${MAX_TAKE_OVERS}`) ??
        badWindow(condition.windowMs) ??
        badSeverities([condition.severity])
      );
    default:
      return `its kind of condition, ${JSON.stringify((condition as { kind?: unknown }).kind)}, is not known to this version`;
  }
}

function unknownPoint(
  pointIds: readonly string[],
  isKnownPoint: (pointId: string) => boolean,
): string | undefined {
  const unknown = pointIds.find((pointId) => !isKnownPoint(pointId));
  return unknown === undefined ? undefined : `no device of the site has a point ${JSON.stringify(unknown)}`;
}

function badDelays(onDelayMs: number, offDelayMs: number): string | undefined {
  return [onDelayMs, offDelayMs].every((delay) => Number.isFinite(delay) && delay >= 0)
    ? undefined
    : 'a delay is not a number of milliseconds, 0 or more';
}

function badAfter(afterMs: number): string | undefined {
  return Number.isFinite(afterMs) && afterMs > 0 ? undefined : 'the time allowed is not above 0 ms';
}

function badWindow(windowMs: number): string | undefined {
  return Number.isFinite(windowMs) && windowMs > 0 ? undefined : 'its window is not above 0 ms';
}

function badSeverities(severities: readonly number[]): string | undefined {
  return severities.every((severity) => severity >= 1 && severity <= MAX_SEVERITY)
    ? undefined
    : 'a severity is not between 1 and 1000';
}

function badLimits(limits: readonly Limit[]): string | undefined {
  if (limits.length === 0) return 'it has no limits';
  if (new Set(limits.map(({ level }) => level)).size < limits.length) return 'a level is given twice';
  if (!limits.every(({ limit, deadband }) => Number.isFinite(limit) && deadband >= 0)) {
    return 'a limit is not a number, or a deadband is negative';
  }
  const ladder = (['LL', 'L', 'H', 'HH'] as const).flatMap(
    (level) => limits.find((entry) => entry.level === level) ?? [],
  );
  for (const [index, upper] of ladder.entries()) {
    const lower = ladder[index - 1];
    if (lower === undefined) continue;
    const meets = isLow(lower) !== isLow(upper) ? lower.limit >= upper.limit : lower.limit > upper.limit;
    if (meets) return `limit ${lower.level} is not below limit ${upper.level}`;
  }
  return badSeverities(limits.map(({ severity }) => severity));
}

function isLow({ level }: Limit): boolean {
  return level === 'L' || level === 'LL';
}
