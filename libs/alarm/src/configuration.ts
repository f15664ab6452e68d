import { canonical, sameJson } from './canonical.js';
import { badLogic, logicPoints } from './conditions/logic.js';
import { DEFAULT_CLOCK_WINDOW_MS } from './device-clock.js';
import { fault, faultIn, type Fault } from './fault.js';
import { foreignPoints, type Lane } from './lane.js';
import { type DeviceConfiguration, type Rule } from './model.js';
import { newWatch, pointsOf } from './new-watch.js';
import { continueOccurrences, findAgain, idsOfAgain } from './occurrences.js';
import { type Overlay } from './overlay.js';
import { Reorder } from './reorder.js';
import { noSuchPoint, ruleFault, ruleFaultOf, type RuleFault } from './rule-check.js';
import {
  AbsentPoint,
  delayOf,
  isHigh,
  isOuter,
  newest,
  PointState,
  subjectOf,
  type DeviceState,
  type LevelFilter,
  type Watch,
} from './watch.js';

export interface Reconfiguration {
  /** Rules that are new or have changed, in the order of the configuration: to be judged at once. */
  readonly changed: readonly Watch[];
  /** What they were before, where they have taken over its alarm and what lies over it. */
  readonly replaced: readonly Watch[];
  /** Rules that are gone with their alarms. */
  readonly removed: readonly Watch[];
}

/**
 * Gives a device another configuration. Points and rules that stay keep their state; a rule that has changed takes over
 * what it can; nothing is told to anybody here. The same configuration again finds points of other devices that have come
 * or gone since. [AL25] to [AL28] [AL112]
 */
export function reconfigure(
  lane: Lane,
  device: DeviceState,
  configuration: DeviceConfiguration,
  now: number,
): Reconfiguration {
  const foreign = foreignPoints(device);
  device.configuration = canonical(configuration);
  keepPoints(device, now);
  const before = new Map(device.watches.map((watch) => [watch.rule.key, watch]));
  const changed: Watch[] = [];
  const replaced: Watch[] = [];
  const removed: Watch[] = [];
  device.watches = uniqueRules(device).map((rule) => {
    const old = before.get(rule.key);
    const fault = blindness(device, rule, old?.overlay ?? null);
    before.delete(rule.key);
    if (old !== undefined && old.fault === fault && sameJson(old.rule, rule) && hasItsPoints(old)) return old;
    const watch = newWatch(device, rule, fault);
    changed.push(watch);
    if (old === undefined) return watch;
    (takeOver(old, watch, now) ? replaced : removed).push(old);
    stopFilters(old);
    return watch;
  });
  removed.push(...before.values());
  for (const watch of removed) stopFilters(watch);
  link(device);
  for (const point of device.points.values()) point.disturb();
  linkForeign(lane, device, foreign);
  return { changed, replaced, removed };
}

/**
 * Builds the rules of a device from its configuration, with what lies over them and no other state: for a restore. `linkAll`
 * comes next.
 */
export function buildWatches(lane: Lane, device: DeviceState, overlays: ReadonlyMap<string, Overlay>): void {
  device.watches = uniqueRules(device).map((rule) => {
    const overlay = overlays.get(rule.key) ?? null;
    const watch = newWatch(device, rule, blindness(device, rule, overlay));
    watch.overlay = overlay;
    return watch;
  });
  lane.reads(device, [], foreignPoints(device));
}

/** Tells every point and device of the lane which rules are about it. */
export function linkAll(lane: Lane): void {
  for (const device of lane.devices.values()) link(device);
}

/** Takes the rules of a device away; returns them. */
export function unwatch(lane: Lane, device: DeviceState): readonly Watch[] {
  const { watches } = device;
  const foreign = foreignPoints(device);
  device.watches = [];
  for (const watch of watches) stopFilters(watch);
  linkForeign(lane, device, foreign);
  return watches;
}

/** Points of other devices learn which rules of this one read them, and which no longer do. */
function linkForeign(lane: Lane, device: DeviceState, before: readonly string[]): void {
  const present = foreignPoints(device);
  const places = new Map(before.map((pointId) => [pointId, lane.place(pointId)]));
  lane.reads(device, before, present);
  for (const pointId of present) places.set(pointId, lane.place(pointId));
  for (const place of places.values()) {
    if (place === undefined) continue;
    linkPoint(place.device, place.point);
    place.point.disturb();
  }
}

