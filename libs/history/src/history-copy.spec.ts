import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EmbeddedHistory } from './embedded-history.js';
import { checkHistoryCopy } from './history-copy.js';
import { type HistorySample } from './history.js';

const T0 = 1_751_997_600_000;
let folder: string;
let history: EmbeddedHistory;
let offset = 0;

beforeEach(async () => {
  offset = 0;
  folder = await mkdtemp(join(tmpdir(), 'watchfire-history-'));
  history = await EmbeddedHistory.open({ directory: join(folder, 'history'), now: () => T0 });
});
afterEach(async () => {
  await history.close().catch(() => undefined);
  await rm(folder, { recursive: true });
});

const write = async (count: number): Promise<void> => {
  const samples = Array.from({ length: count }, (): HistorySample => {
    offset += 1;
    const ts = T0 + offset * 1_000;
    return { pointId: 'd.p', deviceId: 'd', ts, receivedAt: ts, value: offset, quality: 'good' };
  });
  await history.write({ offset, readings: [], samples, events: [] });
};

/** More than SQLite would keep in the log by itself. */
const writeMuch = async (): Promise<void> => {
  const alarm = {
    deviceId: 'd',
    siteId: 's',
    enterpriseId: 'e',
    class: 'gas',
    severity: 1,
    raisedAt: T0,
    state: 'UNACK',
  };
  const events = Array.from({ length: 12 }, (_, index) => ({
    seq: (offset += 1),
    eventId: `e-${offset}`,
    alarmId: `a-${offset}`,
    type: 'raised',
    at: T0 + index,
    actor: 'system',
    comment: null,
    alarm: { ...alarm, id: `a-${offset}`, message: 'x'.repeat(500_000) },
  }));
  for (const event of events) await history.write({ offset, readings: [], samples: [], events: [event] });
};

const act = fc.oneof(
  fc.integer({ min: 1, max: 200 }).map((count) => ({ what: 'write', count }) as const),
  fc.constant({ what: 'flush' } as const),
  fc
    .integer({ min: 0, max: 300 })
    .map((seconds) => ({ what: 'retain', before: T0 + seconds * 1_000 }) as const),
);

describe('a pinned history', () => {
  it('[BK4] does not change its file, whatever is written, and the copy is what it was when it was pinned', async () => {
    let copies = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 8 }), async (acts) => {
        await write(5);
        await history.flush();
        const expected = await history.range('d.p', 0, Number.MAX_SAFE_INTEGER, 100_000);
        const cursor = await history.cursor();
        const pinned = await history.pin();
        const bytes = await readFile(pinned.file);
        for (const one of acts) {
          if (one.what === 'write') await write(one.count);
          else if (one.what === 'flush') await history.flush();
          else {
            const { before } = one;
            await history.retain({ samples: before, minutes: before, hours: before, events: before });
          }
        }
        if (copies === 0) await writeMuch();
        expect(Buffer.compare(bytes, await readFile(pinned.file))).toBe(0);
        const directory = join(folder, `copy-${(copies += 1)}`);
        await mkdir(directory);
        await copyFile(pinned.file, join(directory, 'history.db'));
        expect(await pinned.release()).toBe(true);
        expect(await checkHistoryCopy(directory)).toBe(cursor);
        const copy = await EmbeddedHistory.open({ directory, now: () => T0 });
        expect(await copy.range('d.p', 0, Number.MAX_SAFE_INTEGER, 100_000)).toEqual(expected);
        await copy.close();
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('[BK4] is copied by one at a time, and says that its file was changed where it was closed meanwhile', async () => {
    const pinned = await history.pin();
    await expect(history.pin()).rejects.toMatchObject({ code: 'locked', retryable: true });
    await history.close();
    expect(await pinned.release()).toBe(false);
  });
});
