import {
  HISTORICAL,
  QUALITIES,
  sampleValue,
  samplesBegin,
  slice,
  type ReadingColumns,
} from '@watchfire/readings';
import type { JournalEntry, JournalPart, JournalRecord, SampleTuple } from './record.js';

/** The offset of its newest record or reading. */
export function lastOffset(part: JournalPart): number {
  return 'readings' in part ? part.offset + part.readings.count - 1 : part.offset;
}

/**
 * Everything in it as single entries, readings as records: for followers of rare kinds, and for looking at. It costs objects,
 * so nothing on the way of a reading uses it.
 */
export function* entriesOf(part: JournalPart): Iterable<JournalEntry> {
  if ('record' in part) {
    yield part;
    return;
  }
  const { offset, at, readings } = part;
  for (let i = 0; i < readings.count; i++) {
    yield { offset: offset + i, at, record: readingRecord(readings, i) };
  }
}

/** What it holds of the offsets `from` to `to`, both inclusive; readings are views on the same memory. */
export function partWithin(part: JournalPart, from: number, to: number): JournalPart | undefined {
  const { offset } = part;
  const last = lastOffset(part);
  if (last < from || offset > to) return undefined;
  if (offset >= from && last <= to) return part;
  if (!('readings' in part)) return undefined;
  const first = Math.max(offset, from);
  const readings = slice(part.readings, first - offset, Math.min(last, to) - offset + 1);
  return { offset: first, at: part.at, readings };
}

export function partsWithin(parts: readonly JournalPart[], from: number, to: number): readonly JournalPart[] {
  const within: JournalPart[] = [];
  for (const part of parts) {
    const piece = partWithin(part, from, to);
    if (piece !== undefined) within.push(piece);
  }
  return within;
}

function readingRecord(readings: ReadingColumns, reading: number): JournalRecord {
  const source = readings.sources[readings.source[reading]!]!;
  const ts = readings.ts[reading]!;
  const deviceTime = readings.deviceTime[reading]!;
  const seq = readings.seq[reading]!;
  const boot = readings.boots[readings.boot[reading]! - 1];
  const samples: SampleTuple[] = [];
  for (let i = samplesBegin(readings, reading); i < readings.sampleEnd[reading]!; i++) {
    const pointId = source.pointIds[readings.point[i]!]!;
    const quality = QUALITIES[readings.quality[i]!] ?? 'bad';
    const value = sampleValue(readings, i);
    samples.push(quality === 'good' ? [pointId, value] : [pointId, value, quality]);
  }
  return {
    kind: 'reading',
    deviceId: source.deviceId,
    receivedAt: readings.receivedAt[reading]!,
    ts,
    ...(Number.isNaN(deviceTime) || deviceTime === ts ? {} : { deviceTime }),
    ...(Number.isNaN(seq) ? {} : { seq }),
    ...(boot === undefined ? {} : { boot }),
    ...((readings.flags[reading]! & HISTORICAL) === 0 ? {} : { hist: true as const }),
    samples,
  };
}
