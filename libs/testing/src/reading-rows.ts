import fc from 'fast-check';
import { type JournalRecord, type SampleTuple } from '@watchfire/journal';
import {
  HAS_DEVICE_TIME,
  HISTORICAL,
  QUALITIES,
  ReadingBuilder,
  ReadingSource,
  TIME_REFUSED,
  type ReadingColumns,
  type Value,
} from '@watchfire/readings';

/** One reading as a test writes it down: as an object, with points by number. */
export interface ReadingRow {
  /** Of the devices `device-0`, `device-1`, …, each with three points. */
  readonly device: number;
  readonly receivedAt: number;
  readonly ts: number;
  /** What the clock of the device said, where it was not believed. */
  readonly deviceTime?: number | undefined;
  readonly seq?: number | undefined;
  readonly boot?: string | undefined;
  readonly historical: boolean;
  readonly samples: readonly (readonly [point: number, value: Value, quality: number])[];
}

const pointIds = (device: number): string[] => ['a', 'b', 'c'].map((key) => `device-${device}.${key}`);

export function columnsOf(rows: readonly ReadingRow[]): ReadingColumns {
  const builder = new ReadingBuilder();
  for (const { device, receivedAt, ts, deviceTime, seq, boot, historical, samples } of rows) {
    for (const [point, value, quality] of samples) builder.sample(point, value, quality);
    const time = deviceTime === undefined ? 0 : HAS_DEVICE_TIME | TIME_REFUSED;
    const flags = time | (historical ? HISTORICAL : 0);
    builder.end(ReadingSource.of(`device-${device}`, pointIds(device)), receivedAt, ts, flags);
    builder.clockSaid(deviceTime ?? NaN);
    builder.identify(seq ?? NaN, boot);
  }
  return builder.take();
}

/** The record that is the same reading. */
export function recordOf(row: ReadingRow): JournalRecord {
  const { device, receivedAt, ts, deviceTime, seq, boot, historical } = row;
  const samples = row.samples.map(([point, value, quality]): SampleTuple => {
    const pointId = pointIds(device)[point] ?? '';
    return quality === 0 ? [pointId, value] : [pointId, value, QUALITIES[quality] ?? 'bad'];
  });
  return {
    kind: 'reading',
    deviceId: `device-${device}`,
    receivedAt,
    ts,
    ...(deviceTime === undefined || deviceTime === ts ? {} : { deviceTime }),
    ...(seq === undefined ? {} : { seq }),
    ...(boot === undefined ? {} : { boot }),
    ...(historical ? { hist: true } : {}),
    samples,
  };
}

export function anyRow(): fc.Arbitrary<ReadingRow> {
  const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.string({ unit: 'grapheme' }),
  );
  return fc.record(
    {
      device: fc.nat(4),
      receivedAt: time,
      ts: time,
      deviceTime: fc.option(time, { nil: undefined }),
      seq: fc.option(fc.nat(), { nil: undefined }),
      boot: fc.option(fc.constantFrom('first', '再'), { nil: undefined }),
      historical: fc.boolean(),
      samples: fc.array(fc.tuple(fc.nat(2), value, fc.nat(2)), { maxLength: 4 }),
    },
    { requiredKeys: ['device', 'receivedAt', 'ts', 'historical', 'samples'] },
  );
}
