import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { settleJournalCopy } from './journal-copy.js';
import { SqliteJournal } from './sqlite-journal.js';

let folder: string;
let journal: SqliteJournal;
let clock = 1_000;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watchfire-journal-'));
  journal = await SqliteJournal.open({ directory: join(folder, 'journal'), now: () => clock });
});
afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

const append = async (records: number): Promise<void> => {
  await Promise.all(Array.from({ length: records }, () => journal.append({ kind: 'tick' })));
};
let copies = 0;
async function copied(file: string): Promise<string> {
  const directory = join(folder, `copy-${(copies += 1)}`);
  await mkdir(directory);
  await copyFile(file, join(directory, 'journal.db'));
  return directory;
}
const settle = (
  directory: string,
  cursors: Record<string, number> = {},
  states: Record<string, Uint8Array | null> = {},
) => settleJournalCopy({ directory, cursors, states, state: 'engine', at: 5 });

const act = fc.oneof(
  fc.integer({ min: 1, max: 50 }).map((records) => ({ what: 'append', records }) as const),
  fc.integer({ min: 1, max: 400 }).map((below) => ({ what: 'retain', below }) as const),
  fc.nat(300).map((offset) => ({ what: 'cursor', offset }) as const),
);

describe('a pinned journal', () => {
  it('[BK4] does not change its file, whatever is written, and the copy is what it was when it was pinned', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
        await append(3);
        const before = {
          head: journal.head(),
          tail: journal.tail(),
          cursors: (await journal.progress([])).cursors,
        };
        const pinned = await journal.pin();
        const bytes = await readFile(pinned.file);
        for (const one of acts) {
          clock += 1;
          if (one.what === 'append') await append(one.records);
          if (one.what === 'retain') await journal.retain(Math.min(one.below, journal.head()), clock);
          if (one.what === 'cursor') await journal.saveCursor('history', one.offset);
        }
        expect(Buffer.compare(bytes, await readFile(pinned.file))).toBe(0);
        const directory = await copied(pinned.file);
        expect(await pinned.release()).toBe(true);
        expect(await settle(directory)).toEqual({ ...before, stateOffset: 0 });
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('[BK4] says that its file was changed where it was closed meanwhile', async () => {
    await append(1);
    const pinned = await journal.pin();
    await journal.close();
    expect(await pinned.release()).toBe(false);
  });

  it('[BK4] does not change its file for more than SQLite would keep in the log by itself', async () => {
    const pinned = await journal.pin();
    const bytes = await readFile(pinned.file);
    const payload = 'x'.repeat(1_000_000);
    for (let letter = 0; letter < 12; letter += 1) {
      await journal.append({
        kind: 'dead-letter',
        deviceId: 'd',
        topic: 't',
        code: 'c',
        message: '',
        payload,
      });
    }
    expect(Buffer.compare(bytes, await readFile(pinned.file))).toBe(0);
    expect(await pinned.release()).toBe(true);
  });

  it('is copied by one at a time: settling the log for a second would change the file of the first', async () => {
    const pinned = await journal.pin();
    await expect(journal.pin()).rejects.toMatchObject({ code: 'locked' });
    expect(await pinned.release()).toBe(true);
    expect(await (await journal.pin()).release()).toBe(true);
  });

  it('moves its log into the file again when it is released', async () => {
    const pinned = await journal.pin();
    await append(10);
    expect(await pinned.release()).toBe(true);
    const next = await journal.pin();
    expect((await settle(await copied(next.file))).head).toBe(10);
    await next.release();
  });
});

describe('a copied journal', () => {
  it('[BK3] has no cursor above the noted ones, and keeps those below', async () => {
    await append(20);
    await journal.saveCursor('ahead', 20);
    await journal.saveCursor('behind', 3);
    await journal.saveState('engine', { offset: 12, bytes: new Uint8Array([1]) });
    const pinned = await journal.pin();
    const directory = await copied(pinned.file);
    await pinned.release();
    expect(await settle(directory, { ahead: 15, behind: 7, absent: 9 })).toEqual({
      head: 20,
      tail: 1,
      cursors: { ahead: 15, behind: 3 },
      stateOffset: 12,
    });
    const again = await SqliteJournal.open({ directory, now: () => clock });
    expect(await again.cursor('ahead')).toBe(15);
    expect((await again.append({ kind: 'tick' })).offset).toBe(21);
    await again.close();
  });

  it('[BK3] has the saved states that were noted with the cursors, and none where there was none', async () => {
    const saved = (byte: number) => ({ offset: 0, bytes: new Uint8Array([byte]) });
    await journal.saveState('rolled-up', saved(1));
    const noted = (await journal.progress(['rolled-up', 'absent'])).states;
    expect(noted).toEqual({ 'rolled-up': new Uint8Array([1]) });
    await journal.saveState('rolled-up', saved(2));
    await journal.saveState('absent', saved(3));
    await journal.saveState('own', saved(4));
    const pinned = await journal.pin();
    const directory = await copied(pinned.file);
    await pinned.release();
    await settle(directory, {}, { ...noted, absent: null });
    const again = await SqliteJournal.open({ directory, now: () => clock });
    expect((await again.progress(['rolled-up', 'absent', 'own'])).states).toEqual({
      'rolled-up': new Uint8Array([1]),
      own: new Uint8Array([4]),
    });
    await again.close();
  });

  it('[BK5] is refused where a page is damaged', async () => {
    await append(2_000);
    const pinned = await journal.pin();
    const directory = await copied(pinned.file);
    await pinned.release();
    const file = join(directory, 'journal.db');
    const bytes = await readFile(file);
    bytes.fill(0xff, 8_192, 12_288);
    await rm(file);
    await writeFile(file, bytes);
    await expect(settle(directory)).rejects.toMatchObject({ code: 'damaged' });
  });
});
