import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline, TIMELINE_START } from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import { type Condition, type DeviceConfiguration, type EngineInput, type Rule } from './model.js';
import { Reorder } from './reorder.js';

const LIMIT: Condition = {
  kind: 'limit',
  pointId: 't',
  limits: [
    { level: 'H', limit: 6, severity: 500, deadband: 1 },
    { level: 'HH', limit: 8, severity: 900, deadband: 1 },
  ],
  onDelayMs: 3_000,
  offDelayMs: 2_000,
};
const ruleOf = (condition: Condition, key: string): Rule => ({
  key,
  version: 1,
  class: 'process',
  title: { zh: '规则', en: 'Rule' },
  latching: false,
  condition,
});
const RULES: readonly Rule[] = [
  ruleOf(LIMIT, 'level'),
  ruleOf({ ...LIMIT, onDelayMs: 0, offDelayMs: 0 }, 'at-once'),
  ruleOf(
    {
      kind: 'rate',
      pointId: 't',
      windowMs: 4_000,
      perMs: 1_000,
      limits: LIMIT.limits,
      onDelayMs: 0,
      offDelayMs: 0,
    },
    'rate',
  ),
  ruleOf(
    {
      kind: 'drift',
      pointId: 't',
      target: { value: 4 },
      direction: 'both',
      slack: 1,
      threshold: 6,
      severity: 400,
    },
    'drift',
  ),
  ruleOf(
    { kind: 'count', pointId: 't', values: [7, 8, 9], count: 2, windowMs: 8_000, severity: 300 },
    'count',
  ),
  ruleOf({ kind: 'frozen', pointId: 't', afterMs: 3_000, tolerance: 0, severity: 300 }, 'frozen'),
];

function device(reorderMs: number, rules: readonly Rule[] = RULES): DeviceConfiguration {
  const configuration = deviceWith(rules);
  return { ...configuration, points: configuration.points.map((point) => ({ ...point, reorderMs })) };
}

