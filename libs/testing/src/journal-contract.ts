import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  entriesOf,
  type Journal,
  type JournalEntry,
  type JournalRecord,
  type Receipt,
} from '@watchfire/journal';
import { type ReadingColumns } from '@watchfire/readings';
import { anyRow, columnsOf, recordOf, type ReadingRow } from './reading-rows.js';
import { ManualClock } from './manual-clock.js';

export interface JournalFixtureOptions {
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly maxWaitingRecords: number;
  readonly maxWaitingMs: number;
}

/** One place on disk (or on a server) that a journal can be opened on again and again. */
export interface JournalFixture {
  open(): Promise<Journal>;
  /** Removes the place; the journals on it are closed. */
  destroy(): Promise<void>;
}

const MAX_WAITING = 64;
const MAX_WAITING_MS = 250;
const MAX_BATCH = 4096;

/** What every adapter of `Journal` promises; the rules are those of docs/spec/journal.md. */
export function journalContract(
  name: string,
  make: (options: JournalFixtureOptions) => Promise<JournalFixture>,
): void {
  describe(`${name}: journal contract`, () => {
    let clock: ManualClock;
    let fixture: JournalFixture;
    let journal: Journal;

    beforeEach(async () => {
      clock = new ManualClock();
      const { now, monotonicMs } = clock;
      fixture = await make({
        now,
        monotonicMs,
        maxWaitingRecords: MAX_WAITING,
        maxWaitingMs: MAX_WAITING_MS,
      });
      journal = await fixture.open();
    });
    afterEach(async () => {
      await journal.close();
      await fixture.destroy();
    });

    const reopen = async (): Promise<void> => {
      await journal.close();
      journal = await fixture.open();
    };
    const appendMany = (count: number, from = 1): Promise<Receipt[]> =>
      Promise.all(Array.from({ length: count }, (_, i) => journal.append(reading(from + i))));

    it('[JN1] gives dense offsets from 1 in the order of the calls', async () => {
      expect([journal.head(), journal.tail()]).toEqual([0, 1]);
      const receipts = await appendMany(300);
      receipts.push(await journal.append(reading(301)));
      expect(receipts.map(({ offset }) => offset)).toEqual(upTo(301));
      expect(seqs(await journal.read(1, 1000))).toEqual(upTo(301));
      expect([journal.head(), journal.tail()]).toEqual([301, 1]);
    });

    it('[JN1] reads back every kind of record as it was appended, for any text and number', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyRecord(), { minLength: 1, maxLength: 20 }), async (records) => {
          const receipts = await Promise.all(records.map((record) => journal.append(record)));
          const entries = await journal.read(receipts[0]?.offset ?? 0, records.length);
          expect(entries.map(({ record }) => record)).toEqual(records);
          expect(entries.map(({ offset, at }) => ({ offset, at }))).toEqual(receipts);
        }),
        { numRuns: 30 },
      );
    });

    it('[JN1] keeps records and readings in one order, for every follower from anywhere and over restarts', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep(), { minLength: 1, maxLength: 25 }), async (steps) => {
          const base = journal.head();
          const model: JournalRecord[] = [];
          const waiting: Promise<void>[] = [];
          let followers: FollowedEntries[] = [];
          for (const step of steps) {
            if (step.do === 'restart') {
              await Promise.all(waiting);
              await reopen();
              for (const { entries, from } of followers) {
                expect(recordsOf(entries)).toEqual(model.slice(from - base - 1).slice(0, entries.length));
              }
              followers = [];
            } else if (step.do === 'follow') {
              followers.push(followEntries(journal, Math.max(base + 1, base + model.length - step.back)));
            } else if (step.do === 'wait') {
              await Promise.all(waiting);
            } else {
              const offset = base + model.length + 1;
              const appended = 'rows' in step ? step.rows.map(recordOf) : [step.record];
              model.push(...appended);
              const receipt =
                'rows' in step ? journal.appendReadings(columnsOf(step.rows)) : journal.append(step.record);
              waiting.push(receipt.then((given) => expect(given.offset).toBe(offset)));
            }
          }
          await Promise.all(waiting);
          const end = base + model.length;
          expect(journal.head()).toBe(end);
          for (const { until, from } of followers) {
            const entries = await until(end);
            expect(recordsOf(entries)).toEqual(model.slice(from - base - 1));
            expect(entries.map(({ offset }) => offset)).toEqual(entries.map((_, i) => from + i));
          }
          const middle = base + 1 + Math.floor(model.length / 2);
          expect(recordsOf(await journal.read(middle, 7))).toEqual(
            model.slice(middle - base - 1).slice(0, 7),
          );
        }),
        { numRuns: 40 },
      );
    });

    it('[JN2] takes readings that are appended together as one unit, of at most 4,096', async () => {
      const sizes = [3000, 3000, 1, MAX_BATCH, 2];
      const before = journal.stats().commits;
      const receipts = await Promise.all(
        sizes.map((size, i) => journal.appendReadings(numbered(size, 10_000 * i))),
      );
      expect(receipts.map(({ offset }) => offset)).toEqual([1, 3001, 6001, 6002, 10_098]);
      expect(journal.stats()).toMatchObject({ head: 10_099, records: 10_099, waiting: 0, waitingBytes: 0 });
      expect(journal.stats().commits - before).toBe(4);
      expect(seqs(await journal.read(5_999, 4))).toEqual([12_998, 12_999, 20_000, 30_000]);
      for (const size of [0, MAX_BATCH + 1]) {
        await expect(journal.appendReadings(numbered(size))).rejects.toMatchObject({
          code: 'invalid_record',
        });
      }
      expect(journal.head()).toBe(10_099);
    });

    it('[JN2] groups appends that come together in few commits', async () => {
      const before = journal.stats().commits;
      await appendMany(500);
      expect(journal.stats().commits - before).toBeLessThanOrEqual(5);
      expect(journal.stats()).toMatchObject({ head: 500, records: 500, waiting: 0, waitingBytes: 0 });
    });

    it('[JN3] holds what was appended over close and open, and goes on behind it', async () => {
      await appendMany(100);
      await reopen();
      expect([journal.head(), journal.tail()]).toEqual([100, 1]);
      expect((await journal.append(reading(101))).offset).toBe(101);
      expect(seqs(await journal.read(1, 1000))).toEqual(upTo(101));
    });

    it('[JN3] commits on closing what waits, and refuses what comes later', async () => {
      const waiting = appendMany(50);
      const batch = journal.appendReadings(numbered(9, 51));
      const closing = journal.close();
      await expect(journal.append(reading(60))).rejects.toMatchObject({ code: 'closed' });
      await expect(journal.appendReadings(numbered(1))).rejects.toMatchObject({ code: 'closed' });
      expect((await waiting).map(({ offset }) => offset)).toEqual(upTo(50));
      expect((await batch).offset).toBe(51);
      await closing;
      await journal.close();
      journal = await fixture.open();
      expect(journal.head()).toBe(59);
      expect(seqs(await journal.read(1, 100))).toEqual(upTo(59));
    });

    it('[JN4] never lets journal time fall, whatever the clock does and over a restart', async () => {
      const start = clock.now();
      const times: number[] = [];
      for (const jump of [0, 5_000, -3_600_000, 2 * 86_400_000, -1, -86_400_000]) {
        clock.jumpTo(start + jump);
        times.push((await journal.append(reading(1))).at);
      }
      await reopen();
      clock.jumpTo(start - 1);
      times.push((await journal.append(reading(1))).at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.at(-1)).toBe(start + 2 * 86_400_000);
      expect((await journal.read(1, 100)).map(({ at }) => at)).toEqual(times);
    });

    it('[JN4] gives the readings of one batch one time', async () => {
      const { at } = await journal.append(reading(1));
      clock.advance(5);
      const batch = journal.appendReadings(numbered(3));
      clock.advance(5);
      const after = journal.append(reading(2));
      expect([(await batch).at, (await after).at]).toEqual([at + 5, at + 10]);
      await reopen();
      expect((await journal.read(1, 9)).map((entry) => entry.at - at)).toEqual([0, 5, 5, 5, 10]);
    });

    it('[JN5] reads a part from any offset, and nothing above the head', async () => {
      await appendMany(40);
      await appendMany(40, 41);
      expect(seqs(await journal.read(35, 10))).toEqual([35, 36, 37, 38, 39, 40, 41, 42, 43, 44]);
      expect(await journal.read(81, 10)).toEqual([]);
      expect(await journal.read(1, 0)).toEqual([]);
    });

    it('[JN5] reads readings from the middle of what was appended together', async () => {
      await journal.append(reading(1));
      await journal.appendReadings(numbered(50, 2));
      await journal.appendReadings(numbered(9, 52));
      for (const [from, limit] of [
        [1, 100],
        [2, 1],
        [30, 5],
        [51, 3],
        [60, 10],
      ] as const) {
        expect(seqs(await journal.read(from, limit))).toEqual(upTo(60).slice(from - 1, from - 1 + limit));
        expect(await follow(journal, from, 60)).toEqual(upTo(60).slice(from - 1));
      }
    });

    it('[JN6] lets followers see everything once and in order while it is being appended', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
          fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 4 }),
          async (bursts, starts) => {
            const base = journal.head();
            const end = base + bursts.reduce((sum, burst) => sum + burst, 0);
            const appended = (async () => {
              for (const burst of bursts) await appendMany(burst);
            })();
            const seen = await Promise.all(
              starts.map((back) => follow(journal, Math.max(1, base - back), end)),
            );
            await appended;
            seen.forEach((offsets, i) => {
              const first = Math.max(1, base - (starts[i] ?? 0));
              expect(offsets).toEqual(upTo(end).slice(first - 1));
            });
          },
        ),
        { numRuns: 25 },
      );
    });

    it('[JN6] calls a follower only when its last call has ended, and a slow one misses nothing', async () => {
      let running = 0;
      const offsets: number[] = [];
      const slow = new Promise<void>((resolve) => {
        journal.follow(1, async (parts) => {
          running += 1;
          expect(running).toBe(1);
          await new Promise((next) => setImmediate(next));
          offsets.push(...parts.map(({ offset }) => offset));
          running -= 1;
          if (offsets.at(-1) === 400) resolve();
        });
      });
      for (let i = 0; i < 20; i += 1) await appendMany(20, i * 20 + 1);
      await slow;
      expect(offsets).toEqual(upTo(400));
    });

    it('[JN6] calls no follower after its stop has resolved', async () => {
      const calls: number[] = [];
      const following = journal.follow(1, (parts) => {
        calls.push(parts.length);
      });
      await appendMany(3);
      await following.stop();
      const before = calls.length;
      await appendMany(3);
      await follow(journal, 1, 6);
      expect(calls).toHaveLength(before);
    });

    it('[JN7] is saturated while too much waits, and says when it no longer is', async () => {
      const few = appendMany(MAX_WAITING - 1);
      expect(journal.saturated()).toBe(false);
      const one = journal.append(reading(0));
      expect(journal.saturated()).toBe(true);
      expect(journal.stats().waiting).toBe(MAX_WAITING);
      expect(journal.stats().waitingBytes).toBeGreaterThan(0);
      await journal.drained();
      expect(journal.saturated()).toBe(false);
      await Promise.all([few, one, journal.drained()]);
      expect(journal.stats()).toMatchObject({ waiting: 0, waitingBytes: 0 });
    });

    it('[JN7] counts every reading of a batch that waits', async () => {
      const batch = journal.appendReadings(numbered(MAX_WAITING));
      expect(journal.saturated()).toBe(true);
      expect(journal.stats().waiting).toBe(MAX_WAITING);
      await batch;
      await journal.drained();
      expect(journal.stats()).toMatchObject({ waiting: 0, waitingBytes: 0 });
    });

    it('[JN7] is saturated while the oldest append waits too long', async () => {
      const batch = journal.appendReadings(numbered(2));
      clock.advance(MAX_WAITING_MS - 1);
      expect(journal.saturated()).toBe(false);
      const late = journal.append(reading(0));
      clock.advance(1);
      expect(journal.saturated()).toBe(true);
      await journal.drained();
      expect(journal.saturated()).toBe(false);
      await Promise.all([batch, late]);
    });

    it('[JN8] keeps a cursor for each projection', async () => {
      expect(await journal.cursor('history')).toBe(0);
      await journal.saveCursor('history', 7);
      await journal.saveCursor('dead-letters', 3);
      await journal.saveCursor('history', 9);
      await reopen();
      expect(await journal.cursor('history')).toBe(9);
      expect(await journal.cursor('dead-letters')).toBe(3);
    });

    it('[JN8] keeps the newest state of each name, byte for byte', async () => {
      expect(await journal.loadState('engine')).toBeUndefined();
      const large = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256);
      await journal.saveState('engine', { offset: 4, bytes: new Uint8Array([1, 2, 3]) });
      await journal.saveState('engine', { offset: 5, bytes: large });
      await journal.saveState('empty', { offset: 0, bytes: new Uint8Array() });
      expect(large).toHaveLength(300_000);
      await reopen();
      const state = await journal.loadState('engine');
      expect(state?.offset).toBe(5);
      expect(Buffer.from(state?.bytes ?? []).equals(Buffer.from(large))).toBe(true);
      expect((await journal.loadState('empty'))?.bytes).toHaveLength(0);
    });

    it('[JN9] deletes only whole commits below the offset and older than the time', async () => {
      for (let i = 0; i < 10; i += 1) {
        await appendMany(10, i * 10 + 1);
        clock.advance(1_000);
      }
      const start = clock.now() - 10_000;
      expect(await journal.retain(55, Number.MAX_SAFE_INTEGER)).toBe(journal.tail() - 1);
      expect(journal.tail()).toBeLessThanOrEqual(55);
      expect(journal.tail()).toBeGreaterThan(40);
      const tail = journal.tail();
      await journal.retain(101, start + 7_000);
      expect(journal.tail()).toBeGreaterThanOrEqual(tail);
      expect(journal.tail()).toBeLessThanOrEqual(71);
      const left = await journal.read(1, 1000);
      expect(left.map(({ offset }) => offset)).toEqual(upTo(100).slice(journal.tail() - 1));
      expect(await follow(journal, 1, 100)).toEqual(left.map(({ offset }) => offset));
    });

    it('[JN9] deletes readings by whole commits, and lets a follower begin at the tail', async () => {
      for (let i = 0; i < 4; i += 1) await journal.appendReadings(numbered(10, i * 10 + 1));
      clock.advance(1_000);
      await journal.retain(25, clock.now());
      expect(journal.tail()).toBe(21);
      await reopen();
      expect([journal.head(), journal.tail()]).toEqual([40, 21]);
      expect(await follow(journal, 1, 40)).toEqual(upTo(40).slice(20));
      expect(seqs(await journal.read(1, 100))).toEqual(upTo(40).slice(20));
    });

    it('[JN9] goes on with its offsets and its time when everything was deleted', async () => {
      await appendMany(20);
      const newest = (await journal.append(reading(21))).at;
      expect(await journal.retain(22, newest + 1)).toBe(21);
      expect([journal.head(), journal.tail()]).toEqual([21, 22]);
      await reopen();
      expect([journal.head(), journal.tail()]).toEqual([21, 22]);
      clock.jumpTo(0);
      expect(await journal.append(reading(22))).toEqual({ offset: 22, at: newest });
      expect([journal.head(), journal.tail()]).toEqual([22, 22]);
    });

    it('[JN10] refuses a value that would come back as another, and takes its neighbours', async () => {
      const [before, bad, after] = await Promise.allSettled([
        journal.append(reading(1)),
        journal.append({ ...reading(2), samples: [['p', Number.NaN]] } as JournalRecord),
        journal.append(reading(3)),
      ]);
      expect(before.status).toBe('fulfilled');
      expect(bad).toMatchObject({
        status: 'rejected',
        reason: { code: 'invalid_record', outcome: 'not_stored' },
      });
      expect(after).toMatchObject({ status: 'fulfilled', value: { offset: 2 } });
    });

    it('[JN10] refuses a batch with a number that is not finite or of no point, and takes its neighbours', async () => {
      const bad = [Number.NaN, Infinity, -Infinity].map((value) =>
        columnsOf([row({ samples: [[0, value, 0]] })]),
      );
      bad.push(columnsOf([row({}), row({ samples: [[9, 1, 0]] })]));
      bad.push(columnsOf([row({ ts: Number.NaN })]));
      const before = journal.appendReadings(numbered(2, 1));
      const settled = await Promise.allSettled(bad.map((columns) => journal.appendReadings(columns)));
      const after = journal.appendReadings(numbered(2, 3));
      for (const result of settled) {
        expect(result).toMatchObject({
          status: 'rejected',
          reason: { code: 'invalid_record', outcome: 'not_stored' },
        });
      }
      expect([(await before).offset, (await after).offset]).toEqual([1, 3]);
      expect(seqs(await journal.read(1, 9))).toEqual(upTo(4));
    });

    it('[JN13] is healthy while it is open and says so when it is not', async () => {
      expect(journal.health()).toEqual({ ok: true });
      await journal.close();
      expect(journal.health()).toMatchObject({ ok: false, code: 'closed' });
    });
  });
}

