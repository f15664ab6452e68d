import { type Again, type Rule } from './model.js';
import { type Cause, type TransitionRecorder } from './recorder.js';
import { isUsable, type AgainPoints, type DeviceState, type Watch } from './watch.js';

/** How a rule tells its occurrences apart; undefined for one that tells none. */
export function againOf({ condition }: Rule): Again | undefined {
  return condition.kind === 'discrete' ? condition.again : undefined;
}

export function idsOfAgain(rule: Rule): readonly string[] {
  const again = againOf(rule);
  if (again === undefined) return [];
  return again.placeId === undefined ? [again.countId] : [again.countId, again.placeId];
}

export function findAgain(device: DeviceState, rule: Rule): AgainPoints | undefined {
  const again = againOf(rule);
  if (again === undefined) return undefined;
  const { countId, placeId } = again;
  return { count: device.find(countId), place: placeId === undefined ? undefined : device.find(placeId) };
}

/** The rule begins to be in alarm: what began it is one place, whether its number was told before it or comes behind it. */
export function beginOccurrences(watch: Watch): void {
  if (watch.again !== undefined) watch.memory = standing(watch);
}

export function endOccurrences(watch: Watch): void {
  if (watch.again !== undefined) watch.memory = undefined;
}

/** The next version of a rule whose alarm is active goes on where this one was. */
export function continueOccurrences(old: Watch, next: Watch): void {
  const [was, is] = [againOf(old.rule), againOf(next.rule)];
  if (is === undefined) return;
  const isSame = was?.countId === is.countId && typeof old.memory === 'number';
  next.memory = isSame ? old.memory : standing(next);
}

/** `before`: the value before the sample; the same once more tells nothing, so that whoever skips it is right. [AL146] */
export function tellCount(
  recorder: TransitionRecorder,
  watch: Watch,
  before: unknown,
  { ts, receivedAt }: { readonly ts: number; readonly receivedAt: number },
): void {
  const count = countOf(watch);
  if (count === undefined || count === before || watch.alarm?.active !== true) return;
  const rises = count > Number(watch.memory);
  watch.memory = count;
  if (rises) recorder.move(watch, 'CONDITION_AGAIN', { eventAt: ts, receivedAt });
}

/** What came while the rule could not be evaluated, or was another one. */
export function tellMissedCount(recorder: TransitionRecorder, watch: Watch, cause: Cause): void {
  const count = countOf(watch);
  if (count === undefined || watch.alarm?.active !== true || count <= Number(watch.memory)) return;
  watch.memory = count;
  recorder.move(watch, 'CONDITION_AGAIN', cause);
}

/** Where it is, and in how many places: only what was told together, for a place of before is worse than none. */
export function placesOf(watch: Watch): { readonly place: string | undefined; readonly count: number } {
  const place = watch.again?.place;
  const count = countOf(watch);
  const told = place !== undefined && isUsable(place) && typeof place.value === 'string' ? place.value : '';
  const isOfCount = place !== undefined && place.ts >= (watch.again?.count?.ts ?? -Infinity) && count !== 0;
  return { place: isOfCount && told !== '' ? told : undefined, count: count ?? 1 };
}

function standing(watch: Watch): number {
  const { value } = watch.again?.count ?? {};
  return Math.max(1, typeof value === 'number' ? value : 1);
}

function countOf({ again }: Watch): number | undefined {
  const point = again?.count;
  if (point === undefined || !isUsable(point)) return undefined;
  return typeof point.value === 'number' ? point.value : undefined;
}
