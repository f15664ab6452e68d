import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ReadingColumns, ReadingBuilder, ReadingSource } from '@watchfire/readings';
import { ManualClock } from '@watchfire/testing';
import { startCommitThread, type CommitThread } from './commit-thread.js';
import { JournalError } from './errors.js';
import { type JournalHealth } from './journal.js';
import { entriesOf, lastOffset } from './journal-parts.js';
import type { JournalEntry, JournalPart, JournalRecord } from './record.js';
import { SqliteJournal, type SqliteJournalOptions } from './sqlite-journal.js';
import type { StoreOperation } from './store-protocol.js';

const clock = new ManualClock();
let directory: string;
let journal: SqliteJournal;
let healths: (string | undefined)[];
/** Waits for the next change of health. */
let nextHealth: () => Promise<JournalHealth>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'watchfire-journal-'));
});
afterEach(async () => {
  await journal.close();
  await rm(directory, { recursive: true });
});

function options(more: Partial<SqliteJournalOptions> = {}): SqliteJournalOptions {
  healths = [];
  let told: (health: JournalHealth) => void = () => undefined;
  nextHealth = () => new Promise((resolve) => (told = resolve));
  const onFailure = (health: JournalHealth): void => {
    healths.push(health.ok ? 'ok' : health.code);
    told(health);
  };
  return { directory, now: clock.now, onFailure, ...more };
}

function record(seq: number, text = ''): JournalRecord {
  return { kind: 'event', deviceId: 'd', receivedAt: 1, ts: 1, event: text, data: { seq }, samples: [] };
}

/** Readings with these sequence numbers, in one batch. */
function batch(...seqs: number[]): ReadingColumns {
  const builder = new ReadingBuilder();
  for (const seq of seqs) {
    builder.number(0, seq / 10, 0);
    builder.end(ReadingSource.of('d', ['d.ch4']), 1, 1, 0);
    builder.identify(seq, undefined);
  }
  return builder.take();
}

function seqOf({ record: stored }: JournalEntry): unknown {
  return stored.kind === 'reading' ? stored.seq : stored.kind === 'event' && stored.data?.['seq'];
}

const seqsIn = (parts: readonly JournalPart[]): unknown[] =>
  parts.flatMap((part) => [...entriesOf(part)].map(seqOf));

async function seqsOnDisk(): Promise<unknown[]> {
  return (await journal.read(1, 100_000)).map(seqOf);
}

/** A real thread whose next call of `operation` fails, before or after it was done. */
function failingOnce(operation: StoreOperation, when: 'before' | 'after') {
  const faults = { armed: false, threads: [] as CommitThread[] };
  const start = (): CommitThread => {
    const thread = startCommitThread();
    faults.threads.push(thread);
    const call: CommitThread['call'] = async (called, input, transfer) => {
      if (called !== operation || !faults.armed) return thread.call(called, input, transfer);
      faults.armed = false;
      if (when === 'after') await thread.call(called, input, transfer);
      throw new JournalError('io_error', 'fsync failed');
    };
    return { call, lost: thread.lost, stop: () => thread.stop() };
  };
  return { faults, start };
}

/** An exception that nobody in the thread expects. */
async function crash(thread: CommitThread | undefined): Promise<void> {
  await thread?.call('no such operation' as StoreOperation, undefined).catch(() => undefined);
}

