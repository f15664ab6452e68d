import { type ConditionOf } from '../model.js';
import { isUsable, type LevelsKind, type Watch } from '../watch.js';
import { badAfter, badDelays, badWindow } from './checks.js';
import { badLadder, ladderMessage, ladderSteps, limitPoints } from './ladder.js';

type Rate = ConditionOf<'rate'>;
type Sample = readonly [ts: number, value: number];

/** So many samples a window are kept, whatever the period of the device: it bounds the state of a rule. */
const KEPT = 32;
const UNITS: ReadonlyMap<number, string> = new Map([
  [1_000, 's'],
  [60_000, 'min'],
  [3_600_000, 'h'],
]);

/**
 * How fast a number changes, by device times, never by times of receipt. It is the slope from the oldest sample of the window, or
 * from the one before it, to the newest; unknown until half a window has been seen, and after a gap of more than two. [AL75]
 */
export const rate: LevelsKind<Rate> = {
  judges: 'levels',
  calm: 'never',
  pointsOf: ({ pointId, limits }) => [pointId, ...limitPoints(limits)],
  faultOf: (condition) =>
    badDelays(condition) ??
    badWindow(condition.windowMs) ??
    badAfter(condition.perMs) ??
    badLadder(condition.limits),
  stepsOf: ({ limits }) => ladderSteps(limits),
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  quantityOf(watch, condition) {
    const [point] = watch.points;
    if (point === undefined || !isUsable(point) || typeof point.value !== 'number') return undefined;
    const samples = samplesOf(watch);
    if (point.ts > (samples.at(-1)?.[0] ?? -Infinity)) {
      watch.memory = kept(samples, [point.ts, point.value], condition.windowMs);
    }
    return slope(watch, condition);
  },
  presentOf: (watch, condition) => ({ value: slope(watch, condition), unit: unitOf(watch, condition) }),
  messageOf(watch, condition, step, value) {
    return ladderMessage(watch, step, value, unitOf(watch, condition));
  },
};

/** The newest is always kept; of the others one each 32nd of the window, and one that is older than the window. */
function kept(samples: readonly Sample[], next: Sample, windowMs: number): readonly Sample[] {
  const newest = samples.at(-1);
  const before = samples.at(-2);
  const isDense = newest !== undefined && before !== undefined && newest[0] - before[0] < windowMs / KEPT;
  const all = [...(isDense ? samples.slice(0, -1) : samples), next];
  const firstInside = all.findIndex(([ts]) => ts > next[0] - windowMs);
  return all.slice(Math.max(0, firstInside - 1));
}

function slope(watch: Watch, { windowMs, perMs }: Rate): number | undefined {
  const samples = samplesOf(watch);
  const newest = samples.at(-1);
  const base = samples.find(([ts]) => newest !== undefined && newest[0] - ts <= 2 * windowMs);
  if (newest === undefined || base === undefined) return undefined;
  const span = newest[0] - base[0];
  return span < windowMs / 2 ? undefined : ((newest[1] - base[1]) / span) * perMs;
}

function samplesOf({ memory }: Watch): readonly Sample[] {
  return (memory as readonly Sample[] | undefined) ?? [];
}

function unitOf({ points }: Watch, { perMs }: Rate): string {
  return `${points[0]?.point.unit ?? ''}/${UNITS.get(perMs) ?? `${perMs} ms`}`;
}
