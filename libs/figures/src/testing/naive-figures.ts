import { announcementOf, type AlarmView, type Transition } from '@watchfire/alarm';
import { type FigureRange } from '../alarm-fold.js';
import { waitingIn } from '../announcement.js';
import { type FigureLimits } from '../model.js';

/** The definitions of docs/spec/kpi.md, looked up in the whole stream again and again: slow, and without any state. */
export function naiveFigures(all: readonly Transition[], range: FigureRange, limits: FigureLimits) {
  const { from, to } = range;
  const stream = all.filter(({ at }) => at < to);
  const inRange = (at: number): boolean => at >= from && at < to;
  const isNew = (event: Transition): boolean => announcementOf(event) === 'new';
  const counted = stream.filter((event) => isNew(event) && !isApart(event.alarm));
  const announced = counted.filter(({ at }) => inRange(at));
  const again = stream.filter((event) => announcementOf(event) === 'again' && !isApart(event.alarm));
  // Announced again with an event id of its own: it had been acknowledged.
  const reopened = again.filter(({ eventId, alarm }) => eventId === alarm.eventId);
  const fates = [...counted, ...reopened].map((event) => fateOf(stream, event));
  const decided = (fate: Fate['kind']): readonly Fate[] =>
    fates.filter(({ kind, at }) => kind === fate && inRange(at));
  const waitingAt = (time: number): number =>
    fates.filter(({ announcedAt, kind, at }) => announcedAt < time && (kind === 'waits' || at >= time))
      .length;
  return {
    announced: announced.length,
    apart: stream.filter((event) => isNew(event) && isApart(event.alarm) && inRange(event.at)).length,
    reannounced: again.filter(({ at }) => inRange(at)).length,
    covered: stream.filter(
      (event) => announcementOf(event) === 'covered' && !isApart(event.alarm) && inRange(event.at),
    ).length,
    settled: decided('settled').length,
    responses: decided('acknowledged')
      .map(({ at, announcedAt }) => at - announcedAt)
      .sort((a, b) => a - b),
    superseded: decided('superseded').length,
    removed: decided('removed').length,
    unacknowledgedAtBegin: waitingAt(from),
    unacknowledgedAtEnd: waitingAt(to),
    standing: standing(stream, range, limits.standingMs),
    fleeting: fleeting(stream, range, limits.fleetingMs),
    chattering: chattering(
      announced.filter((event) => !isAnotherPlace(stream, event)),
      limits,
    ),
    floods: floods(
      announced
        .filter(({ annunciation, alarm }) => annunciation !== 'joined' && alarm.rule !== 'alarm-flood')
        .map(({ at }) => at),
      to,
      limits,
    ),
    bins: histogram(announced, from, 600_000),
    hours: histogram(announced, from, 3_600_000),
    byRule: tallyBy(announced, ({ alarm }) => `${alarm.deviceId} ${alarm.rule}`),
  };
}

interface Fate {
  readonly announcedAt: number;
  readonly kind: 'acknowledged' | 'superseded' | 'removed' | 'settled' | 'waits';
  readonly at: number;
}

/** What came first after an occurrence was announced. */
function fateOf(stream: readonly Transition[], event: Transition): Fate {
  const announcedAt = event.at;
  const { eventId } = event.alarm;
  for (const next of stream) {
    if (next.alarmId !== event.alarmId || next.seq <= event.seq) continue;
    const { at, type } = next;
    const isNew = announcementOf(next) === 'new';
    if (isNew && next.alarm.eventId === eventId) return { announcedAt, kind: 'superseded', at };
    if (waitingIn(next.alarm).includes(eventId)) continue;
    if (type === 'acknowledged' || type === 'branch-acknowledged')
      return { announcedAt, kind: 'acknowledged', at };
    if (type === 'removed' || type === 'disabled') return { announcedAt, kind: 'removed', at };
    const isOther = announcementOf(next) !== 'none';
    return { announcedAt, kind: isOther ? 'superseded' : 'settled', at };
  }
  return { announcedAt, kind: 'waits', at: Infinity };
}