describe('a reorder window', () => {
  it('[AL86] applies samples in the order of their times, when the window has passed', () => {
    new Timeline(device(10_000, [ruleOf({ ...LIMIT, onDelayMs: 0, offDelayMs: 0 }, 'r')]))
      .at('20s')
      .reading('t', 6.5, { measured: '19s' })
      .reading('t', 9, { measured: '18s' })
      .reading('t', 1, { measured: '20s' })
      .expectNoAlarm()
      .expectNextDeadline('28s')
      .at('28s')
      .expectAlarm({
        level: 'HH',
        value: 9,
        raisedAt: TIMELINE_START + 18_000,
        receivedAt: TIMELINE_START + 20_000,
      })
      .at('29s')
      .expectAlarm({ level: 'H' })
      .at('40s')
      .expectAlarm({ active: false });
  });

  it('[AL86] is over at its end: what comes then has its turn at once', () => {
    new Timeline(device(10_000, [ruleOf({ ...LIMIT, onDelayMs: 0 }, 'r')]))
      .at('20s')
      .reading('t', 7, { measured: '10s' })
      .expectHappened('raised');
  });

  it('[AL86] what comes again and again takes no room', () => {
    const reorder = new Reorder(null, 'd1 t');
    reorder.windowMs = 10_000;
    const sample = { ts: 0, receivedAt: 0, value: 7, quality: 'good' } as const;
    reorder.add(sample);
    reorder.add({ ...sample, receivedAt: 1 });
    reorder.add({ ...sample, value: 8 });
    expect(reorder.held.map(({ value }) => value)).toEqual([7, 8]);
  });

  it('[AL15] [AL86] the time in which a sample was held counts for its on-delay', () => {
    const line = new Timeline(device(10_000, [ruleOf({ ...LIMIT, onDelayMs: 15_000 }, 'r')]));
    line
      .at('0s')
      .reading('t', 7)
      .at('14.999s')
      .expectNoAlarm()
      .at('15s')
      .expectAlarm({ raisedAt: line.time('15s') });
  });

  it('[AL13] [AL86] what comes after the window is late, or has its turn at once', () => {
    new Timeline(device(5_000, [ruleOf({ ...LIMIT, onDelayMs: 0 }, 'r')]))
      .at('20s')
      .reading('t', 7, { measured: '10s' })
      .expectAlarm({ active: true })
      .reading('t', 1, { measured: '9s' })
      .at('1m')
      .expectAlarm({ active: true });
  });

  it('[AL86] what is held has its turn when the window is taken away, and goes with its point', () => {
    const rules = [ruleOf({ ...LIMIT, onDelayMs: 0 }, 'r')];
    new Timeline(device(60_000, rules))
      .reading('t', 7)
      .at('1s')
      .configure(device(0, rules))
      .at('2s')
      .expectHappened('raised');
    new Timeline(device(60_000, rules)).reading('t', 7).at('1s').remove().expectNextDeadline(undefined);
  });

  it('[AL86] a flood does not fill the memory', () => {
    const engine = AlarmEngine.create();
    let offset = 1;
    engine.apply({ offset, at: TIMELINE_START, input: { kind: 'configure', device: device(600_000) } });
    for (let second = 0; second < 1_100; second++) {
      offset += 1;
      const ts = TIMELINE_START + second;
      engine.apply({ offset, at: TIMELINE_START + 1_100, input: readingAt(ts, second) });
    }
    const [point] = engine.snapshot().lanes[0]?.devices[0]?.points ?? [];
    expect(point?.[5]).toHaveLength(1_000);
  });

  it('[AL86] the order of arrival within the window makes no difference (invariants 9 and 10)', () => {
    const sample = fc.record({
      agoMs: fc.integer({ min: 0, max: 9_000 }),
      value: fc.integer({ min: 0, max: 9 }),
      bad: fc.constantFrom(false, false, false, true),
    });
    const story = fc
      .array(sample, { minLength: 1, maxLength: 14 })
      .chain((samples) =>
        fc.tuple(
          fc.constant(samples),
          fc.shuffledSubarray(samples, { minLength: samples.length }),
          fc.array(fc.nat(samples.length - 1), { maxLength: 3 }),
        ),
      );
    fc.assert(
      fc.property(story, ([samples, shuffled, again]) => {
        const sorted = samples.toSorted((a, b) => b.agoMs - a.agoMs);
        const repeated = again.flatMap((index) => shuffled[index] ?? []);
        expect(after([...shuffled, ...repeated])).toBe(after([...sorted, ...repeated]));
        expect(after([...shuffled, ...repeated])).toBe(
          after([...shuffled, ...repeated.map(() => undefined)]),
        );
      }),
      { numRuns: 500 },
    );
  });
});

interface Late {
  readonly agoMs: number;
  readonly value: number;
  readonly bad: boolean;
}

function readingAt(ts: number, value: number, bad = false, receivedAt = TIMELINE_START + 1_100): EngineInput {
  const quality = bad ? ('bad' as const) : ('good' as const);
  return {
    kind: 'reading',
    deviceId: 'd1',
    receivedAt,
    ts,
    historical: false,
    samples: [{ pointId: 't', value, quality }],
  };
}

/** The state a minute later, when all of them came at once in this order; undefined: a record about nothing in its place. */
function after(order: readonly (Late | undefined)[]): string {
  const engine = AlarmEngine.create();
  let offset = 1;
  engine.apply({ offset, at: TIMELINE_START, input: { kind: 'configure', device: device(10_000) } });
  const now = TIMELINE_START + 10_000;
  for (const one of order) {
    offset += 1;
    const input =
      one === undefined ? { kind: 'tick' as const } : readingAt(now - one.agoMs, one.value, one.bad, now);
    engine.apply({ offset, at: now, input });
  }
  const transitions: unknown[] = [];
  for (let second = 1; second <= 60; second++) {
    offset += 1;
    transitions.push(
      ...engine.apply({ offset, at: now + second * 1_000, input: { kind: 'tick' } }).transitions,
    );
  }
  return JSON.stringify([transitions, engine.snapshot()]);
}
