import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type JournalEntry } from './record.js';
import { SqliteJournal } from './sqlite-journal.js';

const LIBRARY = pathToFileURL(resolve('dist/libs/journal/src/index.js')).href;
const PROGRAM = resolve('test/faults/support/journal-process.mjs');
const SHIM_SOURCE = resolve('test/faults/support/failing-disk.c');

interface Told {
  readonly open?: number;
  readonly failed?: string;
  readonly offset?: number;
  readonly seq?: number;
  readonly code?: string;
  readonly outcome?: string;
  readonly health?: { readonly ok: boolean; readonly code?: string };
}

let directory: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'watchfire-journal-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(directory, { recursive: true });
});

/** A process that holds the journal, once it has it. */
async function start(env: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
  const child = fork(PROGRAM, [LIBRARY, directory], { env: { ...process.env, ...env }, execArgv: [] });
  children.push(child);
  const [first] = (await once(child, 'message')) as [Told];
  if (first.open === undefined) throw new Error(`journal process: ${JSON.stringify(first)}`);
  return child;
}

async function ask(child: ChildProcess, question: object): Promise<Told> {
  child.send(question);
  const [answer] = (await once(child, 'message')) as [Told];
  return answer;
}

async function allEntries(journal: SqliteJournal): Promise<readonly JournalEntry[]> {
  return journal.read(1, journal.head());
}

describe('SqliteJournal and other processes', () => {
  it('[JN3] loses nothing that was acknowledged to ten kills, and mixes nothing up', async () => {
    const acknowledged = new Map<number, number>();
    for (let round = 0; round < 10; round += 1) {
      const child = await start();
      const batch = round % 2 === 0 ? 0 : 7;
      const enough = 200 + round * 137;
      const killed = once(child, 'exit');
      let answers = 0;
      child.on('message', ({ offset, seq }: Told) => {
        for (let i = 0; i < Math.max(batch, 1); i += 1) {
          if (offset !== undefined && seq !== undefined) acknowledged.set(offset + i, seq + i);
        }
        answers += 1;
        if (answers === enough) child.kill('SIGKILL');
      });
      child.send({ stream: 1 + round * 20, batch });
      await killed;
      const journal = await SqliteJournal.open({ directory, now: Date.now });
      const entries = await allEntries(journal);
      expect(entries.map(({ offset }) => offset)).toEqual(entries.map((_, index) => index + 1));
      // Each process counts on from the head that it found, so that offset and sequence number are the same number.
      expect(entries.every(({ offset, record }) => record.kind === 'reading' && record.seq === offset)).toBe(
        true,
      );
      expect([...acknowledged].filter(([offset, seq]) => entries[offset - 1]?.offset !== seq)).toEqual([]);
      expect(journal.damaged()).toEqual([]);
      await journal.close();
    }
    expect(acknowledged.size).toBeGreaterThan(5_000);
  }, 120_000);

  it('[JN11] refuses a folder that another process holds, until that is killed', async () => {
    const child = await start();
    await expect(SqliteJournal.open({ directory, now: Date.now })).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(join(directory, 'journal.db')) as unknown,
    });
    expect(await ask(child, { append: 1 })).toEqual({ offset: 1, seq: 1 });
    const killed = once(child, 'exit');
    child.kill('SIGKILL');
    await killed;
    const journal = await SqliteJournal.open({ directory, now: Date.now });
    expect(journal.head()).toBe(1);
    await journal.close();
  }, 30_000);

  it('[JN16] lets the process exit in the middle of its commits, with its own exit code', async () => {
    for (let round = 0; round < 5; round += 1) {
      const child = await start();
      let answers = 0;
      child.on('message', () => {
        answers += 1;
        if (answers === 100 + round) child.send({ exit: 3 });
      });
      child.send({ stream: 50 });
      expect(await once(child, 'exit')).toEqual([3, null]);
    }
  }, 30_000);

  const shim = buildShim();
  afterAll(async () => {
    if (shim.library !== undefined) await rm(shim.library, { force: true });
  });
  (shim.skip === undefined ? it : it.skip)(
    `[JN12] stops at a failed fsync, settles its log anew and goes on${shim.skip ?? ''}`,
    async () => {
      const flag = join(directory, 'fsync-fails');
      const child = await start({
        LD_PRELOAD: shim.library,
        FAIL_FSYNC_OF: 'journal.db-wal',
        FAIL_FSYNC_WHILE: flag,
      });
      expect(await ask(child, { append: 1 })).toEqual({ offset: 1, seq: 1 });
      await writeFile(flag, '');
      expect(await ask(child, { append: 2 })).toEqual({ seq: 2, code: 'io_error', outcome: 'unknown' });
      expect(await ask(child, { health: true })).toMatchObject({ health: { ok: false, code: 'io_error' } });
      expect(await ask(child, { append: 3 })).toEqual({ seq: 3, code: 'io_error', outcome: 'not_stored' });
      await rm(flag);
      let last: Told = {};
      for (let i = 0; i < 200 && last.offset === undefined; i += 1) {
        last = await ask(child, { append: 4 });
        await new Promise((next) => setTimeout(next, 50));
      }
      expect(last.offset).toBeDefined();
      expect(await ask(child, { health: true })).toEqual({ health: { ok: true } });
      const killed = once(child, 'exit');
      child.kill('SIGKILL');
      await killed;
      const journal = await SqliteJournal.open({ directory, now: Date.now });
      const found = (await allEntries(journal)).map(({ record }) => record.kind === 'reading' && record.seq);
      // The second may be there, since nobody could know; it was never acknowledged. The third was never taken.
      expect([
        [1, 4],
        [1, 2, 4],
      ]).toContainEqual(found);
      expect(journal.head()).toBe(last.offset);
      await journal.close();
    },
    60_000,
  );
});

/** The library that makes fsync fail, where this machine can build and preload one. */
function buildShim(): { readonly library?: string; readonly skip?: string } {
  if (process.platform !== 'linux') return { skip: ' (skipped: needs LD_PRELOAD)' };
  const library = join(tmpdir(), `watchfire-failing-disk-${process.pid}.so`);
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, SHIM_SOURCE, '-ldl'], { stdio: 'ignore' });
    return { library };
  } catch {
    return { skip: ' (skipped: no C compiler)' };
  }
}
