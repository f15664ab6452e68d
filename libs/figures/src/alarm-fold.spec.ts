import { describe, expect, it } from '@jest/globals';
import { AlarmEngine, type Rule, type Transition } from '@watchfire/alarm';
import {
  type AlarmAct,
  coveredHistory,
  deviceWith,
  engineInputOf,
  Timeline,
  TIMELINE_START,
} from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmFold, type FigureRange } from './alarm-fold.js';
import { announcementTimes } from './announcement.js';
import { FIGURE_LIMITS, type FigureGrouping, type FigureLimits } from './model.js';
import { naiveFigures } from './testing/naive-figures.js';

const T0 = Date.UTC(2026, 0, 5, 8);
/** Small enough for histories of some minutes to reach each of them. */
const LIMITS: FigureLimits = {
  ...FIGURE_LIMITS,
  floodBegin: 4,
  floodEnd: 2,
  floodWindowMs: 30_000,
  standingMs: 60_000,
  binOver: 3,
  hourOver: 5,
};

const FIRE: Rule = {
  key: 'fire',
  version: 1,
  class: 'fire',
  title: { zh: '火警', en: 'Fire' },
  latching: false,
  condition: {
    kind: 'discrete',
    pointId: 'fire',
    alarmValues: [{ value: true, level: 'fire', severity: 900 }],
    again: { countId: 'count' },
    onDelayMs: 0,
    offDelayMs: 0,
  },
};

/** What the engine says to a history of acts. */
function transitionsOf(history: readonly (readonly [number, AlarmAct])[]): readonly Transition[] {
  const engine = AlarmEngine.create();
  const first = new Map<string, string>();
  const all: Transition[] = [];
  let now = T0;
  for (const [index, [gap, act]] of history.entries()) {
    now += gap;
    const input = engineInputOf(act, now, [...engine.alarms()], first);
    const { transitions } = engine.apply({ offset: index + 1, at: now, input });
    for (const transition of transitions) {
      if (!first.has(transition.alarmId)) first.set(transition.alarmId, transition.eventId);
      all.push(transition);
    }
  }
  return all;
}

/** As a history gives it: the alarms open at the begin, then the transitions of the range. */
function foldOf(all: readonly Transition[], range: FigureRange, grouping?: FigureGrouping): AlarmFold {
  const fold = new AlarmFold(range, grouping, LIMITS);
  const before = all.filter(({ at }) => at < range.from);
  for (const { alarmId, alarm } of before.filter(
    ({ alarmId, seq }) => before.findLast((other) => other.alarmId === alarmId)?.seq === seq,
  )) {
    if (alarm.state === 'NORM') continue;
    fold.begin(alarm, announcementTimes(before.filter((event) => event.alarmId === alarmId)));
  }
  for (const transition of all)
    if (transition.at >= range.from && transition.at < range.to) fold.add(transition);
  return fold;
}

const moment = fc.integer({ min: -1_000, max: 600_000 }).map((after) => T0 + after);
const range = fc.tuple(moment, moment).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1 }));

const stream = coveredHistory(3).map(transitionsOf);

