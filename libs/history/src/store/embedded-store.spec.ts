import { afterEach, describe, expect, it } from '@jest/globals';
import { inForm } from '@watchfire/testing';
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type HistorySample } from '../history.js';
import { ReadingPacker } from '../packed-readings.js';
import { toSamples } from '../sample-rows.js';
import { type WorkerCalls, type WorkerSettings } from '../worker-protocol.js';
import { EmbeddedStore } from './embedded-store.js';

const T0 = 1_751_997_600_000;
const POINTS = 50;
const EACH = 500;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'watchfire-history-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The inside of the thread, without the thread: what happens between two slices of a flush can be chosen. */
function open(settings: Partial<WorkerSettings> & { directory: string }) {
  const store = EmbeddedStore.open({ maxBufferedSamples: 1_000_000, ...settings }, () => {});
  const packer = new ReadingPacker();
  const call = <Call extends keyof WorkerCalls>(name: Call, give: WorkerCalls[Call]['give']) =>
    store.call(name, give) as Promise<WorkerCalls[Call]['get']>;
  cleanups.push(() => call('close', null).catch(() => {}));
  return {
    call,
    write: (offset: number, samples: readonly HistorySample[]) => {
      const readings = packer.pack(inForm(samples, 'columns').readings);
      return call('write', { offset, readings, rows: undefined, events: [] });
    },
    all: async (pointId: string) => {
      const { deviceId, columns } = await call('range', { pointId, from: 0, to: 1e15, limit: 1e9 });
      return toSamples(pointId, deviceId, columns);
    },
  };
}

function samplesOf(point: number, from = T0, factor = 0.25): HistorySample[] {
  return Array.from({ length: EACH }, (_, index) => {
    const ts = from + index * 1_000;
    const value = (index + point) * factor;
    return { pointId: `d${point}.v`, deviceId: `d${point}`, ts, receivedAt: ts + 3, value, quality: 'good' };
  });
}

const points = Array.from({ length: POINTS }, (_, point) => point);
/** Enough for several slices. */
const everything = points.flatMap((point) => samplesOf(point));
const total = everything.length;

describe('a flush in slices', () => {
  it('[HI1] [HI14] answers questions and takes batches in between', async () => {
    const { call, write, all } = open({ directory: await folder() });
    await write(1, everything);
    const flushed = call('flush', null);
    await nextTurn();
    const { bufferedSamples } = await call('health', null);
    expect(bufferedSamples).toBeGreaterThan(0);
    expect(bufferedSamples).toBeLessThan(total);
    const later = T0 + EACH * 1_000;
    // The first point is in blocks by now, the last is not.
    await write(2, [...samplesOf(0, later), ...samplesOf(POINTS - 1, later)]);
    for (const point of [0, POINTS - 1]) {
      expect(await all(`d${point}.v`)).toEqual([...samplesOf(point), ...samplesOf(point, later)]);
    }
    const [last] = toSamples('d0.v', 'd0', await call('latest', ['d0.v']));
    expect(last?.ts).toBe(later + (EACH - 1) * 1_000);
    await flushed;
    expect(await call('cursor', null)).toBe(1);
    await call('flush', null);
    expect(await call('cursor', null)).toBe(2);
    expect((await call('health', null)).bufferedSamples).toBe(0);
    for (const point of [0, POINTS - 1]) {
      expect(await all(`d${point}.v`)).toEqual([...samplesOf(point), ...samplesOf(point, later)]);
    }
  });

  it('[HI2] has an old cursor until the last of them, and is whole again after a crash in between', async () => {
    const [directory, left] = [await folder(), await folder()];
    const running = open({ directory });
    await running.write(1, everything);
    const flushed = running.call('flush', null);
    await nextTurn();
    expect((await running.call('health', null)).bufferedSamples).toBeLessThan(total);
    cpSync(directory, left, { recursive: true });
    await flushed;
    const again = open({ directory: left });
    expect(await again.call('cursor', null)).toBe(0);
    expect(await again.all('d0.v')).toEqual(samplesOf(0));
    expect(await again.all(`d${POINTS - 1}.v`)).toEqual([]);
    await again.write(1, everything);
    await again.call('flush', null);
    for (const point of points) expect(await again.all(`d${point}.v`)).toEqual(samplesOf(point));
  });

  it('[HI15] keeps what did not fit on the disk, and its cursor', async () => {
    const { call, write, all } = open({ directory: await folder(), maxFileBytes: 200_000 });
    await write(
      1,
      points.flatMap((point) => samplesOf(point, T0, Math.PI)),
    );
    await expect(call('flush', null)).rejects.toMatchObject({ code: 'disk_full' });
    const { bufferedSamples } = await call('health', null);
    expect(bufferedSamples).toBeGreaterThan(0);
    expect(bufferedSamples).toBeLessThan(total);
    expect(await call('cursor', null)).toBe(0);
    for (const point of points) expect(await all(`d${point}.v`)).toEqual(samplesOf(point, T0, Math.PI));
  });

  it('[HI3] [HI14] keeps batches in order that come while one of them waits for it', async () => {
    // Room for the last batch, and not for the one before it.
    const { call, write, all } = open({ directory: await folder(), maxBufferedSamples: total + 100 });
    const corrected = samplesOf(7, T0, 2);
    const [first, ...rest] = corrected;
    const last = { ...first!, value: -1 };
    await Promise.all([write(1, everything), write(2, corrected), write(3, [last])]);
    expect(await all('d7.v')).toEqual([last, ...rest]);
    expect(await call('cursor', null)).toBe(1);
    await call('flush', null);
    expect(await all('d7.v')).toEqual([last, ...rest]);
    expect(await call('cursor', null)).toBe(3);
  });
});
