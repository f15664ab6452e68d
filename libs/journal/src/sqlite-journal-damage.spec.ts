import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ReadingBuilder, ReadingSource } from '@watchfire/readings';
import { ManualClock } from '@watchfire/testing';
import { commitChecksum, type StoredCommit } from './commit-format.js';
import { entriesOf } from './journal-parts.js';
import { type JournalRecord } from './record.js';
import { SqliteJournal } from './sqlite-journal.js';
import type { JournalGap } from './store-protocol.js';

const PAGE_SIZE = 4096;
const clock = new ManualClock();
let directory: string;
let file: string;
let gaps: JournalGap[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'watchfire-journal-'));
  file = join(directory, 'journal.db');
  gaps = [];
});
afterEach(() => rm(directory, { recursive: true }));

function open(): Promise<SqliteJournal> {
  return SqliteJournal.open({ directory, now: clock.now, onGap: (gap) => gaps.push(gap) });
}

function marked(seq: number, padding = 0): JournalRecord {
  const event = `marker-${seq}-${'x'.repeat(padding)}`;
  return { kind: 'event', deviceId: 'd', receivedAt: 1, ts: 1, event, samples: [] };
}

/** A closed journal of so many commits of one record. */
async function written(commits: number, padding = 0): Promise<void> {
  const journal = await open();
  for (let seq = 1; seq <= commits; seq += 1) await journal.append(marked(seq, padding));
  await journal.close();
}

/** A closed journal of so many commits, each of `count` readings in one batch. */
async function writtenBatches(commits: number, count: number): Promise<void> {
  const journal = await open();
  const builder = new ReadingBuilder();
  for (let commit = 1; commit <= commits; commit += 1) {
    const source = ReadingSource.of(`marker-${commit}-`, ['p']);
    for (let i = 0; i < count; i += 1) {
      builder.number(0, i, 0);
      builder.end(source, 1, 1, 0);
    }
    await journal.appendReadings(builder.take());
  }
  await journal.close();
}

/** Puts a commit behind a closed journal, as another version of the program would. */
function writeCommit(commit: StoredCommit): void {
  const { firstOffset, version, count, firstAt, lastAt, payload } = commit;
  const row = [firstOffset, version, count, firstAt, lastAt, commitChecksum(commit, payload)].join(', ');
  const database = new DatabaseSync(file);
  // No prepared statement: one that is not collected yet would hold the file after `close`.
  database.exec(`INSERT INTO commits VALUES (${row}, x'${Buffer.from(payload).toString('hex')}')`);
  database.close();
}

async function flipBitAt(text: string): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.indexOf(text);
  expect(at).toBeGreaterThan(0);
  bytes.writeUInt8((bytes[at] ?? 0) ^ 0x08, at);
  await writeFile(file, bytes);
}

async function offsetsFollowed(journal: SqliteJournal): Promise<number[]> {
  const last = await journal.append(marked(0));
  return new Promise((resolve) => {
    const offsets: number[] = [];
    journal.follow(1, (parts) => {
      offsets.push(...parts.flatMap((part) => [...entriesOf(part)].map(({ offset }) => offset)));
      if (offsets.at(-1) === last.offset) resolve(offsets);
    });
  });
}

