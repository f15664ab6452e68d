import { describe, expect, it } from '@jest/globals';
import {
  AlarmEngine,
  type Condition,
  type DeviceConfiguration,
  type PointValue,
  type Rule,
} from '@watchfire/alarm';
import { type SampleColumns } from '@watchfire/history';
import { deviceWith } from '@watchfire/testing';
import fc from 'fast-check';
import { type BackTestPlan, type BackTestResult } from './model.js';
import { runBackTest } from './run.js';

const FROM = Date.UTC(2026, 0, 5, 8);
const HOUR = 3_600_000;

interface Stored {
  readonly ts: number;
  readonly receivedAt: number;
  readonly value: PointValue;
  readonly quality: number;
}

/** `[second, value, received seconds later, quality]`; the second counts from `from`. */
type Told = readonly [second: number, value: PointValue, lateSeconds?: number, quality?: 0 | 1 | 2];

function stored([second, value, late = 0, quality = 0]: Told): Stored {
  const ts = FROM + second * 1_000;
  return { ts, receivedAt: ts + late * 1_000, value, quality };
}

/** A history in memory, as the port answers. */
function historyOf(points: Readonly<Record<string, readonly Stored[]>>) {
  return (pointId: string, from: number, to: number, limit: number): Promise<SampleColumns> => {
    const rows = (points[pointId] ?? [])
      .filter(({ ts }) => ts >= from && ts < to)
      .sort((a, b) => a.ts - b.ts)
      .slice(0, limit);
    return Promise.resolve({
      ts: Float64Array.from(rows, ({ ts }) => ts),
      receivedAt: Float64Array.from(rows, ({ receivedAt }) => receivedAt),
      quality: Uint8Array.from(rows, ({ quality }) => quality),
      values: rows.map(({ value }) => value),
    });
  };
}

const high = (limit: number, over: Partial<Condition & { kind: 'limit' }> = {}): Condition => ({
  kind: 'limit',
  pointId: 'p1',
  limits: [{ level: 'H', limit, severity: 700, deadband: 0 }],
  onDelayMs: 0,
  offDelayMs: 0,
  ...over,
});

function device(condition: Condition | undefined, over: Partial<Rule> = {}): DeviceConfiguration {
  const title = { zh: '规则', en: 'Rule' };
  const rule = { key: 'r', version: 1, class: 'gas', title, latching: false, ...over };
  return deviceWith(condition === undefined ? [] : [{ ...rule, condition }], {
    points: ['p1', 'p2'].map((id) => ({ pointId: id, key: id, name: { zh: id, en: id }, unit: null })),
  });
}

function plan(
  present: DeviceConfiguration,
  changed: DeviceConfiguration,
  over: Partial<BackTestPlan> = {},
): BackTestPlan {
  return {
    devices: [{ present, changed }],
    ruleKey: 'r',
    from: FROM,
    to: FROM + HOUR,
    warmUpMs: HOUR,
    maxLateMs: 86_400_000,
    maxAheadMs: 60_000,
    ...over,
  };
}

function test(present: Condition, changed: Condition, samples: readonly Told[]): Promise<BackTestResult> {
  return runBackTest(plan(device(present), device(changed)), historyOf({ p1: samples.map(stored) }));
}

