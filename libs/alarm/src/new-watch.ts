import { type QueueEntry } from './deadlines.js';
import { kindOf } from './conditions/kinds.js';
import { hasSchedule, logicPoints } from './conditions/logic.js';
import { type Fault } from './fault.js';
import { type Condition, type Rule } from './model.js';
import { findAgain, idsOfAgain } from './occurrences.js';
import {
  AbsentPoint,
  delayOf,
  isDeadMan,
  Look,
  silentSince,
  type ConditionKind,
  type DeviceState,
  type LevelFilter,
  type PointState,
  type Watch,
  type WholeKind,
} from './watch.js';

/** Of a rule of a newer program, which is a fault and is never judged. */
const UNKNOWN_KIND: WholeKind<Condition> = {
  judges: 'whole',
  calm: 'never',
  pointsOf: () => [],
  faultOf: () => undefined,
  stepsOf: () => [],
  delayOf: () => 0,
  stepAt: () => undefined,
  messageOf: ({ rule }) => rule.title,
};

/** The points that a rule reads; none for a kind of condition that is not known. */
export function pointsOf({ condition }: Rule): readonly string[] {
  return kindOf(condition)?.pointsOf(condition) ?? [];
}

/** Every point that it depends on: those, the ones by which it is enabled, and the ones by which it tells occurrences apart. */
export function readBy(rule: Rule): readonly string[] {
  return [...subjectsOf(rule), ...idsOfAgain(rule)];
}

/** Those that decide whether it is in alarm, and whether that is annunciated. */
export function subjectsOf(rule: Rule): readonly string[] {
  const enabling = rule.enabledWhen === undefined ? [] : logicPoints(rule.enabledWhen);
  return [...pointsOf(rule), ...enabling];
}

/** A rule without any state yet. A faulty rule has no points, steps or filters, so that nothing ever reaches it. */
export function newWatch(device: DeviceState, rule: Rule, fault: Fault | undefined): Watch {
  const { condition } = rule;
  const kind = kindOf(condition) ?? UNKNOWN_KIND;
  const isFaulty = fault !== undefined;
  const points = isFaulty ? [] : pointsOf(rule).flatMap((pointId) => pointOf(device, kind, pointId) ?? []);
  const steps = isFaulty ? [] : kind.stepsOf(condition);
  const filters: LevelFilter[] = [];
  const watch: { -readonly [K in keyof Watch]: Watch[K] } = {
    device,
    rule,
    kind,
    fault,
    points,
    steps,
    filters,
    step: 0,
    alarm: null,
    overlay: null,
  };
  if (rule.enabledWhen !== undefined) {
    watch.enabling = logicPoints(rule.enabledWhen).flatMap((pointId) => device.find(pointId) ?? []);
  }
  const again = isFaulty ? undefined : findAgain(device, rule);
  if (again !== undefined) watch.again = again;
  const settledAt = points[0]?.ts ?? -Infinity;
  const orderKey = `${device.deviceId} ${rule.key}`;
  const { enabledWhen } = rule;
  const isTimed = enabledWhen !== undefined && hasSchedule(enabledWhen);
  if (isTimed || (!isFaulty && kind.nextLookAt !== undefined)) watch.look = new Look(watch, orderKey);
  if (isFaulty) return watch;
  if (isDeadMan(watch)) {
    filters.push(new SilenceFilter(watch, settledAt, orderKey));
  } else {
    const count = kind.judges === 'levels' ? steps.length : 1;
    for (let index = 0; index < count; index++) {
      filters.push(new DelayFilter(watch, settledAt, orderKey, index));
    }
  }
  return watch;
}

function pointOf(device: DeviceState, { ofSite }: ConditionKind, pointId: string): PointState | undefined {
  const found = device.find(pointId);
  if (found !== undefined || ofSite !== true) return found;
  const point = { pointId, key: pointId, name: { zh: pointId, en: pointId }, unit: null };
  return AbsentPoint.of(device.site.storage.rows, point, device.silentSince);
}

class DelayFilter implements LevelFilter {
  on = false;
  since = -Infinity;
  deadline = Infinity;
  queued: QueueEntry | undefined;

  constructor(
    readonly watch: Watch,
    public settledAt: number,
    readonly orderKey: string,
    readonly orderIndex: number,
  ) {}

  pend(since: number, deadline: number): void {
    this.since = since;
    this.deadline = deadline;
  }

  endPending(): void {
    this.deadline = Infinity;
  }

  stop(): void {
    this.endPending();
  }
}

/**
 * Of a stale or an offline rule: off, it always pends, and its times follow from what it watches, so that a sign of life, which
 * comes with every reading, costs it nothing.
 */
class SilenceFilter implements LevelFilter {
  on = false;
  queued: QueueEntry | undefined;
  readonly orderIndex = 0;
  private stopped = false;

  constructor(
    readonly watch: Watch,
    public settledAt: number,
    readonly orderKey: string,
  ) {}

  get since(): number {
    return silentSince(this.watch);
  }

  get deadline(): number {
    if (this.on || this.stopped || isPresent(this.watch)) return Infinity;
    return this.since + delayOf(this.watch, false);
  }

  pend(): void {
    // Follows from what it watches.
  }

  endPending(): void {
    // Follows from what it watches.
  }

  stop(): void {
    this.stopped = true;
  }
}

/** Of an offline rule: the device is connected, so that no silence counts. */
function isPresent({ rule, device }: Watch): boolean {
  return rule.condition.kind === 'offline' && device.connected === true;
}
