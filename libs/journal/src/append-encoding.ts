import { encodeReadings, IS_NUMBER, IS_TEXT, type ReadingColumns } from '@watchfire/readings';
import { MAX_APPEND_BYTES, MAX_COMMIT_RECORDS } from './commit-format.js';
import { JournalError } from './errors.js';
import { type JournalRecord } from './record.js';

export interface EncodedRecord {
  readonly record: JournalRecord;
  readonly encoded: string;
  readonly count: 1;
  readonly bytes: number;
}

export interface EncodedReadings {
  readonly readings: ReadingColumns;
  readonly encoded: Uint8Array;
  /** Offsets that they take. */
  readonly count: number;
  /** About what they hold in memory. */
  readonly bytes: number;
}

/** What one append brings, as it goes to the disk. */
export type EncodedAppend = EncodedRecord | EncodedReadings;

/** What a dozen arrays cost beside their contents: a batch of one reading is mostly this. */
const BATCH_BYTES = 3072;

/** @throws JournalError `invalid_record` for what would come back from the disk as something else. */
export function encodeRecord(record: JournalRecord): EncodedRecord {
  if ('samples' in record) {
    for (const [pointId, value] of record.samples) {
      // JSON writes NaN and Infinity as null: after a restart the engine would see another value than before it.
      if (typeof value === 'number' && !Number.isFinite(value)) {
        throw invalid(`sample of ${pointId} is ${value}, which cannot be stored`);
      }
    }
  }
  let encoded: string;
  try {
    encoded = JSON.stringify(record);
  } catch (error) {
    throw new JournalError('invalid_record', 'record cannot be written as JSON', { cause: error });
  }
  if (encoded.length > MAX_APPEND_BYTES) {
    throw invalid(`record of ${encoded.length} characters is too long to be stored`);
  }
  return { record, encoded, count: 1, bytes: encoded.length };
}

/**
 * Checked before it is taken, since every reader would fail on it again at each start.
 *
 * @throws JournalError `invalid_record` for a batch that is empty or too large for one commit, and for columns that do not
 *   add up or hold a number that is not finite.
 */
export function encodeBatch(readings: ReadingColumns): EncodedReadings {
  const { count } = readings;
  if (count === 0) throw invalid('a batch without readings has no offset');
  if (count > MAX_COMMIT_RECORDS) {
    throw invalid(`${count} readings in one batch; a commit takes ${MAX_COMMIT_RECORDS}`);
  }
  checkReadings(readings);
  const encoded = encodeReadings(readings);
  if (encoded.byteLength > MAX_APPEND_BYTES) {
    throw invalid(`readings of ${encoded.byteLength} bytes are too long to be stored`);
  }
  return { readings, encoded, count, bytes: encoded.byteLength + BATCH_BYTES };
}

function checkReadings(readings: ReadingColumns): void {
  const { count, sources, source, receivedAt, ts, sampleEnd, point, type, value, texts } = readings;
  let sample = 0;
  for (let i = 0; i < count; i++) {
    const points = sources[source[i]!]?.pointIds.length;
    if (points === undefined) throw invalid(`reading ${i} has no source`);
    if (!Number.isFinite(receivedAt[i]) || !Number.isFinite(ts[i])) {
      throw invalid(`reading ${i} of ${sources[source[i]!]!.deviceId} has no time`);
    }
    for (const end = sampleEnd[i]!; sample < end; sample++) {
      const held = value[sample]!;
      if (point[sample]! < points && isStorable(type[sample]!, held, texts.length)) continue;
      throw invalid(
        `sample ${point[sample]} of ${sources[source[i]!]!.deviceId} is ${held}, which cannot be stored`,
      );
    }
  }
  if (sampleEnd.length !== count || sample !== value.length) {
    throw invalid(`${count} readings with ${sample} samples in columns of other lengths`);
  }
}

function isStorable(type: number, value: number, texts: number): boolean {
  if (type === IS_NUMBER) return Number.isFinite(value);
  return type === IS_TEXT ? value < texts : value === 0 || value === 1;
}

function invalid(message: string): JournalError {
  return new JournalError('invalid_record', message);
}