describe('SqliteJournal when something fails', () => {
  it.each(['before', 'after'] as const)(
    '[JN12] stops at an I/O error %s the write, looks at the disk anew and goes on behind what is there',
    async (when) => {
      const { faults, start } = failingOnce('commit', when);
      journal = await SqliteJournal.open(options(), start);
      const seen: unknown[] = [];
      journal.follow(1, (parts) => {
        seen.push(...seqsIn(parts));
      });
      await journal.append(record(1));
      faults.armed = true;
      const underWay = [
        journal.append(record(2)),
        journal.appendReadings(batch(3, 4)),
        journal.appendReadings(batch(5)),
      ];
      for (const failed of underWay) {
        await expect(failed).rejects.toMatchObject({ code: 'io_error', outcome: 'unknown' });
      }
      expect(journal.health()).toMatchObject({ ok: false, code: 'io_error' });
      for (const late of [journal.append(record(6)), journal.appendReadings(batch(7, 8))]) {
        await expect(late).rejects.toMatchObject({ code: 'io_error', outcome: 'not_stored' });
      }
      expect(await nextHealth()).toEqual({ ok: true });
      const { offset } = await journal.appendReadings(batch(9, 10));
      const expected = when === 'before' ? [1, 9, 10] : [1, 2, 3, 4, 5, 9, 10];
      expect(offset).toBe(expected.length - 1);
      expect(await seqsOnDisk()).toEqual(expected);
      expect(journal.head()).toBe(expected.length);
      await journal.append(record(11));
      await journal.close();
      expect(seen).toEqual([...expected, 11].slice(0, seen.length));
      expect(seen.length).toBeGreaterThanOrEqual(expected.length);
      expect(healths).toEqual(['io_error', 'ok']);
      expect(faults.threads).toHaveLength(2);
    },
  );

  it('[JN12] treats a failed write of a cursor or a state like one of a commit', async () => {
    const { faults, start } = failingOnce('saveCursor', 'before');
    journal = await SqliteJournal.open(options(), start);
    faults.armed = true;
    const well = nextHealth();
    await expect(journal.saveCursor('history', 1)).rejects.toMatchObject({ code: 'io_error' });
    expect((await well).code).toBe('io_error');
    expect(await nextHealth()).toEqual({ ok: true });
    expect(await journal.cursor('history')).toBe(0);
  });

  it('[JN12] replaces a writer thread that is lost, and keeps its offsets dense', async () => {
    const { faults, start } = failingOnce('commit', 'before');
    journal = await SqliteJournal.open(options(), start);
    const offsets: number[] = [];
    journal.follow(1, (parts) => {
      offsets.push(...parts.flatMap((part) => [...entriesOf(part)].map(({ offset }) => offset)));
    });
    const settled: PromiseSettledResult<unknown>[] = [];
    for (let round = 0; round < 5; round += 1) {
      const appends = Array.from({ length: 40 }, (_, i) => journal.append(record(round * 40 + i)));
      // In the middle of it: the first commit is on its way, the rest waits.
      const thread = faults.threads.at(-1);
      const lost = new Promise((resolve) => setImmediate(resolve)).then(() => crash(thread));
      appends.push(...Array.from({ length: 40 }, () => journal.appendReadings(batch(-1, -1, -1))));
      settled.push(...(await Promise.allSettled(appends)));
      await lost;
      // On a slow machine the end of the thread is told after everything was committed all the same.
      await thread?.lost;
      while (!journal.health().ok) await nextHealth();
    }
    const refused = settled.filter(({ status }) => status === 'rejected');
    expect(refused.every((result) => (result as PromiseRejectedResult).reason instanceof JournalError)).toBe(
      true,
    );
    await journal.append(record(0));
    const entries = await journal.read(1, 100_000);
    expect(entries.map(({ offset }) => offset)).toEqual(entries.map((_, index) => index + 1));
    const acknowledged = settled.flatMap((result) =>
      result.status === 'fulfilled' ? [(result.value as { offset: number }).offset] : [],
    );
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
    expect(acknowledged.every((offset) => entries[offset - 1]?.offset === offset)).toBe(true);
    await journal.close();
    expect(offsets).toEqual(offsets.map((_, index) => index + 1));
    expect(faults.threads.length).toBeGreaterThan(1);
  });

  it('[JN6] stops a follower that throws, and no other', async () => {
    const failures: [unknown, number][] = [];
    journal = await SqliteJournal.open(
      options({ onFollowerError: (error, offset) => failures.push([error, offset]) }),
    );
    const boom = new Error('boom');
    let calls = 0;
    journal.follow(1, (parts) => {
      calls += 1;
      if (parts.some((part) => lastOffset(part) >= 2)) throw boom;
    });
    const seen: number[] = [];
    const done = new Promise<void>((resolve) => {
      journal.follow(1, (parts) => {
        seen.push(...parts.map(({ offset }) => offset));
        if (seen.length === 4) resolve();
      });
    });
    for (let seq = 1; seq <= 4; seq += 1) await journal.append(record(seq));
    await done;
    expect(failures).toEqual([[boom, 2]]);
    expect(calls).toBe(2);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mountable();
  const why = canMount ? '' : ' (skipped: cannot mount a small file system here)';

  (canMount ? it : it.skip)(
    `[JN12] refuses records while the disk is full, keeps the earlier ones, and goes on when there is space${why}`,
    async () => {
      await withTmpfs('size=1m', async (place) => {
        const ballast = join(place, 'ballast');
        await writeFile(ballast, Buffer.alloc(400_000));
        journal = await SqliteJournal.open(options({ directory: join(place, 'journal') }));
        const stored: number[] = [];
        const refused: JournalError[] = [];
        for (let seq = 1; refused.length < 4 && seq < 1000; seq += 1) {
          const inColumns = seq % 2 === 0;
          const seqs = Array.from({ length: inColumns ? 80 : 1 }, () => seq);
          const appended = inColumns
            ? journal.appendReadings(batch(...seqs))
            : journal.append(record(seq, 'x'.repeat(4_000)));
          await appended.then(
            () => stored.push(...seqs),
            (error: unknown) => refused.push(error as JournalError),
          );
        }
        for (const error of refused) {
          expect(error).toMatchObject({ code: 'disk_full', outcome: 'not_stored' });
        }
        expect(journal.health()).toMatchObject({ ok: false, code: 'disk_full' });
        expect(await seqsOnDisk()).toEqual(stored);
        await rm(ballast);
        await journal.append(record(2000));
        expect(journal.health()).toEqual({ ok: true });
        expect([healths[0], healths.at(-1)]).toEqual(['disk_full', 'ok']);
        await journal.close();
        journal = await SqliteJournal.open(options({ directory: join(place, 'journal') }));
        expect(await seqsOnDisk()).toEqual([...stored, 2000]);
        await journal.close();
      });
    },
    30_000,
  );

  (canMount ? it : it.skip)(`[JN14] says that a read-only disk cannot be written${why}`, async () => {
    journal = await SqliteJournal.open(options());
    await withTmpfs('size=1m,ro', async (place) => {
      const opening = SqliteJournal.open({ directory: place, now: clock.now });
      await expect(opening).rejects.toMatchObject({ code: 'unwritable' });
    });
  });
});

function mountable(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function withTmpfs(mountOptions: string, work: (place: string) => Promise<void>): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), 'watchfire-small-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', mountOptions, 'tmpfs', place]);
  try {
    await work(place);
  } finally {
    await journal.close();
    execFileSync('umount', [place]);
    await rm(place, { recursive: true });
  }
}
