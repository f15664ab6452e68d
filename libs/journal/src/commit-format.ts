import { crc32 } from 'node:zlib';
import { JournalError } from './errors.js';
import type { JournalEntry, JournalRecord } from './record.js';

/**
 * Version of the records in a commit and of their framing. Version 1: UTF-8, one line a record, of the journal time less
 * that of the first record (ms), a space, and the record as JSON.
 */
export const RECORD_VERSION = 1;

/** Also the most offsets that one damaged commit can cost, so it is part of the format: never raise it for version 1. */
export const MAX_COMMIT_RECORDS = 4096;
/** A commit is closed when it has reached this, so that neighbours are not delayed by the writing of a huge one. */
export const MAX_COMMIT_BYTES = 4 * 1024 * 1024;
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

export interface CommitHeader {
  readonly firstOffset: number;
  readonly version: number;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface StoredCommit extends CommitHeader {
  readonly payload: Uint8Array;
}

/** @throws JournalError `invalid_record` for what would come back from the disk as something else. */
export function encodeRecord(record: JournalRecord): string {
  if ('samples' in record) {
    for (const [pointId, value] of record.samples) {
      // JSON writes NaN and Infinity as null: after a restart the engine would see another value than before it.
      if (typeof value === 'number' && !Number.isFinite(value)) {
        throw new JournalError('invalid_record', `sample of ${pointId} is ${value}, which cannot be stored`);
      }
    }
  }
  let text: string | undefined;
  try {
    text = JSON.stringify(record);
  } catch (error) {
    throw new JournalError('invalid_record', 'record cannot be written as JSON', { cause: error });
  }
  if (text.length > MAX_RECORD_BYTES) {
    throw new JournalError('invalid_record', `record of ${text.length} characters is too long to be stored`);
  }
  return text;
}

/** `records` as encoded by `encodeRecord`, `times` their journal times. */
export function encodePayload(records: readonly string[], times: readonly number[]): Uint8Array<ArrayBuffer> {
  const firstAt = times[0] ?? 0;
  let text = '';
  for (let i = 0; i < records.length; i += 1) {
    text += `${i === 0 ? '' : '\n'}${(times[i] ?? firstAt) - firstAt} ${records[i] ?? ''}`;
  }
  return new TextEncoder().encode(text);
}

/** @throws JournalError `schema_newer` when a newer program has written it, `damaged` when it does not add up. */
export function decodeCommit(commit: StoredCommit): JournalEntry[] {
  if (commit.version !== RECORD_VERSION) {
    throw new JournalError(
      'schema_newer',
      `records from offset ${commit.firstOffset} have version ${commit.version}; this program reads ${RECORD_VERSION}`,
    );
  }
  const { buffer, byteOffset, byteLength } = commit.payload;
  const lines = Buffer.from(buffer, byteOffset, byteLength).toString('utf8').split('\n');
  if (lines.length !== commit.count) {
    throw new JournalError(
      'damaged',
      `commit ${commit.firstOffset} holds ${lines.length} of ${commit.count}`,
    );
  }
  return lines.map((line, index) => {
    const space = line.indexOf(' ');
    return {
      offset: commit.firstOffset + index,
      at: commit.firstAt + Number(line.slice(0, space)),
      record: JSON.parse(line.slice(space + 1)) as JournalRecord,
    };
  });
}

/** CRC-32 over everything that a row says, so that a flipped bit in a count is found as well as one in a record. */
export function commitChecksum(header: CommitHeader, payload: Uint8Array): number {
  const { firstOffset, version, count, firstAt, lastAt } = header;
  return crc32(payload, crc32(`${firstOffset} ${version} ${count} ${firstAt} ${lastAt} ${payload.length}`));
}

export function stateChecksum(name: string, offset: number, bytes: Uint8Array): number {
  return crc32(bytes, crc32(`${name} ${offset} ${bytes.length}`));
}