function reading(seq: number): JournalRecord {
  return { kind: 'reading', deviceId: 'd', receivedAt: 1, ts: 1, seq, samples: [['d.ch4', seq / 10]] };
}

function anyRecord(): fc.Arbitrary<JournalRecord> {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
  );
  const quality = fc.constantFrom('good' as const, 'uncertain' as const, 'bad' as const);
  const sample = fc.oneof(fc.tuple(fc.string(), value), fc.tuple(fc.string(), value, quality));
  return fc.oneof(
    fc.record({
      kind: fc.constant('reading' as const),
      deviceId: fc.string({ unit: 'grapheme' }),
      receivedAt: fc.nat(),
      ts: fc.nat(),
      samples: fc.array(sample, { maxLength: 5 }),
    }),
    fc.record({
      kind: fc.constant('dead-letter' as const),
      deviceId: fc.option(fc.string()),
      topic: fc.string({ unit: 'binary' }),
      code: fc.string(),
      message: fc.string({ unit: 'binary' }),
      payload: fc.base64String(),
    }),
    fc.constant({ kind: 'tick' as const }),
  );
}

type Step =
  | { readonly do: 'append'; readonly record: JournalRecord }
  | { readonly do: 'append'; readonly rows: readonly ReadingRow[] }
  | { readonly do: 'wait' }
  | { readonly do: 'restart' }
  | { readonly do: 'follow'; readonly back: number };

