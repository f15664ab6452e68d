import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type HistoryBatch,
  type HistoryLog,
  InfluxHistory,
  type InfluxHistoryOptions,
} from '@watchfire/history';
import { eventually } from '../support/eventually.js';
import { influxRows } from '../support/influx-query.js';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';
import { memoryCursor } from '../support/memory-cursor.js';

const title = 'InfluxDB 1.x: places';
const suite = influxdMissing === undefined ? describe : describe.skip;
const NOW = Date.now();
const DAYS = { samples: 90, minutes: 730, hours: 3_660, alarms: 1_100 };

const sample = (ts: number) => ({
  pointId: 'd.p',
  deviceId: 'd',
  ts,
  receivedAt: ts,
  value: 1,
  quality: 'good' as const,
});
const alarm = {
  id: 'a1',
  deviceId: 'd',
  siteId: 's',
  enterpriseId: 'e',
  class: 'gas',
  state: 'UNACK',
  severity: 700,
  raisedAt: NOW,
};
const transition = (seq: number, at: number) => ({
  seq,
  eventId: `${seq}`,
  alarmId: 'a1',
  type: 'raised',
  at,
  actor: 'system',
  comment: null,
  alarm,
});
const batch = (offset: number): HistoryBatch => ({
  offset,
  readings: [],
  samples: [sample(NOW + offset)],
  events: [transition(offset, NOW + offset)],
});

suite(influxdMissing === undefined ? title : `${title} (skipped: ${influxdMissing})`, () => {
  describe('without accounts', () => {
    let influxd: Influxd;
    beforeAll(async () => {
      influxd = await startInfluxd();
    }, 60_000);
    afterAll(() => influxd.dispose(), 60_000);

    const open = (bucket: string, more: Partial<InfluxHistoryOptions> = {}): Promise<InfluxHistory> =>
      InfluxHistory.open({
        url: influxd.url,
        token: '',
        org: '',
        bucket,
        api: 'v1',
        cursor: memoryCursor(),
        retentionDays: DAYS,
        ...more,
      });
    /** Name, duration and length of a shard. */
    const policies = async (database: string): Promise<unknown[]> =>
      (await influxRows(influxd.url, '', `SHOW RETENTION POLICIES ON "${database}"`)).map((row) =>
        row.slice(0, 3),
      );

    it('[HI31] makes them with their retention, and changes it with the settings', async () => {
      await (await open('made')).close();
      expect(await policies('made')).toEqual([
        ['autogen', '2160h0m0s', '168h0m0s'],
        ['minutes', '17520h0m0s', '720h0m0s'],
        ['hours', '87840h0m0s', '720h0m0s'],
        ['alarms', '26400h0m0s', '720h0m0s'],
      ]);
      await (await open('made', { retentionDays: { ...DAYS, samples: 7, alarms: 2_000 } })).close();
      expect(await policies('made')).toEqual([
        ['autogen', '168h0m0s', '24h0m0s'],
        ['minutes', '17520h0m0s', '720h0m0s'],
        ['hours', '87840h0m0s', '720h0m0s'],
        ['alarms', '48000h0m0s', '720h0m0s'],
      ]);
      await (await open('kept', { retentionDays: {} })).close();
      expect((await policies('kept')).map((row) => (row as unknown[])[1])).toEqual(['0s', '0s', '0s', '0s']);
    });

    it('[HI31] keeps transitions apart from samples, and longer', async () => {
      const history = await open('apart');
      const old = NOW - 200 * 86_400_000;
      await history.write({ ...batch(1), samples: [sample(old), sample(NOW)], events: [transition(1, old)] });
      const count = async (from: string): Promise<unknown> =>
        (await influxRows(influxd.url, 'apart', `SELECT COUNT("seq") FROM ${from}`))[0]?.[1];
      expect(await count('"apart"."alarms"."alarm_event"')).toBe(1);
      expect(await count('"apart"."autogen"."alarm_event"')).toBeUndefined();
      // Older than the samples are kept: dropped, and no failure.
      expect(await history.range('d.p', 0, Number.MAX_SAFE_INTEGER, 10)).toHaveLength(1);
      expect(await history.alarm('a1')).toEqual(alarm);
      expect((await history.alarms({ limit: 10 })).total).toBe(1);
      expect(await history.openAlarmsBefore(NOW)).toHaveLength(1);
      expect(await history.alarmEventsBetween({ from: 0, to: NOW, afterSeq: 0, limit: 10 })).toHaveLength(1);
      expect(await history.alarmEventsAfter(0, 10)).toHaveLength(1);
      await history.retain({ samples: 0, minutes: 0, hours: 0, events: NOW });
      expect(await history.alarmEvents('a1')).toEqual([]);
      await history.close();
    });

    it.each(['DROP DATABASE "dropped"', 'DROP RETENTION POLICY "alarms" ON "dropped"'])(
      '[HI31] makes them again after %s',
      async (drop) => {
        const history = await open('dropped');
        await history.write(batch(1));
        await fetch(`${influxd.url}/query?q=${encodeURIComponent(drop)}`, { method: 'POST' });
        // The server takes a moment to drop it, and says meanwhile that a shard is not found, or that it is closed.
        const attempt = (): Promise<string> =>
          history.write(batch(2)).then(
            () => 'stored',
            (error: unknown) => {
              expect(error).toMatchObject({ name: 'HistoryError', retryable: true });
              return String(error);
            },
          );
        expect(await attempt()).not.toBe('stored');
        await eventually(attempt, (outcome) => outcome === 'stored', 'the place made again');
        expect(await history.cursor()).toBe(2);
        expect(await policies('dropped')).toHaveLength(4);
        expect(await history.alarmEvents('a1')).toHaveLength(1);
        await history.close();
      },
    );
  });

  describe('with accounts', () => {
    let influxd: Influxd;
    beforeAll(async () => {
      influxd = await startInfluxd({ auth: true });
    }, 60_000);
    afterAll(() => influxd.dispose(), 60_000);

    it('[HI31] tells once what an administrator has to run where it may not, and works with what that makes', async () => {
      const admin = async (q: string): Promise<void> => {
        const credentials = new URLSearchParams({ u: 'admin', p: 'secret', q });
        const answer = await fetch(`${influxd.url}/query?${credentials.toString()}`, { method: 'POST' });
        expect(answer.status).toBe(200);
      };
      await admin(`CREATE USER "admin" WITH PASSWORD 'secret' WITH ALL PRIVILEGES`);
      await admin(`CREATE USER "watchfire" WITH PASSWORD 'fire'`);
      const told: string[] = [];
      const warn = (details: { commands?: readonly string[] }): void =>
        void told.push(...(details.commands ?? []));
      const history = await InfluxHistory.open({
        url: influxd.url,
        token: 'watchfire:fire',
        org: '',
        bucket: 'watchfire',
        api: 'v1',
        cursor: memoryCursor(),
        retentionDays: DAYS,
        log: { info: () => {}, error: () => {}, warn } satisfies HistoryLog,
      });
      await expect(history.write(batch(1))).rejects.toMatchObject({ code: 'missing', retryable: true });
      expect(told).toHaveLength(5);
      for (const command of told) await admin(command);
      await admin('GRANT ALL ON "watchfire" TO "watchfire"');
      await history.write(batch(1));
      expect(await history.alarmEvents('a1')).toHaveLength(1);
      expect(told).toHaveLength(5);
      await history.close();
    });
  });
});