function hasItsPoints({ fault, device, rule, points, again, enabling = [] }: Watch): boolean {
  const enabledBy = rule.enabledWhen === undefined ? [] : logicPoints(rule.enabledWhen);
  const present = enabledBy.flatMap((pointId) => device.find(pointId) ?? []);
  const { count, place } = (fault === undefined ? findAgain(device, rule) : undefined) ?? {};
  if (again?.count !== count || again?.place !== place) return false;
  if (present.length !== enabling.length || present.some((point, index) => point !== enabling[index])) {
    return false;
  }
  return (
    fault !== undefined ||
    pointsOf(rule).every((pointId, index) => isPoint(points[index], device.find(pointId)))
  );
}

/** The rule anew, without the state of its condition: for one that was disabled or enabled. */
export function rebuildWatch(lane: Lane, old: Watch): Watch {
  const { device, rule, overlay } = old;
  const watch = newWatch(device, rule, blindness(device, rule, overlay));
  watch.overlay = overlay;
  stopFilters(old);
  device.watches = device.watches.map((one) => (one === old ? watch : one));
  link(device);
  for (const point of device.points.values()) point.disturb();
  linkForeign(lane, device, foreignPoints(device));
  return watch;
}

function isPoint(point: PointState | undefined, found: PointState | undefined): boolean {
  return found === undefined ? point instanceof AbsentPoint : point === found;
}

export function stopFilters(watch: Watch): void {
  for (const filter of watch.filters) filter.stop();
  if (watch.look !== undefined) watch.look.deadline = Infinity;
}

/** The rules of a device that cannot be evaluated, and why. [AL29] */
export function faultsOf(device: DeviceState): RuleFault[] {
  if (device.resting !== undefined) return [];
  const { deviceId, rules } = device.configuration;
  const faults: RuleFault[] = device.watches.flatMap(({ rule, fault, overlay }) =>
    fault === undefined || isDisabled(overlay) ? [] : [ruleFaultOf(deviceId, rule.key, fault)],
  );
  for (const { rule, points } of device.watches) {
    for (const point of points) {
      if (!(point instanceof AbsentPoint)) continue;
      const fault = faultIn('judged_without', noSuchPoint(point.point.pointId));
      faults.push(ruleFaultOf(deviceId, rule.key, fault));
    }
  }
  for (const { rule, fault } of device.watches) {
    if (fault !== undefined) continue;
    for (const beside of [enablingFault(device, rule), againFault(device, rule)]) {
      if (beside !== undefined) faults.push(ruleFaultOf(deviceId, rule.key, beside));
    }
  }
  const keys = new Set<string>();
  for (const { key } of rules) {
    if (keys.has(key)) faults.push(ruleFaultOf(deviceId, key, fault('rule_twice')));
    keys.add(key);
  }
  return faults;
}

function uniqueRules(device: DeviceState): readonly Rule[] {
  const keys = new Set<string>();
  return device.configuration.rules.filter(({ key }) => !keys.has(key) && keys.add(key));
}

/** Why the rule is not evaluated: a person has disabled it, or it cannot be. */
function blindness(device: DeviceState, rule: Rule, overlay: Overlay | null): Fault | undefined {
  return isDisabled(overlay) ? fault('disabled') : faultOf(device, rule);
}

function isDisabled(overlay: Overlay | null): boolean {
  return overlay !== null && overlay.disabled !== null;
}

function faultOf(device: DeviceState, rule: Rule): Fault | undefined {
  return ruleFault(rule, (pointId) => device.find(pointId) !== undefined);
}

/** A rule whose enabling cannot be evaluated is not switched off by it: it is as if it were enabled. */
function enablingFault(device: DeviceState, { enabledWhen }: Rule): Fault | undefined {
  if (enabledWhen === undefined) return undefined;
  const missing = logicPoints(enabledWhen).find((pointId) => device.find(pointId) === undefined);
  const cause = missing === undefined ? badLogic(enabledWhen) : noSuchPoint(missing);
  return cause === undefined ? undefined : faultIn('enabling', cause);
}

/** A rule that cannot count its occurrences has its alarm as any other. */
function againFault(device: DeviceState, rule: Rule): Fault | undefined {
  const missing = idsOfAgain(rule).find((pointId) => device.find(pointId) === undefined);
  return missing === undefined ? undefined : faultIn('again', noSuchPoint(missing));
}

function keepPoints(device: DeviceState, now: number): void {
  const before = new Map(device.points);
  device.points.clear();
  for (const point of device.configuration.points) {
    const state = before.get(point.pointId) ?? PointState.first(device.site.storage.rows, point, now);
    state.point = point;
    keepOrder(device, state);
    device.points.set(point.pointId, state);
    before.delete(point.pointId);
  }
  for (const { reorder } of before.values()) reorder?.stop();
}