function anyStep(): fc.Arbitrary<Step> {
  const append = fc.constant('append' as const);
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: append, record: anyRecord() }) },
    {
      weight: 6,
      arbitrary: fc.record({ do: append, rows: fc.array(anyRow(), { minLength: 1, maxLength: 12 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('follow' as const), back: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  );
}

interface FollowedEntries {
  readonly from: number;
  readonly entries: readonly JournalEntry[];
  /** Everything up to the offset `end`; then it follows no more. */
  readonly until: (end: number) => Promise<readonly JournalEntry[]>;
}

function followEntries(journal: Journal, from: number): FollowedEntries {
  const entries: JournalEntry[] = [];
  let seen: () => void = () => undefined;
  const following = journal.follow(from, (parts) => {
    for (const part of parts) entries.push(...entriesOf(part));
    seen();
  });
  const until = async (end: number): Promise<readonly JournalEntry[]> => {
    while ((entries.at(-1)?.offset ?? from - 1) < end) await new Promise<void>((next) => (seen = next));
    await following.stop();
    return entries;
  };
  return { from, entries, until };
}

/** The offsets that a follower sees from `from` until `end`. */
async function follow(journal: Journal, from: number, end: number): Promise<number[]> {
  const entries = await followEntries(journal, from).until(end);
  return entries.map(({ offset }) => offset).filter((offset) => offset <= end);
}

function recordsOf(entries: readonly JournalEntry[]): readonly JournalRecord[] {
  return entries.map(({ record }) => record);
}

function row(more: Partial<ReadingRow>): ReadingRow {
  return { device: 0, receivedAt: 1, ts: 1, historical: false, samples: [[0, 1, 0]], ...more };
}

/** So many readings of one sample, with sequence numbers from `seq` on. */
function numbered(count: number, seq = 1): ReadingColumns {
  return columnsOf(Array.from({ length: count }, (_, i) => row({ seq: seq + i })));
}

function seqs(entries: readonly JournalEntry[]): (number | undefined)[] {
  return entries.map(({ record }) => (record.kind === 'reading' ? record.seq : undefined));
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