describe('figures of a range', () => {
  it('[KP1] are what their definitions say, of any stream and any range', () => {
    fc.assert(
      fc.property(stream, range, (all, asked) => {
        const { total, floods, apart, load } = foldOf(all, asked).figures();
        const naive = naiveFigures(all, asked, LIMITS);
        expect(total.announced).toBe(naive.announced);
        expect(apart.drill + apart.test).toBe(naive.apart);
        expect(total.response).toMatchObject({
          count: naive.responses.length,
          max: naive.responses.at(-1) ?? null,
          p50: naive.responses[Math.ceil(naive.responses.length / 2) - 1] ?? null,
        });
        expect(total.reannounced).toBe(naive.reannounced);
        expect(total.covered).toBe(naive.covered);
        expect(total.superseded).toBe(naive.superseded);
        expect(total.settled).toBe(naive.settled);
        expect(total.removed).toBe(naive.removed);
        expect(total.unacknowledgedAtBegin).toBe(naive.unacknowledgedAtBegin);
        expect(total.unacknowledgedAtEnd).toBe(naive.unacknowledgedAtEnd);
        expect(total.standing).toBe(naive.standing);
        expect(total.fleeting).toBe(naive.fleeting);
        expect(total.chattering).toBe(naive.chattering);
        expect(floods.map(({ from, to }) => ({ from, to }))).toEqual(naive.floods);
        expect(total.peakBin).toBe(Math.max(0, ...naive.bins));
        expect(total.binsOver).toBe(naive.bins.filter((count) => count > LIMITS.binOver).length);
        expect(total.hoursOver).toBe(naive.hours.filter((count) => count > LIMITS.hourOver).length);
        expect(load.announced.reduce((sum, count) => sum + count, 0)).toBe(naive.announced);
      }),
      { numRuns: 300 },
    );
  });

  it('[KP7] [AL146] [AL148] another place is announced, no chatter, and makes what stands no younger', () => {
    const story = new Timeline(deviceWith([FIRE]));
    story.at('1s').reading('fire', true);
    for (let place = 2; place <= 6; place++) story.at(`${place * 10}s`).reading('count', place);
    story.at('90s').reading('fire', false);
    const asked = { from: TIMELINE_START, to: TIMELINE_START + 100_000 };
    const { total } = foldOf(story.all, asked).figures();
    expect(total).toMatchObject({ announced: 6, chattering: 0, standing: 1, superseded: 5 });
  });

  it('[KP3] do not change when transitions come twice, or a page is read again', () => {
    fc.assert(
      fc.property(stream, range, fc.nat(), (all, asked, cut) => {
        const once = foldOf(all, asked);
        const twice = foldOf(all, asked);
        for (const transition of all.slice(cut % (all.length + 1))) twice.add(transition);
        expect(twice.figures()).toEqual(once.figures());
      }),
    );
  });

  it('[KP8] account for every occurrence: what waited and what came is acknowledged, gone or still waits', () => {
    fc.assert(
      fc.property(stream, range, (all, asked) => {
        const { total } = foldOf(all, asked).figures();
        expect(total.unacknowledgedAtBegin + total.announced + total.reopened).toBe(
          total.response.count + total.superseded + total.removed + total.settled + total.unacknowledgedAtEnd,
        );
      }),
    );
  });

  it('[KP3] a range split anywhere has the counts of its parts together', () => {
    fc.assert(
      fc.property(stream, range, moment, (all, { from, to }, at) => {
        const middle = Math.min(Math.max(at, from), to);
        const whole = foldOf(all, { from, to }).figures().total;
        const first = foldOf(all, { from, to: middle }).figures().total;
        const second = foldOf(all, { from: middle, to }).figures().total;
        for (const figure of ['announced', 'superseded', 'removed', 'settled'] as const) {
          expect([figure, first[figure] + second[figure]]).toEqual([figure, whole[figure]]);
        }
        expect(first.response.count + second.response.count).toBe(whole.response.count);
        expect(Math.max(first.response.max ?? 0, second.response.max ?? 0)).toBe(whole.response.max ?? 0);
        expect(first.unacknowledgedAtEnd).toBe(second.unacknowledgedAtBegin);
        expect(second.unacknowledgedAtEnd).toBe(whole.unacknowledgedAtEnd);
        expect(second.standingAtEnd).toBe(whole.standingAtEnd);
      }),
    );
  });

  it('[KP9] of the groups add up to the whole', () => {
    fc.assert(
      fc.property(
        stream,
        range,
        fc.constantFrom<FigureGrouping>('site', 'class', 'rule'),
        (all, asked, by) => {
          const { total, groups } = foldOf(all, asked, by).figures();
          const sum = (
            figure: 'announced' | 'chattering' | 'fleeting' | 'standing' | 'unacknowledgedAtEnd',
          ): number => groups.reduce((count, { tally }) => count + tally[figure], 0);
          for (const figure of [
            'announced',
            'chattering',
            'fleeting',
            'standing',
            'unacknowledgedAtEnd',
          ] as const) {
            expect([figure, sum(figure)]).toEqual([figure, total[figure]]);
          }
          expect(groups.reduce((count, { tally }) => count + tally.response.count, 0)).toBe(
            total.response.count,
          );
        },
      ),
    );
  });

  it('[KP9] of seats are the acknowledgements of each person', () => {
    fc.assert(
      fc.property(stream, range, (all, asked) => {
        const { total, groups } = foldOf(all, asked, 'seat').figures();
        expect(groups.reduce((count, { tally }) => count + tally.response.count, 0)).toBe(
          total.response.count,
        );
        for (const { key } of groups) expect(key).toBe('operator');
      }),
    );
  });
});
