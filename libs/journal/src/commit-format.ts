import { crc32 } from 'node:zlib';

/** Version of the payload that is written now; what it looks like is told in `commit-payload.ts`. */
export const PAYLOAD_VERSION = 2;

/** Also the most offsets that one damaged commit can cost, so it is part of the format: never raise it. */
export const MAX_COMMIT_RECORDS = 4096;
/** A commit is closed when it has reached this, so that neighbours are not delayed by the writing of a huge one. */
export const MAX_COMMIT_BYTES = 4 * 1024 * 1024;
/** The most that one append can be: a record, or readings in one batch. */
export const MAX_APPEND_BYTES = 16 * 1024 * 1024;

export interface CommitHeader {
  readonly firstOffset: number;
  readonly version: number;
  /** Offsets that it takes: its records and its readings. */
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface StoredCommit extends CommitHeader {
  readonly payload: Uint8Array;
}

/** CRC-32 over everything that a row says, so that a flipped bit in a count is found as well as one in a record. */
export function commitChecksum(header: CommitHeader, payload: Uint8Array): number {
  const { firstOffset, version, count, firstAt, lastAt } = header;
  return crc32(payload, crc32(`${firstOffset} ${version} ${count} ${firstAt} ${lastAt} ${payload.length}`));
}

export function stateChecksum(name: string, offset: number, bytes: Uint8Array): number {
  return crc32(bytes, crc32(`${name} ${offset} ${bytes.length}`));
}
