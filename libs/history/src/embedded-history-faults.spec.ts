import { afterEach, describe, expect, it } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import { cp, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedHistory, type EmbeddedHistoryOptions } from './embedded-history.js';
import { type HistoryBatch, type HistorySample } from './history.js';

const T0 = 1_751_997_600_000;
const HOUR = 3_600_000;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'watchfire-history-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function open(
  options: Partial<EmbeddedHistoryOptions> & { directory: string },
): Promise<EmbeddedHistory> {
  const history = await EmbeddedHistory.open({ now: () => 0, ...options });
  cleanups.push(() => history.close().catch(() => {}));
  return history;
}

/** A second of one point a sample; the values are noise, so that they need room. */
function samplesOf(pointId: string, count: number, from = T0): HistorySample[] {
  let state = 1;
  return Array.from({ length: count }, (_, index) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    const ts = from + index * 1_000;
    return { pointId, deviceId: 'dev', ts, receivedAt: ts + 7, value: state / 3, quality: 'good' };
  });
}

const batchOf = (offset: number, samples: HistorySample[]): HistoryBatch => ({
  offset,
  readings: [],
  samples,
  events: [],
});
const everything = (history: EmbeddedHistory, pointId: string) =>
  history.range(pointId, 0, Number.MAX_SAFE_INTEGER, 1_000_000);

describe('embedded history after kill -9', () => {
  it('[HI2] [HI3] is whole again when everything above its cursor is written once more', async () => {
    const directory = await folder();
    const history = await open({ directory });
    const samples = samplesOf('dev.conc', 3_000);
    const batches = Array.from({ length: 30 }, (_, index) =>
      batchOf(index + 1, samples.slice(index * 100, (index + 1) * 100)),
    );
    for (const [index, batch] of batches.entries()) {
      await history.write(batch);
      if (index === 11 || index === 17) await history.flush();
    }
    // What a process that is killed now leaves behind: the files as they are, and nothing from memory.
    const left = await folder();
    await cp(directory, left, { recursive: true });
    const again = await open({ directory: left });
    const cursor = await again.cursor();
    expect(cursor).toBe(18);
    expect(await everything(again, 'dev.conc')).toEqual(samples.slice(0, 1_800));
    // From a little earlier, as a caller does that saved its own position late.
    for (const batch of batches.filter(({ offset }) => offset > cursor - 5)) await again.write(batch);
    expect(await everything(again, 'dev.conc')).toEqual(samples);
  });
});

describe('embedded history on its clock', () => {
  it('[HI14] writes to disk what has waited for the time that was set', async () => {
    let now = 1_000;
    const history = await open({ directory: await folder(), now: () => now, flushAfterMs: 30_000 });
    await history.write(batchOf(1, samplesOf('dev.conc', 5)));
    expect((await history.health()).bufferedSamples).toBe(5);
    now += 29_999;
    await history.write(batchOf(2, []));
    expect(await history.cursor()).toBe(0);
    now += 1;
    await history.write(batchOf(3, []));
    expect(await history.cursor()).toBe(3);
    expect((await history.health()).bufferedSamples).toBe(0);
  });

  it('[HI14] is not kept from it by a clock that was set back', async () => {
    let now = 10 * HOUR;
    const history = await open({ directory: await folder(), now: () => now });
    now = HOUR;
    await history.write(batchOf(1, samplesOf('dev.conc', 5)));
    expect(await history.cursor()).toBe(1);
  });

  it('[HI14] writes to disk before more samples wait than may wait', async () => {
    const history = await open({ directory: await folder(), maxBufferedSamples: 100 });
    await history.write(batchOf(1, samplesOf('dev.conc', 90)));
    expect(await history.cursor()).toBe(0);
    await history.write(batchOf(2, samplesOf('dev.conc', 11, T0 + HOUR)));
    expect(await history.cursor()).toBe(1);
    expect((await history.health()).bufferedSamples).toBe(11);
  });
});

