import { describe, expect, it } from '@jest/globals';
import {
  HAS_DEVICE_TIME,
  HISTORICAL,
  QUALITIES,
  ReadingBuilder,
  ReadingSource,
  TIME_REFUSED,
  type ReadingColumns,
} from '@watchfire/readings';
import {
  ALARM_POINTS,
  type AlarmAct,
  alarmAct,
  alarmDevice,
  deviceWith,
  engineInputOf,
  TIMELINE_START,
} from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import { type EngineInput, type PointValue, type Transition } from './model.js';

/** A reading before it is known when. */
interface Said {
  readonly deviceId: string;
  /** Which of the orders of points the columns use. */
  readonly order: number;
  readonly samples: readonly (readonly [point: number, value: PointValue, quality: 0 | 1 | 2])[];
  readonly agoMs: number;
  readonly receivedAgoMs: number;
  /** How far the clock of the device is behind; undefined: it says nothing; 'refused': what it says is not believed. */
  readonly behindMs: number | 'refused' | undefined;
  readonly historical: boolean;
}

type Step =
  | { readonly kind: 'act'; readonly act: AlarmAct }
  | {
      readonly kind: 'batch';
      readonly said: readonly Said[];
      /** How many records before the first new one are sent again with them. */
      readonly repeated: number;
      readonly lagMs: number;
    };

const ORDERS: readonly (readonly string[])[] = [
  [...ALARM_POINTS, 'nowhere'],
  ['nowhere', ...[...ALARM_POINTS].reverse()],
];

const value: fc.Arbitrary<PointValue> = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 2.5, max: 5.5, noNaN: true }) },
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 2, arbitrary: fc.constantFrom(4, -0, NaN, Infinity, 8.5, true, false, 'text', '') },
);
const said: fc.Arbitrary<Said> = fc.record({
  deviceId: fc.constantFrom('d1', 'd1', 'd2', 'unknown'),
  order: fc.nat(ORDERS.length - 1),
  samples: fc.array(fc.tuple(fc.nat(2), value, fc.constantFrom(0, 0, 0, 0, 0, 1, 2)), { maxLength: 4 }),
  agoMs: fc.constantFrom(0, 0, 0, 0, 0, 1_000, 8_000, 30_000, -2_000),
  receivedAgoMs: fc.constantFrom(0, 0, 1, 40),
  behindMs: fc.constantFrom(undefined, 0, 0, 500, 2_000, 5_000, -4_000, 'refused' as const),
  historical: fc.constantFrom(false, false, false, false, false, true),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: alarmAct.map((act): Step => ({ kind: 'act', act })) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('batch' as const),
      said: fc.array(said, { minLength: 1, maxLength: 12 }),
      repeated: fc.constantFrom(0, 0, 0, 1, 3, 20),
      lagMs: fc.constantFrom(0, 0, 0, 2_000),
    }),
  },
);
const story = fc.record({
  devices: fc.array(alarmDevice, { minLength: 1, maxLength: 2 }),
  steps: fc.array(fc.tuple(fc.constantFrom(0, 1, 1_000, 4_000, 5_000, 21_000, 60_000), step), {
    maxLength: 30,
    size: 'max',
  }),
});

interface Times {
  readonly receivedAt: number;
  readonly ts: number;
  readonly deviceTime: number | undefined;
}

function timesOf({ agoMs, receivedAgoMs, behindMs }: Said, now: number): Times {
  const receivedAt = now - receivedAgoMs;
  if (behindMs === 'refused') return { receivedAt, ts: receivedAt, deviceTime: 86_400_000 };
  const ts = receivedAt - agoMs;
  return { receivedAt, ts, deviceTime: behindMs === undefined ? undefined : ts - behindMs };
}

function asInput(one: Said, now: number): EngineInput {
  const { receivedAt, ts, deviceTime } = timesOf(one, now);
  return {
    kind: 'reading',
    deviceId: one.deviceId,
    receivedAt,
    ts,
    ...(deviceTime === undefined ? {} : { deviceTime }),
    historical: one.historical,
    samples: one.samples.map(([point, sampleValue, quality]) => ({
      pointId: ORDERS[one.order]![point]!,
      value: sampleValue,
      quality: QUALITIES[quality],
    })),
  };
}

function asColumns(readings: readonly Said[], now: number): ReadingColumns {
  const builder = new ReadingBuilder();
  for (const one of readings) {
    const { receivedAt, ts, deviceTime } = timesOf(one, now);
    for (const [point, sampleValue, quality] of one.samples) builder.sample(point, sampleValue, quality);
    const flags =
      (one.historical ? HISTORICAL : 0) |
      (deviceTime === undefined ? 0 : HAS_DEVICE_TIME) |
      (one.behindMs === 'refused' ? TIME_REFUSED : 0);
    builder.end(ReadingSource.of(one.deviceId, ORDERS[one.order]!), receivedAt, ts, flags);
    if (deviceTime !== undefined) builder.clockSaid(deviceTime);
  }
  return builder.take();
}

