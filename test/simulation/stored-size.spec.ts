import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import { Catalogue, loadDemoDistrict } from '@watchfire/catalogue';
import { EmbeddedHistory, type HistorySample } from '@watchfire/history';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeviceModel } from '../../apps/simulator/src/signals/device-model.js';
import { Random } from '../../apps/simulator/src/random.js';

const DAY = 86_400_000;
const START = 20_278 * DAY;
const MOST_BYTES = 3;

/** A day of the first device of each kind of the demo district, in blocks on a disk. */
describe('the signals of the simulator, stored', () => {
  let directory: string;
  let series: readonly { readonly point: string; readonly samples: number; readonly bytes: number }[];
  let fileBytes: number;
  let samples = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'watchfire-size-'));
    await fill();
    fileBytes = (await stat(join(directory, 'history.db'))).size;
    series = sizes();
  }, 60_000);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function fill(): Promise<void> {
    const [district, catalogue] = await Promise.all([
      loadDemoDistrict('config/demo'),
      Catalogue.load('config/catalogue'),
    ]);
    const history = await EmbeddedHistory.open({ directory, now: () => START });
    const kinds = new Set<string>();
    for (const device of district.devices) {
      const profile = catalogue.profile(device.profile);
      if (profile === undefined || profile.logic || kinds.has(profile.key)) continue;
      kinds.add(profile.key);
      const model = new DeviceModel(device, profile, 'stored size');
      const random = new Random(device.id);
      const day: HistorySample[] = [];
      // Devices of a real site publish more often than those of the demo.
      const everyMs = Math.min(device.simulation.publishSeconds, 10) * 1_000;
      for (let at = START; at < START + DAY; at += everyMs) {
        const ts = at + Math.floor(random.between(0, 4));
        const receivedAt = ts + Math.floor(random.between(5, 45));
        for (const [key, value] of Object.entries(model.values(ts, new Map())))
          day.push({
            pointId: `${device.id}.${key}`,
            deviceId: device.id,
            ts,
            receivedAt,
            value,
            quality: 'good',
          });
      }
      await history.write({ offset: 1, readings: [], samples: day, events: [] });
      samples += day.length;
    }
    await history.close();
    expect(kinds.size).toBeGreaterThanOrEqual(7);
  }

  function sizes(): typeof series {
    const database = new DatabaseSync(join(directory, 'history.db'));
    const rows = database
      .prepare(
        `SELECT point_id AS point, sum(count) AS samples, sum(length(body)) AS bytes
         FROM block JOIN series ON series.id = series GROUP BY series`,
      )
      .all() as (typeof series)[number][];
    database.close();
    return rows;
  }

  it('[HI12] need at most 3 bytes a sample in their blocks, every point by itself', () => {
    expect(series.length).toBeGreaterThan(30);
    expect(series.filter(({ samples, bytes }) => bytes / samples > MOST_BYTES)).toEqual([]);
  });

  it('[HI12] need at most 3 bytes a sample of the file, with every index', () => {
    expect(series.reduce((sum, each) => sum + each.samples, 0)).toBe(samples);
    expect(fileBytes / samples).toBeLessThanOrEqual(MOST_BYTES);
  });
});