describe('SqliteJournal on a damaged disk', () => {
  it('[JN15] steps over a record with a flipped bit, and says which', async () => {
    await written(5);
    await flipBitAt('marker-3-');
    const journal = await open();
    expect(journal.head()).toBe(5);
    expect(await offsetsFollowed(journal)).toEqual([1, 2, 4, 5, 6]);
    expect((await journal.read(3, 2)).map(({ offset }) => offset)).toEqual([4, 5]);
    const gap = { fromOffset: 3, toOffset: 3, reason: 'checksum mismatch in commit 3' };
    expect(journal.damaged()).toEqual([gap]);
    expect(gaps).toEqual([gap]);
    expect(journal.health()).toMatchObject({ ok: true, code: 'damaged' });
    await journal.close();
  });

  it('[JN15] never gives an offset twice when the newest commit is damaged', async () => {
    await written(5);
    await flipBitAt('marker-5-');
    const journal = await open();
    expect(await offsetsFollowed(journal)).toEqual([1, 2, 3, 4, 4101]);
    expect(journal.damaged()).toMatchObject([{ fromOffset: 5, toOffset: 4100 }]);
    await journal.close();
    const again = await open();
    expect(again.head()).toBe(4101);
    await again.close();
  });

  it('[JN15] loses the readings of a damaged commit, and no others', async () => {
    await writtenBatches(4, 100);
    await flipBitAt('marker-2-');
    await flipBitAt('marker-4-');
    const journal = await open();
    const left = [...Array(100).keys(), ...Array(100).keys()].map((i, n) => i + (n < 100 ? 1 : 201));
    expect(await offsetsFollowed(journal)).toEqual([...left, 301 + 4096]);
    expect((await journal.read(150, 60)).map(({ offset }) => offset)).toEqual(left.slice(100, 160));
    expect(journal.damaged()).toMatchObject([
      { fromOffset: 301, toOffset: 300 + 4096 },
      { fromOffset: 101, toOffset: 200 },
    ]);
    await journal.close();
  });

  it('[JN15] steps over a commit whose parts do not add up, though its checksum is right', async () => {
    await written(2);
    const payload = new TextEncoder().encode('no payload of ours, and no text either');
    writeCommit({ firstOffset: 3, version: 1, count: 2, firstAt: 1, lastAt: 1, payload });
    const journal = await open();
    expect(await offsetsFollowed(journal)).toEqual([1, 2, 5]);
    expect(journal.damaged()).toMatchObject([{ fromOffset: 3, toOffset: 4 }]);
    await journal.close();
  });

  it('[JN15] reads what the first version wrote, and goes on behind it', async () => {
    await written(2);
    const lines = [`0 ${JSON.stringify(marked(3))}`, `7 ${JSON.stringify(marked(4))}`].join('\n');
    const at = clock.now();
    const payload = new TextEncoder().encode(lines);
    writeCommit({ firstOffset: 3, version: 1, count: 2, firstAt: at, lastAt: at + 7, payload });
    const journal = await open();
    expect(await offsetsFollowed(journal)).toEqual([1, 2, 3, 4, 5]);
    expect(await journal.read(3, 2)).toEqual([
      { offset: 3, at, record: marked(3) },
      { offset: 4, at: at + 7, record: marked(4) },
    ]);
    expect(journal.damaged()).toEqual([]);
    await journal.close();
  });

  it('[JN15] stops its readers at a commit of a newer version, which is no damage', async () => {
    await written(2);
    const payload = new TextEncoder().encode('who knows');
    writeCommit({ firstOffset: 3, version: 3, count: 1, firstAt: 1, lastAt: 1, payload });
    const journal = await SqliteJournal.open({ directory, now: clock.now, onFollowerError: () => undefined });
    await expect(journal.read(1, 10)).rejects.toMatchObject({ code: 'schema_newer' });
    expect(await journal.read(1, 2)).toHaveLength(2);
    expect(journal.damaged()).toEqual([]);
    await journal.close();
  });

  it('[JN15] loses no more than a destroyed page held', async () => {
    await written(300, 700);
    const bytes = await readFile(file);
    const marker = bytes.indexOf('marker-150-');
    bytes.fill(0xff, marker - (marker % PAGE_SIZE), marker - (marker % PAGE_SIZE) + PAGE_SIZE);
    await writeFile(file, bytes);
    const journal = await open();
    const offsets = await offsetsFollowed(journal);
    const lost = Array.from({ length: 300 }, (_, i) => i + 1).filter((offset) => !offsets.includes(offset));
    expect(lost).toContain(150);
    expect(lost.length).toBeLessThan(10);
    expect(journal.damaged().flatMap(({ fromOffset, toOffset }) => [fromOffset, toOffset])).toEqual([
      Math.min(...lost),
      Math.max(...lost),
    ]);
    await journal.close();
  });

  it('[JN15] counts a damaged state as none, and says so', async () => {
    let journal = await open();
    await journal.saveState('engine', { offset: 1, bytes: Buffer.from('precious') });
    await journal.close();
    await flipBitAt('precious');
    journal = await open();
    expect(await journal.loadState('engine')).toBeUndefined();
    expect(journal.health()).toMatchObject({ ok: true, code: 'damaged' });
    await journal.close();
  });

  it('[JN15] starts on a file that lost the end of its last page', async () => {
    await written(30, 2_000);
    await truncate(file, (await stat(file)).size - 100);
    const journal = await open();
    const offsets = await offsetsFollowed(journal);
    const lost = Array.from({ length: 30 }, (_, i) => i + 1).filter((offset) => !offsets.includes(offset));
    expect(lost.length).toBeLessThanOrEqual(1);
    expect(journal.damaged()).toHaveLength(lost.length);
    await journal.close();
  });

  it('[JN14] refuses a file that lost whole pages, by name', async () => {
    await written(30, 2_000);
    await truncate(file, (await stat(file)).size - 3 * PAGE_SIZE);
    await expect(open()).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining(file) as unknown,
    });
  });
});

describe('SqliteJournal on what is not its own', () => {
  it('[JN14] refuses a file that is no database', async () => {
    await writeFile(file, 'Dear diary, '.repeat(1000));
    await expect(open()).rejects.toMatchObject({
      code: 'not_a_journal',
      message: expect.stringContaining(file) as unknown,
    });
  });

  it('[JN14] refuses the database of another program and leaves it as it was', async () => {
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE songs (title TEXT)');
    other.close();
    const before = await readFile(file);
    await expect(open()).rejects.toMatchObject({ code: 'not_a_journal' });
    expect(before.equals(await readFile(file))).toBe(true);
  });

  it('[JN14] refuses the journal of a newer version', async () => {
    await written(1);
    const newer = new DatabaseSync(file);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    await expect(open()).rejects.toMatchObject({ code: 'schema_newer' });
  });

  it('[JN14] says that a folder cannot be made', async () => {
    const inTheWay = join(directory, 'a-file');
    await writeFile(inTheWay, '');
    const opening = SqliteJournal.open({ directory: join(inTheWay, 'journal'), now: clock.now });
    await expect(opening).rejects.toMatchObject({ code: 'unwritable' });
  });

  it('[JN14] says that its file is a folder', async () => {
    await mkdir(file);
    await expect(open()).rejects.toMatchObject({ code: 'unwritable' });
  });
});

describe('SqliteJournal and space', () => {
  it('[JN9] gives the space of deleted commits back to the file system', async () => {
    await written(100, 20_000);
    const journal = await open();
    const before = (await stat(file)).size;
    expect(await journal.retain(100, Number.MAX_SAFE_INTEGER)).toBe(99);
    expect((await stat(file)).size).toBeLessThan(before / 4);
    await journal.close();
    expect((await stat(file)).size).toBeLessThan(100_000);
  });
});
