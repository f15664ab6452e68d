import { SEVERITY, type Priority } from '@watchfire/contracts';
import {
  type CatalogueCondition,
  type CatalogueRule,
  type Profile,
  type ProfilePoint,
  type RuleProvenance,
} from './model.js';
import { type ConditionFile, type PointFile, type ProfileFile, type RuleFile } from './profile-schema.js';

/** High limits first, in the order of their severity. */
const LEVELS = ['HH', 'H', 'L', 'LL'] as const;

/** Splits a checked file into what the engine evaluates and where each number of it comes from. */
export function toProfile(file: ProfileFile): Profile {
  const provenance = new ProvenanceList(file);
  return {
    key: file.key,
    version: file.version,
    name: file.name,
    logic: file.logic,
    roles: file.roles,
    points: file.points.map((point) => toPoint(point, provenance)),
    events: file.events,
    rules: file.rules.map((rule) => toRule(rule, new ProvenanceList(file))),
    provenance: provenance.entries,
  };
}

interface Sourced<T> {
  readonly value: T;
  readonly from: string;
}

/** Takes the value out of a sourced one and remembers where it came from. */
class ProvenanceList {
  readonly entries: RuleProvenance[] = [];

  constructor(private readonly file: ProfileFile) {}

  take<T>(of: string, sourced: Sourced<T>): T {
    const source = this.file.sources[sourced.from];
    if (source === undefined) throw new Error(`source ${sourced.from} was not checked`);
    const { note, ...rest } = source;
    this.entries.push({ of, ...rest, ...(note !== undefined && { note }) });
    return sourced.value;
  }

  severity(of: string, priority: Sourced<Priority>): number {
    return SEVERITY[this.take(of, priority)];
  }

  milliseconds(of: string, seconds: Sourced<number>): number {
    return Math.round(this.take(of, seconds) * 1_000);
  }
}

function toPoint(point: PointFile, provenance: ProvenanceList): ProfilePoint {
  const take = <T>(of: string, sourced: Sourced<T>): T =>
    provenance.take(`points.${point.key}.${of}`, sourced);
  return {
    key: point.key,
    name: point.name,
    unit: point.unit,
    type: point.type,
    ...(point.plausible && {
      min: take('min', point.plausible.min),
      max: take('max', point.plausible.max),
    }),
    ...(point.span && {
      span: { min: take('span.min', point.span.min), max: take('span.max', point.span.max) },
    }),
    ...(point.decimals && { decimals: take('decimals', point.decimals) }),
  };
}

function toRule(rule: RuleFile, provenance: ProvenanceList): CatalogueRule {
  return {
    key: rule.key,
    class: rule.class,
    title: rule.title,
    guidance: rule.guidance,
    latching: rule.latching,
    condition: toCondition(rule.condition, provenance),
    provenance: provenance.entries,
  };
}

function toCondition(condition: ConditionFile, provenance: ProvenanceList): CatalogueCondition {
  switch (condition.kind) {
    case 'limit': {
      const deadband = provenance.take('deadband', condition.deadband);
      return {
        kind: 'limit',
        pointId: condition.point,
        limits: LEVELS.flatMap((level) => {
          const one = condition.limits[level];
          if (one === undefined) return [];
          const limit = provenance.take(`limits.${level}`, one.limit);
          return {
            level,
            limit,
            severity: provenance.severity(`limits.${level}.severity`, one.priority),
            deadband,
          };
        }),
        ...delays(condition, provenance),
      };
    }
    case 'discrete':
      return {
        kind: 'discrete',
        pointId: condition.point,
        alarmValues: condition.alarms.flatMap((alarm) => {
          const values = provenance.take(`alarmValues.${alarm.level}`, alarm.values);
          const severity = provenance.severity(`alarmValues.${alarm.level}.severity`, alarm.priority);
          return values.map((value) => ({ value, level: alarm.level, severity }));
        }),
        ...(condition.normal && { normal: provenance.take('normal', condition.normal) }),
        ...(condition.unknown && {
          offNormalSeverity: provenance.severity('offNormalSeverity', condition.unknown),
        }),
        ...delays(condition, provenance),
      };
    case 'all':
      return {
        kind: 'all',
        terms: condition.terms.map((term) => ({
          pointId: term.point,
          values: provenance.take(`terms.${term.point}`, term.values),
        })),
        level: condition.level,
        severity: provenance.severity('severity', condition.priority),
        ...delays(condition, provenance),
      };
    case 'stale':
      return {
        kind: 'stale',
        pointId: condition.point,
        afterMs: provenance.milliseconds('afterMs', condition.afterSeconds),
        severity: provenance.severity('severity', condition.priority),
      };
    case 'offline':
      return {
        kind: 'offline',
        afterMs: provenance.milliseconds('afterMs', condition.afterSeconds),
        severity: provenance.severity('severity', condition.priority),
      };
    case 'clock':
      return {
        kind: 'clock',
        limitMs: provenance.milliseconds('limitMs', condition.limitSeconds),
        windowMs: provenance.milliseconds('windowMs', condition.windowSeconds),
        severity: provenance.severity('severity', condition.priority),
      };
    case 'flapping':
      return {
        kind: 'flapping',
        count: provenance.take('count', condition.count),
        windowMs: provenance.milliseconds('windowMs', condition.windowSeconds),
        severity: provenance.severity('severity', condition.priority),
      };
  }
}

function delays(
  condition: { readonly onDelaySeconds: Sourced<number>; readonly offDelaySeconds: Sourced<number> },
  provenance: ProvenanceList,
): { onDelayMs: number; offDelayMs: number } {
  return {
    onDelayMs: provenance.milliseconds('onDelayMs', condition.onDelaySeconds),
    offDelayMs: provenance.milliseconds('offDelayMs', condition.offDelaySeconds),
  };
}
