import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InfluxHistory, type InfluxHistoryOptions } from '@watchfire/history';
import { historyContract } from '@watchfire/testing';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';
import { memoryCursor } from '../support/memory-cursor.js';

const title = 'InfluxDB 1.x of the operating system';

if (influxdMissing !== undefined) {
  describe.skip(`${title} (skipped: ${influxdMissing})`, () => {
    it('runs the history contract', () => {});
  });
} else {
  historyContract(title, async () => {
    const influxd = await startInfluxd();
    const options: InfluxHistoryOptions = {
      url: influxd.url,
      token: '',
      org: '',
      bucket: 'watchfire',
      api: 'v1',
      cursor: memoryCursor(),
    };
    let history = await InfluxHistory.open(options);
    return {
      history,
      reopen: async () => {
        await history.close();
        history = await InfluxHistory.open(options);
        return history;
      },
      dispose: async () => {
        await history.close();
        await influxd.dispose();
      },
    };
  });

  describe(`${title}, over its faults`, () => {
    let influxd: Influxd;
    beforeAll(async () => {
      influxd = await startInfluxd();
    }, 60_000);
    afterAll(() => influxd.dispose(), 60_000);

    const options = (cursor = memoryCursor()): InfluxHistoryOptions => ({
      url: influxd.url,
      token: '',
      org: '',
      bucket: 'faults',
      api: 'v1',
      cursor,
    });
    const batch = (offset: number) => ({
      offset,
      readings: [],
      samples: [
        {
          pointId: 'd.p',
          deviceId: 'd',
          ts: 1_751_997_600_000 + offset,
          receivedAt: 1_751_997_600_000 + offset,
          value: offset,
          quality: 'good' as const,
        },
      ],
      events: [],
    });
    const stored = async (history: InfluxHistory): Promise<unknown[]> =>
      (await history.range('d.p', 0, Number.MAX_SAFE_INTEGER, 100)).map((sample) => sample.value);

    it('[HI2] keeps what it acknowledged when the server loses its power, and goes on when it is back', async () => {
      const cursor = memoryCursor();
      const history = await InfluxHistory.open(options(cursor));
      await history.write(batch(1));
      await influxd.kill();
      await expect(history.write(batch(2))).rejects.toMatchObject({ code: 'unreachable', retryable: true });
      expect(await cursor.load()).toBe(1);
      expect((await history.health()).ok).toBe(false);
      await influxd.start();
      await history.write(batch(2));
      expect(await cursor.load()).toBe(2);
      expect((await history.health()).ok).toBe(true);
      expect(await stored(history)).toEqual([1, 2]);
      await history.close();
    }, 60_000);

    it('[HI15] starts while the server is away, and makes the database when it is there', async () => {
      await influxd.kill();
      const history = await InfluxHistory.open({ ...options(), bucket: 'later' });
      expect((await history.health()).ok).toBe(false);
      await influxd.start();
      await history.write(batch(1));
      expect(await stored(history)).toEqual([1]);
      await history.close();
    }, 60_000);
  });
}