describe('a changed rule on stored samples', () => {
  it('[BT1] raises what its own limit says, beside what the present limit did', async () => {
    const result = await test(high(25), high(20), [
      [0, 10],
      [60, 22],
      [120, 10],
      [600, 30],
      [900, 10],
    ]);
    expect(result.present).toMatchObject({ raised: 1, standingMs: 300_000, firstAt: FROM + 600_000 });
    expect(result.changed).toMatchObject({ raised: 2, standingMs: 360_000, firstAt: FROM + 60_000 });
    expect(result).toMatchObject({ samples: 5, onlyPresent: 0, onlyChanged: 1 });
    expect(result.differences).toEqual([
      {
        only: 'changed',
        deviceId: 'd1',
        deviceName: 'Detector 1',
        raisedAt: FROM + 60_000,
        clearedAt: FROM + 120_000,
        level: 'H',
        severity: 700,
        value: 22,
      },
    ]);
  });

  it('[BT2] takes samples in the order of receipt, not of device time', async () => {
    // The low value was measured in between, and came when the alarm was already over.
    const samples: Told[] = [
      [0, 30],
      [10, 10, 100],
      [20, 30],
      [40, 10],
    ];
    const { present } = await test(high(25), high(25), samples);
    expect(present).toMatchObject({ raised: 1, standingMs: 40_000 });
  });

  it('[BT2] leaves out what is later than any late sample may be: it was back-filled', async () => {
    const result = await test(high(25), high(25), [
      [0, 10],
      [5, 30, 86_401],
      [10, 10],
    ]);
    expect(result).toMatchObject({ historicalSamples: 1, samples: 2, present: { raised: 0 } });
  });

  it('[BT3] a delay fires at its time, also where no sample comes for long', async () => {
    const result = await test(high(25), high(25, { onDelayMs: 30_000 }), [
      [0, 10],
      [60, 30],
      [3_000, 10],
    ]);
    expect(result.changed).toMatchObject({ raised: 1, firstAt: FROM + 90_000, standingMs: 2_910_000 });
    expect(result).toMatchObject({ onlyPresent: 0, onlyChanged: 0 });
  });

  it('[BT3] silence is found at its time, and to the end of the period', async () => {
    const stale = (afterMs: number): Condition => ({ kind: 'stale', pointId: 'p1', afterMs, severity: 500 });
    const result = await test(stale(600_000), stale(60_000), [
      [-10, 1],
      [0, 1],
      [100, 1],
    ]);
    expect(result.present).toMatchObject({ raised: 1, firstAt: FROM + 700_000, activeAtEnd: 1 });
    expect(result.changed).toMatchObject({
      raised: 2,
      firstAt: FROM + 60_000,
      standingMs: 40_000 + 3_440_000,
    });
    // Before the first sample of all there is silence too, but that is of the warm-up.
    expect(result.present.activeAtStart).toBe(0);
  });

  it('[BT4] what began in the warm-up stands at the begin and is not counted as raised', async () => {
    const result = await test(high(25), high(50), [
      [-600, 30],
      [10, 30],
      [20, 10],
      [600, 60],
    ]);
    expect(result.present).toMatchObject({
      raised: 1,
      activeAtStart: 1,
      fleeting: 0,
      standingMs: 20_000 + 3_000_000,
    });
    expect(result.changed).toMatchObject({ raised: 1, activeAtStart: 0, activeAtEnd: 1 });
    expect(result).toMatchObject({ onlyPresent: 0, onlyChanged: 0 });
  });

  it('[BT4] nothing from the end on counts', async () => {
    const { present, changed } = await test(high(25), high(25, { onDelayMs: 1_000 }), [
      [0, 10],
      [3_599, 30],
      [3_600, 10],
      [3_601, 30],
    ]);
    expect(present).toMatchObject({ raised: 1, activeAtEnd: 1, standingMs: 1_000 });
    expect(changed.raised).toBe(0);
  });

  it('[BT5] everything is acknowledged at once, and reset: each occurrence of a latching rule counts', async () => {
    const latching = device(high(25), { latching: true });
    const samples: Told[] = [0, 100, 200].flatMap((at): Told[] => [
      [at, 30],
      [at + 50, 10],
    ]);
    const result = await runBackTest(
      plan(latching, device(high(25))),
      historyOf({ p1: samples.map(stored) }),
    );
    expect(result.present).toEqual(result.changed);
    expect(result.present).toMatchObject({ raised: 3, announced: 3, standingMs: 150_000 });
  });

  it('[BT1] [AL146] reads the number by which a rule tells its occurrences apart', async () => {
    const alarmValues = [{ value: true, level: 'fire', severity: 900 }];
    const plain: Condition = { kind: 'discrete', pointId: 'p1', alarmValues, onDelayMs: 0, offDelayMs: 0 };
    const counted: Condition = { ...plain, again: { countId: 'p2' } };
    const points = {
      p1: (
        [
          [10, true],
          [20, true],
          [30, false],
        ] as const
      ).map((told) => stored(told)),
      p2: (
        [
          [10, 1],
          [20, 2],
          [30, 0],
        ] as const
      ).map((told) => stored(told)),
    };
    const { present, changed } = await runBackTest(plan(device(plain), device(counted)), historyOf(points));
    expect([present.announced, changed.announced, changed.raised]).toEqual([1, 2, 1]);
  });

  it('[BT6] a rule that is switched off, or was, raises nothing', async () => {
    const samples = historyOf({ p1: [stored([0, 30]), stored([10, 1])] });
    const off = await runBackTest(plan(device(high(25)), device(undefined)), samples);
    expect([off.present.raised, off.changed.raised, off.onlyPresent]).toEqual([1, 0, 1]);
    const on = await runBackTest(plan(device(undefined), device(high(25))), samples);
    expect([on.present.raised, on.changed.raised, on.onlyChanged]).toEqual([0, 1, 1]);
  });

  it('[BT7] tells chattering, fleeting and the busiest ten minutes of each', async () => {
    const samples = [0, 20, 40, 2_000].flatMap((at): Told[] => [
      [at, 30],
      [at + 10, 10],
    ]);
    const result = await test(high(25), high(25, { offDelayMs: 60_000 }), samples);
    expect(result.present).toMatchObject({
      raised: 4,
      chattering: 3,
      chatteringRuns: 1,
      fleeting: 4,
      mostInTenMinutes: 3,
      mostInTenMinutesAt: FROM,
      levels: { H: 4 },
    });
    expect(result.changed).toMatchObject({
      raised: 2,
      chattering: 0,
      fleeting: 0,
      standingMs: 110_000 + 70_000,
    });
  });

  it('[BT8] an alarm is another one only where the other rule had none in its whole time', async () => {
    const result = await test(high(25), high(25, { onDelayMs: 15_000 }), [
      [0, 30],
      [10, 10],
      [100, 30],
      [200, 10],
    ]);
    expect(result).toMatchObject({
      onlyPresent: 1,
      onlyChanged: 0,
      present: { raised: 2 },
      changed: { raised: 1 },
    });
    expect(result.differences.map(({ raisedAt }) => raisedAt)).toEqual([FROM]);
  });

  it('[BT9] gives up where more would be announced than anybody can read', async () => {
    const columns: SampleColumns = {
      ts: Float64Array.from({ length: 20_000 }, (_, index) => index),
      receivedAt: Float64Array.from({ length: 20_000 }, (_, index) => index),
      quality: new Uint8Array(20_000),
      values: Float64Array.from({ length: 20_000 }, (_, index) => (index % 2) * 30),
    };
    const shifted = (by: number) => columns.ts.map((ts) => ts + by);
    const endless = (_: string, from: number): Promise<SampleColumns> =>
      Promise.resolve({ ...columns, ts: shifted(from), receivedAt: shifted(from) });
    const long = plan(device(high(25)), device(high(25)), { to: FROM + 100_000, warmUpMs: 0 });
    await expect(runBackTest(long, endless, { mostAnnouncements: 1_000 })).rejects.toMatchObject({
      code: 'back_test_too_large',
    });
  });
});