/** Times during which an alarm was active: from its first active view to its first one that is not. */
function activeRuns(stream: readonly Transition[], to: number) {
  const runs: {
    readonly last: AlarmView;
    readonly views: readonly Transition[];
    readonly next: AlarmView | undefined;
    readonly begin: number;
    readonly end: number;
    readonly over: boolean;
  }[] = [];
  for (const id of new Set(stream.map(({ alarmId }) => alarmId))) {
    const own = stream.filter(({ alarmId }) => alarmId === id);
    for (let index = 0; index < own.length; index++) {
      if (own[index]!.alarm.active && own[index - 1]?.alarm.active !== true) {
        const end = own.findIndex(({ alarm }, later) => later > index && !alarm.active);
        const last = own.at(end < 0 ? -1 : end - 1)!.alarm;
        const views = own.slice(index, end < 0 ? undefined : end);
        const over = end >= 0;
        const next = own[end]?.alarm;
        runs.push({ last, views, next, begin: own[index]!.at, end: over ? own[end]!.at : to, over });
      }
    }
  }
  return runs;
}

function standing(stream: readonly Transition[], { from, to }: FigureRange, standingMs: number): number {
  return activeRuns(stream, to).filter(({ last, views, end }) => {
    // What was before the range is known by the view that there was at its begin.
    const first = views.findLast(({ at }) => at < from) ?? views[0]!;
    const places = first.alarm.olderOccurrences.filter(({ clearedAt }) => clearedAt === null);
    const since = Math.min(...[first.alarm, ...places].map(({ raisedAt }) => raisedAt));
    return end >= from && !isUnheard(last) && end - since > standingMs;
  }).length;
}

function fleeting(stream: readonly Transition[], { from, to }: FigureRange, fleetingMs: number): number {
  return activeRuns(stream, to).filter(
    ({ next, begin, end, over }) => over && begin >= from && !isUnheard(next!) && end - begin < fleetingMs,
  ).length;
}

/** [AL148] */
function isAnotherPlace(stream: readonly Transition[], { seq, type, alarmId, alarm }: Transition): boolean {
  const before = stream.findLast((other) => other.alarmId === alarmId && other.seq < seq)?.alarm;
  return type === 'reoccurred' && before?.active === true && before.message !== alarm.message;
}

function chattering(
  announced: readonly Transition[],
  { chatteringCount, chatteringWithinMs }: FigureLimits,
): number {
  let count = 0;
  for (const rule of new Set(announced.map(({ alarm }) => `${alarm.deviceId} ${alarm.rule}`))) {
    const times = announced.flatMap(({ alarm, at }) =>
      `${alarm.deviceId} ${alarm.rule}` === rule ? at : [],
    );
    count += times.filter((_, index) =>
      times.some((first, start) => {
        const end = start + chatteringCount - 1;
        return (
          start <= index && index <= end && end < times.length && times[end]! - first <= chatteringWithinMs
        );
      }),
    ).length;
  }
  return count;
}

/** Looks into the window at every moment at which something comes in or falls out. */
function floods(times: readonly number[], to: number, limits: FigureLimits) {
  const { floodBegin, floodEnd, floodWindowMs } = limits;
  const moments = [...new Set(times.flatMap((at) => [at, at + floodWindowMs]))]
    .filter((at) => at <= to)
    .sort((a, b) => a - b);
  const found: { from: number; to: number | null }[] = [];
  for (const moment of moments) {
    const inWindow = times.filter((at) => at > moment - floodWindowMs && at <= moment).length;
    const last = found.at(-1);
    const isFlood = last !== undefined && last.to === null;
    if (!isFlood && inWindow >= floodBegin) found.push({ from: moment, to: null });
    if (isFlood && inWindow < floodEnd) last.to = moment;
  }
  return found;
}

function histogram(events: readonly Transition[], from: number, everyMs: number): readonly number[] {
  return [...tallyBy(events, ({ at }) => String(Math.floor((at - from) / everyMs))).values()];
}

function tallyBy(events: readonly Transition[], keyOf: (event: Transition) => string) {
  const tally = new Map<string, number>();
  for (const event of events) tally.set(keyOf(event), (tally.get(keyOf(event)) ?? 0) + 1);
  return tally;
}

function isUnheard(alarm: AlarmView): boolean {
  return isApart(alarm) || alarm.suppressedOrShelved;
}

function isApart({ drill, class: signalClass }: AlarmView): boolean {
  return drill || signalClass === 'test';
}