const restored = (engine: AlarmEngine): AlarmEngine =>
  AlarmEngine.restore(JSON.parse(JSON.stringify(engine.snapshot())) as ReturnType<AlarmEngine['snapshot']>);

/** One engine that is given columns, and one that is given records and forgets before each what it knows to be calm. */
class Pair {
  readonly batched = AlarmEngine.create();
  alone = AlarmEngine.create();
  now = TIMELINE_START;

  apply(input: EngineInput): void {
    const offset = this.alone.offset + 1;
    this.alone = restored(this.alone);
    const outcome = this.alone.apply({ offset, at: this.now, input });
    expect(this.batched.apply({ offset, at: this.now, input })).toEqual(outcome);
    this.compare();
  }

  read(step: Step & { kind: 'batch' }): void {
    const offset = Math.max(1, this.alone.offset + 1 - step.repeated);
    const at = this.now - step.lagMs;
    const transitions: Transition[] = [];
    const causes: number[] = [];
    step.said.forEach((one, index) => {
      this.alone = restored(this.alone);
      const outcome = this.alone.apply({ offset: offset + index, at, input: asInput(one, this.now) });
      for (const transition of outcome.transitions) {
        transitions.push(transition);
        causes.push(offset + index);
      }
    });
    const columns = asColumns(step.said, this.now);
    expect(this.batched.applyReadings(offset, at, columns)).toEqual({ transitions, causes });
    expect(this.batched.applyReadings(offset, at, columns)).toEqual({ transitions: [], causes: [] });
    this.compare();
  }

  private compare(): void {
    expect(JSON.stringify(this.batched.snapshot())).toBe(JSON.stringify(this.alone.snapshot()));
    expect(this.batched.nextDeadline()).toBe(this.alone.nextDeadline());
    for (const id of ['d1', 'd2']) expect(this.batched.clockSkew(id)).toBe(this.alone.clockSkew(id));
  }
}

describe('readings in columns', () => {
  it('[AL31] change exactly what they change one by one', () => {
    fc.assert(
      fc.property(story, ({ devices, steps }) => {
        const pair = new Pair();
        const eventIds = new Map<string, string>();
        for (const device of devices) pair.apply({ kind: 'configure', device });
        for (const [stepMs, one] of steps) {
          pair.now += stepMs;
          if (one.kind === 'batch') pair.read(one);
          else pair.apply(engineInputOf(one.act, pair.now, [...pair.alone.alarms()], eventIds));
        }
      }),
      { numRuns: 150 },
    );
  });

  const GAS = deviceWith([
    {
      key: 'gas',
      version: 1,
      class: 'gas',
      title: { zh: '浓度', en: 'Gas' },
      latching: false,
      condition: {
        kind: 'limit',
        pointId: 'lel',
        limits: [{ level: 'H', limit: 25, severity: 700, deadband: 0 }],
        onDelayMs: 0,
        offDelayMs: 0,
      },
    },
  ]);
  const SOURCE = ReadingSource.of('d1', ['lel']);
  const columnsOf = (...values: number[]): ReadingColumns => {
    const builder = new ReadingBuilder();
    for (const one of values) {
      builder.number(0, one, 0);
      builder.end(SOURCE, TIMELINE_START, TIMELINE_START, 0);
    }
    return builder.take();
  };

  it('name the record that was behind each transition', () => {
    const engine = AlarmEngine.create();
    engine.apply({ offset: 1, at: TIMELINE_START, input: { kind: 'configure', device: GAS } });
    const outcome = engine.applyReadings(2, TIMELINE_START, columnsOf(1, 30, 31, 1));
    expect(outcome.causes).toEqual([3, 5]);
    expect(outcome.transitions.map(({ type, eventId }) => [type, eventId])).toEqual([
      ['raised', '3-0'],
      ['returned', '5-0'],
    ]);
    expect(engine.offset).toBe(5);
  });

  it('of a device that is configured, removed and configured again find the device of now', () => {
    const engine = AlarmEngine.create();
    const types = (offset: number): string[] =>
      engine.applyReadings(offset, TIMELINE_START, columnsOf(30)).transitions.map(({ type }) => type);
    expect(types(1)).toEqual([]);
    engine.apply({ offset: 2, at: TIMELINE_START, input: { kind: 'configure', device: GAS } });
    expect(types(3)).toEqual(['raised']);
    engine.apply({
      offset: 4,
      at: TIMELINE_START,
      input: { kind: 'remove', deviceId: 'd1', actor: 'admin' },
    });
    expect(types(5)).toEqual([]);
    engine.apply({ offset: 6, at: TIMELINE_START, input: { kind: 'configure', device: GAS } });
    expect(types(7)).toEqual(['raised']);
  });
});