/** What is held when the window is taken away has its turn at once; `holds`: there is something of that. */
export function keepOrder(device: DeviceState, state: PointState, holds = false): void {
  const { pointId, reorderMs = 0 } = state.point;
  if (reorderMs > 0 || holds)
    state.reorder ??= new Reorder(state, `${device.configuration.deviceId} ${pointId}`);
  if (state.reorder === undefined) return;
  state.reorder.windowMs = reorderMs;
  if (state.reorder.isIdle && !holds) state.reorder = undefined;
}

/** Tells the points and the device which rules are about them. */
export function link(device: DeviceState): void {
  const { watches } = device;
  for (const point of device.points.values()) linkPoint(device, point);
  const able = watches.filter(({ fault }) => fault === undefined);
  device.awake.clockWatches = able.filter(({ rule }) => rule.condition.kind === 'clock');
  device.awake.flappingWatches = able.filter(({ rule }) => rule.condition.kind === 'flapping');
  const windows = able.flatMap(({ rule: { condition } }) =>
    condition.kind === 'clock' ? condition.windowMs : [],
  );
  device.clock.windowMs = windows.length === 0 ? DEFAULT_CLOCK_WINDOW_MS : Math.max(...windows);
  const counts = able.flatMap(({ rule: { condition } }) =>
    condition.kind === 'flapping' ? condition.count : [],
  );
  device.takeOversKept = Math.max(0, ...counts);
  device.takeOvers = newest(device.takeOvers, device.takeOversKept);
}

/** Its own rules in the order of their configuration, then those of other devices in the order of these. */
function linkPoint(device: DeviceState, point: PointState): void {
  const readers = device.site.readers(point.point.pointId);
  point.watches = [device, ...readers].flatMap(({ watches }) =>
    watches.filter(
      ({ points, enabling, again }) =>
        points.includes(point) || enabling?.includes(point) === true || again?.count === point,
    ),
  );
}

/**
 * Hands the alarm and the delays of a rule to its next version. False when the next version does not watch the same (a point,
 * or one thing of the device), or no longer has the level that is in force: then the old alarm cannot be continued.
 */
function takeOver(old: Watch, next: Watch, now: number): boolean {
  const alarm = old.alarm;
  if (next.fault === undefined && alarm !== null) {
    if (alarm.pointId !== (subjectOf(next)?.point.pointId ?? null)) return false;
    if (alarm.pointId === null && old.rule.condition.kind !== next.rule.condition.kind) return false;
    if (alarm.active && !next.steps.some(({ level }) => level === alarm.level)) return false;
  }
  next.alarm = alarm;
  next.overlay = old.overlay;
  if (alarm?.active === true) continueOccurrences(old, next);
  if (next.fault !== undefined) return true;
  if (alarm?.active === true) {
    next.step = next.steps.findIndex(({ level }) => level === alarm.level);
    for (const filter of next.filters) filter.on = isHeld(next, filter);
  }
  if (readsTheSame(old, next)) {
    if (old.memory !== undefined && old.again === undefined) next.memory = old.memory;
    for (const filter of next.filters) takeOverFilter(old, next, filter, now);
  }
  return true;
}

/** Whether an active alarm means that this level is on: its own level and those inside it. */
function isHeld(watch: Watch, filter: LevelFilter): boolean {
  const limit = watch.steps[filter.orderIndex]?.limit;
  const inForce = watch.steps[watch.step]?.limit;
  if (limit === undefined || inForce === undefined) return true;
  return isHigh(limit) === isHigh(inForce) && (isOuter(inForce) || !isOuter(limit));
}

function readsTheSame(old: Watch, next: Watch): boolean {
  return (
    old.fault === undefined &&
    old.rule.condition.kind === next.rule.condition.kind &&
    sameJson(pointsOf(old.rule), pointsOf(next.rule))
  );
}

function takeOverFilter(old: Watch, next: Watch, filter: LevelFilter, now: number): void {
  const level = next.steps[filter.orderIndex]?.level;
  const previous =
    next.kind.judges === 'levels'
      ? old.filters.find((candidate) => old.steps[candidate.orderIndex]?.level === level)
      : old.filters[0];
  if (previous === undefined) return;
  filter.on = previous.on;
  filter.settledAt = previous.settledAt;
  if (previous.deadline === Infinity) return;
  if (!filter.on && next.kind.judges === 'whole' && next.steps.length > 1) {
    const pendingLevel = old.steps[old.step]?.level;
    const step = next.steps.findIndex((candidate) => candidate.level === pendingLevel);
    if (step < 0) return;
    next.step = step;
  }
  const longer = delayOf(next, filter.on) - delayOf(old, filter.on);
  filter.pend(previous.since, Math.max(now + 1, previous.deadline + longer));
}