describe('whatever is stored', () => {
  const sample = fc.record({
    second: fc.integer({ min: 0, max: 3_000 }),
    value: fc.integer({ min: 0, max: 40 }),
    late: fc.constantFrom(0, 0, 0, 1, 30, 400),
    quality: fc.constantFrom(0, 0, 0, 0, 1, 2),
  });
  const condition = fc.record({
    limit: fc.constantFrom(10, 25),
    onDelayMs: fc.constantFrom(0, 20_000),
    offDelayMs: fc.constantFrom(0, 45_000),
  });

  it('[BT1] it comes to what the engine of the server made of it as it came', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sample, { maxLength: 80 }),
        condition,
        async (samples, { limit, ...delays }) => {
          const rows = [...new Map(samples.map((one) => [one.second, one])).values()].map(
            ({ second, value, late, quality }) => stored([second, value, late, quality]),
          );
          const configuration = device(high(limit, delays));
          const live = AlarmEngine.create();
          let offset = 0;
          const happened = new Map<number, number>();
          const step = (at: number, input: Parameters<AlarmEngine['apply']>[0]['input']): void => {
            for (const { type, alarm } of live.apply({ offset: ++offset, at, input }).transitions) {
              if (type === 'raised') happened.set(at, (happened.get(at) ?? 0) + 1);
              if (!alarm.acked && type !== 'acknowledged') {
                const command = { kind: 'acknowledge' as const, alarmId: alarm.id, eventId: alarm.eventId };
                step(at, { kind: 'command', command, actor: 'operator', comment: null });
              }
            }
          };
          step(FROM, { kind: 'configure', device: configuration });
          const ticks = (until: number): void => {
            for (
              let due = live.nextDeadline();
              due !== undefined && due <= until;
              due = live.nextDeadline()
            ) {
              step(due, { kind: 'tick' });
            }
          };
          for (const { ts, receivedAt, value, quality } of rows.sort(
            (a, b) => a.receivedAt - b.receivedAt || a.ts - b.ts,
          )) {
            ticks(receivedAt);
            const named = (['good', 'uncertain', 'bad'] as const)[quality] ?? 'bad';
            const samplesOf = [{ pointId: 'p1', value, quality: named }];
            step(receivedAt, {
              kind: 'reading',
              deviceId: 'd1',
              receivedAt,
              ts,
              historical: false,
              samples: samplesOf,
            });
          }
          ticks(FROM + HOUR - 1);
          const { present, changed } = await runBackTest(
            plan(configuration, configuration),
            historyOf({ p1: rows }),
          );
          expect(present).toEqual(changed);
          expect(present.raised).toBe([...happened.values()].reduce((sum, count) => sum + count, 0));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('[BT2] pages change nothing', async () => {
    const rows = Array.from({ length: 45_000 }, (_, index) =>
      stored([index * 0.05, (index * 7_919) % 40, (index % 11) / 100]),
    );
    const whole = historyOf({ p1: rows });
    const pieces = (pointId: string, from: number, to: number, limit: number) =>
      whole(pointId, from, to, limit);
    const result = await runBackTest(plan(device(high(38)), device(high(38))), pieces);
    expect(result.samples).toBe(45_000);
    expect(result.present.raised).toBeGreaterThan(1_000);
  });
});