describe('embedded history on a full disk', () => {
  it('[HI15] refuses, tells so, loses nothing, and goes on when there is room again', async () => {
    const history = await open({
      directory: await folder(),
      maxFileBytes: 300_000,
      maxBufferedSamples: 10_000,
    });
    const old = samplesOf('dev.conc', 10_000, T0 - 24 * HOUR);
    const recent = samplesOf('dev.conc', 30_000);
    await history.write(batchOf(1, old));
    await history.flush();
    let written = 1;
    let refused: unknown;
    for (let from = 0; from < recent.length && refused === undefined; from += 5_000) {
      const batch = batchOf(written + 1, recent.slice(from, from + 5_000));
      await history.write(batch).then(
        () => (written += 1),
        (error: unknown) => (refused = error),
      );
    }
    expect(refused).toMatchObject({ name: 'HistoryError', code: 'disk_full', retryable: true });
    expect(await history.health()).toMatchObject({ ok: false, reason: expect.stringContaining('disk_full') });
    const cursor = await history.cursor();
    expect(cursor).toBeLessThan(written);

    await history.retain({ samples: T0, minutes: T0, hours: T0, events: T0 });
    expect((await history.health()).ok).toBe(true);
    for (let offset = cursor + 1; offset <= written; offset += 1) {
      const from = (offset - 2) * 5_000;
      await history.write(batchOf(offset, recent.slice(from, from + 5_000)));
    }
    await history.flush();
    expect(await history.cursor()).toBe(written);
    expect(await everything(history, 'dev.conc')).toEqual(recent.slice(0, (written - 1) * 5_000));
  });
});

/** Of a copy: a statement that was prepared keeps a file locked after it is closed. */
async function secondBlock(directory: string): Promise<{ id: number; first: number; last: number }> {
  const copy = await folder();
  await cp(directory, copy, { recursive: true });
  const database = new DatabaseSync(join(copy, 'history.db'));
  const statement = database.prepare('SELECT id, first, last FROM block ORDER BY first LIMIT 1 OFFSET 1');
  const block = statement.get() as { id: number; first: number; last: number };
  database.close();
  return block;
}

describe('embedded history and its file', () => {
  it('[HI16] sets a damaged block aside, tells so, and answers with the others', async () => {
    const directory = await folder();
    const samples = samplesOf('dev.conc', 3_000);
    const history = await open({ directory });
    await history.write(batchOf(1, samples));
    await history.close();
    const { id, first, last } = await secondBlock(directory);
    const database = new DatabaseSync(join(directory, 'history.db'));
    database.exec(`UPDATE block SET body = zeroblob(length(body)) WHERE id = ${id}`);
    database.close();
    const isLost = ({ ts }: HistorySample): boolean => ts >= first && ts <= last;
    expect(samples.filter(isLost).length).toBeGreaterThan(100);

    const told: string[] = [];
    const log = { info: () => {}, warn: () => {}, error: (_: object, message: string) => told.push(message) };
    const again = await open({ directory, log });
    expect(await everything(again, 'dev.conc')).toEqual(samples.filter((sample) => !isLost(sample)));
    expect(await again.health()).toMatchObject({ ok: true, reason: expect.stringContaining('1 damaged') });
    expect(told).toEqual([expect.stringContaining(join(directory, 'history.db'))]);
    // The range is free again: samples that are still in the journal fill it.
    await again.write(batchOf(2, samples.filter(isLost)));
    await again.flush();
    expect(await everything(again, 'dev.conc')).toEqual(samples);
  });

  it('[HI17] refuses a file of a newer program, and names it', async () => {
    const directory = await folder();
    await (await open({ directory })).close();
    const file = join(directory, 'history.db');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(open({ directory })).rejects.toMatchObject({
      code: 'schema_newer',
      message: expect.stringContaining(file),
    });
  });

  it('[HI17] refuses what is no database, and leaves it as it is', async () => {
    const directory = await folder();
    const file = join(directory, 'history.db');
    await writeFile(file, 'a letter '.repeat(1_000));
    await expect(open({ directory })).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining(file),
    });
    expect((await stat(file)).size).toBe(9_000);
  });

  it('[HI17] refuses the database of another program', async () => {
    const directory = await folder();
    const database = new DatabaseSync(join(directory, 'history.db'));
    database.exec('PRAGMA user_version = 3; CREATE TABLE other (id INTEGER)');
    database.close();
    await expect(open({ directory })).rejects.toMatchObject({ code: 'damaged' });
  });

  it('[HI18] belongs to one process at a time', async () => {
    const directory = await folder();
    await open({ directory });
    await expect(open({ directory })).rejects.toMatchObject({ code: 'locked' });
  });

  it('[HI13] gives the space of deleted samples back', async () => {
    const nothing = { samples: 0, minutes: 0, hours: 0, events: 0 };
    const directory = await folder();
    const history = await open({ directory });
    await history.write(batchOf(1, samplesOf('dev.conc', 60_000)));
    await history.retain(nothing);
    const { size: full } = await stat(join(directory, 'history.db'));
    const limit = T0 + 59_000_000;
    await history.retain({ samples: limit, minutes: limit, hours: limit, events: 0 });
    const { size: rest } = await stat(join(directory, 'history.db'));
    expect(rest).toBeLessThan(full / 4);
    expect(await everything(history, 'dev.conc')).toHaveLength(1_000);
  });
});
