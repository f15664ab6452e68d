import { describe, expect, it } from '@jest/globals';
import { ReadingBuilder, ReadingSource, TIME_REFUSED } from '@watchfire/readings';
import { encodeBatch, encodeRecord } from './append-encoding.js';
import { type StoredCommit } from './commit-format.js';
import { decodeCommit, encodePayload } from './commit-payload.js';
import { entriesOf } from './journal-parts.js';
import type { JournalEntry, JournalRecord } from './record.js';

const AT = 1_790_000_000_000;

function event(deviceId: string): JournalRecord {
  return { kind: 'event', deviceId, receivedAt: 1, ts: 1, event: '雨', samples: [] };
}

/** Two records, a batch of three readings, a record. */
function payload(): Uint8Array {
  const builder = new ReadingBuilder();
  const [gas, door] = [
    ReadingSource.of('gas', ['gas.ch4', 'gas.h2s']),
    ReadingSource.of('door', ['door.open']),
  ];
  builder.number(1, -12.5, 0);
  builder.end(gas, AT, AT - 5, 0);
  builder.identify(7, 'b1');
  builder.boolean(0, true, 2);
  builder.end(door, AT, AT, TIME_REFUSED);
  builder.clockSaid(3);
  builder.text(0, 'over', 1);
  builder.end(gas, AT, AT, 1);
  return encodePayload([
    { append: encodeRecord(event('a')), at: AT },
    { append: encodeRecord(event('b')), at: AT + 4 },
    { append: encodeBatch(builder.take()), at: AT + 5 },
    { append: encodeRecord({ kind: 'tick' }), at: AT + 5 },
  ]);
}

const ENTRIES: readonly JournalEntry[] = [
  { offset: 11, at: AT, record: event('a') },
  { offset: 12, at: AT + 4, record: event('b') },
  {
    offset: 13,
    at: AT + 5,
    record: {
      kind: 'reading',
      deviceId: 'gas',
      receivedAt: AT,
      ts: AT - 5,
      seq: 7,
      boot: 'b1',
      samples: [['gas.h2s', -12.5]],
    },
  },
  {
    offset: 14,
    at: AT + 5,
    record: {
      kind: 'reading',
      deviceId: 'door',
      receivedAt: AT,
      ts: AT,
      deviceTime: 3,
      samples: [['door.open', true, 'bad']],
    },
  },
  {
    offset: 15,
    at: AT + 5,
    record: {
      kind: 'reading',
      deviceId: 'gas',
      receivedAt: AT,
      ts: AT,
      hist: true,
      samples: [['gas.ch4', 'over', 'uncertain']],
    },
  },
  { offset: 16, at: AT + 5, record: { kind: 'tick' } },
];

function commit(bytes: Uint8Array, more: Partial<StoredCommit> = {}): StoredCommit {
  return { firstOffset: 11, version: 2, count: 6, firstAt: AT, lastAt: AT + 5, payload: bytes, ...more };
}

const entries = (stored: StoredCommit): JournalEntry[] =>
  decodeCommit(stored).flatMap((part) => [...entriesOf(part)]);

/** Written when the version was new. Were it to change, journals on disk could not be read any more. */
const VERSION_2 =
  'AQEAAAIAAAClAAAAAAAAAAAAAAAwIHsia2luZCI6ImV2ZW50IiwiZGV2aWNlSWQiOiJhIiwicmVjZWl2ZWRBdCI6MSwidHMiOjEs' +
  'ImV2ZW50Ijoi6ZuoIiwic2FtcGxlcyI6W119CjQgeyJraW5kIjoiZXZlbnQiLCJkZXZpY2VJZCI6ImIiLCJyZWNlaXZlZEF0Ijox' +
  'LCJ0cyI6MSwiZXZlbnQiOiLpm6giLCJzYW1wbGVzIjpbXX0CAQAAAwAAAAMBAAAAAAAAAAAUQAMAAAADAAAARAAAAAcAAABbW1si' +
  'Z2FzIiwiZ2FzLmNoNCIsImdhcy5oMnMiXSxbImRvb3IiLCJkb29yLm9wZW4iXV0sWyJiMSJdLFsib3ZlciJdXQAAAAAAAMAGRQx6' +
  'QgAAwAZFDHpCAADABkUMekIAsL8GRQx6QgAAwAZFDHpCAADABkUMekIAAAAAAAApwAAAAAAAAPA/AAAAAAAAAAAAAAAAAAD4fwAA' +
  'AAAAAAhAAAAAAAAA+H8AAAAAAAAcQAAAAAAAAPh/AAAAAAAA+H8AAAAAAQAAAAAAAAABAAAAAgAAAAMAAAABAAAAAAAAAAAAAAAB' +
  'AAAAAAAABAEAAgEAAQIBAQAAAQAAABEAAAAAAAAAAAAUQDAgeyJraW5kIjoidGljayJ9';
const VERSION_1 =
  '0 {"kind":"event","deviceId":"a","receivedAt":1,"ts":1,"event":"雨","samples":[]}\n' +
  '4 {"kind":"event","deviceId":"b","receivedAt":1,"ts":1,"event":"雨","samples":[]}';

describe('payload of a commit', () => {
  it('[JN1] holds records and readings as they were appended, in their order', () => {
    expect(entries(commit(payload()))).toEqual(ENTRIES);
  });

  it('[JN15] is read for ever in version 1', () => {
    const old = commit(new TextEncoder().encode(VERSION_1), { version: 1, count: 2 });
    expect(entries(old)).toEqual(ENTRIES.slice(0, 2));
  });

  it('[JN15] is written, and read for ever, in version 2', () => {
    expect(Buffer.from(payload()).toString('base64')).toBe(VERSION_2);
    expect(entries(commit(Buffer.from(VERSION_2, 'base64')))).toEqual(ENTRIES);
  });

  it('[JN15] is not guessed at when it is cut short or says another count', () => {
    const whole = payload();
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => decodeCommit(commit(whole.slice(0, length)))).toThrow();
    }
    expect(() => decodeCommit(commit(whole, { count: 5 }))).toThrow('holds 6 of 5');
  });

  it('[JN15] of a newer program is refused as such', () => {
    const newer = expect.objectContaining({ code: 'schema_newer' });
    expect(() => decodeCommit(commit(payload(), { version: 3 }))).toThrow(newer);
    for (const at of [0, 1]) {
      const bytes = payload();
      bytes[at] = 9;
      expect(() => decodeCommit(commit(bytes))).toThrow(newer);
    }
  });
});
