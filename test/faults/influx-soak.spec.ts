import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Alarm,
  type AlarmEvent,
  type NewDeviceReply,
  type Page,
  type ServerHealth,
} from '@watchfire/contracts';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { type InfluxSum, influxSum } from '../support/influx-sums.js';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';
import { StubbornDevice } from '../support/stubborn-device.js';

/** Ten for the whole of it; a fraction shows the same in little. */
const MINUTES = Number(process.env['WATCHFIRE_SOAK_MINUTES'] ?? 0.3);
const DEVICES = 5;
const READINGS_PER_SECOND = 200;
const WINDOW = 40;
/** Of so many readings some are high, which raises an alarm; then it returns. */
const EXCURSION_EVERY = 1_000;
const EXCURSION = 100;
/** Of records, when InfluxDB is said to have caught up: about a second of load. */
const FEW = 2_000;
const CATCH_UP_MS = 60_000 + MINUTES * 60_000;
const MOST_MEGABYTES = 600;

const title = 'a server under load while InfluxDB is killed, paused, refusing and slow in turn';
const suite = influxdMissing === undefined ? describe : describe.skip;

suite(influxdMissing === undefined ? title : `${title} (skipped: ${influxdMissing})`, () => {
  let influxd: Influxd;
  let proxy: FaultProxy;
  let centre: Centre;
  let api: ApiClient;
  const devices: StubbornDevice[] = [];
  const readings = Math.round(MINUTES * 60 * READINGS_PER_SECOND);

  /** Never ahead of now, a few ms apart: a time is the identity of a reading. */
  let began = 0;
  const timeOf = (seq: number): number => began + Math.floor((seq * 1_000) / READINGS_PER_SECOND);
  const valueOf = (seq: number): number => (seq % EXCURSION_EVERY < EXCURSION ? 60 : seq % 17);

  beforeAll(async () => {
    influxd = await startInfluxd();
    proxy = await FaultProxy.to(influxd.url);
    centre = await Centre.start({
      env: {
        WATCHFIRE_HISTORY: 'influxdb',
        WATCHFIRE_INFLUX_URL: proxy.url,
        WATCHFIRE_INFLUX_API: 'v1',
        WATCHFIRE_INFLUX_BUCKET: 'watchfire',
      },
    });
    api = await centre.signIn();
    const { siteId } = await api.createSite();
    const credentials: NewDeviceReply['credential'][] = [];
    for (let n = 0; n < DEVICES; n += 1) {
      const made = await api.createDevice(siteId, 'gas.lel.point', `gas-${n}`);
      await api.putByTwo(`/devices/gas-${n}/rules/conc-high`, { offDelayMs: 0, reason: 'test of InfluxDB' });
      credentials.push(made.credential);
    }
    began = Date.now();
    for (const [n, credential] of credentials.entries()) {
      devices.push(
        new StubbornDevice({
          port: centre.options.mqttPort,
          deviceId: `gas-${n}`,
          credential,
          readings,
          window: WINDOW,
          pauseMs: (1_000 * WINDOW) / READINGS_PER_SECOND,
          payload: (seq) => JSON.stringify({ ts: timeOf(seq), values: { conc: valueOf(seq) } }),
        }),
      );
    }
  }, 120_000);
  afterAll(async () => {
    for (const device of devices) device.stop();
    await centre.end();
    await proxy.close();
    influxd.resume();
    await influxd.dispose();
  }, 60_000);

  const memory: number[] = [];
  const answers: number[] = [];
  let backlog = 0;

  async function behind(): Promise<number> {
    return (await api.get<ServerHealth>('/server/health')).influx?.records ?? 0;
  }

  /** Looks at the server as a page does, again and again, for so long. */
  async function watch(ms: number): Promise<void> {
    await eventually(
      () => devices[0]!.acknowledged.size,
      (size) => size > WINDOW,
      'readings',
    );
    const until = performance.now() + ms;
    while (performance.now() < until) {
      memory.push(await residentMegabytes(centre.server.pid));
      const asked = performance.now();
      await api.alarms('state=active');
      // Acknowledged, whatever is still under way.
      const seq = Math.max(0, devices[0]!.acknowledged.size - WINDOW);
      const { points } = await api.history('gas-0.conc', timeOf(seq), timeOf(seq) + 1_000);
      expect(points[0]?.[1]).toBe(valueOf(seq));
      answers.push(performance.now() - asked);
      backlog = Math.max(backlog, await behind());
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  const pass = (): Promise<void> => proxy.set('pass');
  const phases: readonly { name: string; begin: () => unknown; end: () => unknown }[] = [
    { name: 'killed', begin: () => influxd.kill(), end: () => influxd.start() },
    { name: 'paused', begin: () => influxd.pause(), end: () => influxd.resume() },
    {
      name: 'refusing, and the server killed',
      begin: async () => {
        await proxy.set('503', { retryAfter: 1 });
        await centre.server.kill9();
        await centre.startAgain();
        api = await centre.signIn();
      },
      end: pass,
    },
    { name: 'refusing credentials', begin: () => proxy.set('401'), end: pass },
    { name: 'losing its answers', begin: () => proxy.set('lost'), end: pass },
    { name: 'cut off in the middle', begin: () => proxy.set('reset'), end: pass },
    { name: 'slow', begin: () => proxy.set('slow', { slowMs: 500 }), end: pass },
  ];

  it(
    '[HI43] has every acknowledged reading and every transition exactly once in the end, in bounded memory',
    async () => {
      const phaseMs = (MINUTES * 60_000) / phases.length;
      const recoveries: string[] = [];
      for (const { name, begin, end } of phases) {
        await begin();
        await watch(phaseMs);
        await end();
        const endedAt = performance.now();
        await eventually(behind, (records) => records < FEW, `caught up: ${name}`, CATCH_UP_MS);
        recoveries.push(`${name} ${Math.round(performance.now() - endedAt)} ms`);
      }
      await eventually(() => devices.every(({ isDone }) => isDone), Boolean, 'all acknowledged', 120_000);
      const expected = sumOf(readings, valueOf);
      const there = (n: number): Promise<InfluxSum> =>
        influxSum(influxd, 'telemetry', 'v', `"point" = 'gas-${n}.conc'`);
      const caughtUpFrom = performance.now();
      for (const n of devices.keys())
        await eventually(
          () => there(n),
          ({ count }) => count >= readings,
          `gas-${n}`,
          CATCH_UP_MS,
        );
      const caughtUpMs = performance.now() - caughtUpFrom;
      const transitions = await newestTransition(api);
      const events = (): Promise<InfluxSum> => influxSum(influxd, 'alarm_event', 'seq');
      await eventually(events, ({ count }) => count >= transitions, 'transitions', CATCH_UP_MS);
      for (const n of devices.keys()) expect(await there(n)).toEqual(expected);
      expect(await events()).toEqual({ count: transitions, sum: (transitions * (transitions + 1)) / 2 });
      expect(transitions).toBeGreaterThan(DEVICES);
      expect(Math.max(...memory)).toBeLessThan(MOST_MEGABYTES);
      const third = Math.floor(memory.length / 3);
      answers.sort((a, b) => a - b);
      process.stdout.write(
        `soak: ${MINUTES} min, ${DEVICES * readings} readings, ${transitions} transitions; backlog at most ${backlog} records, ` +
          `caught up ${Math.round(caughtUpMs)} ms after the last; resident MB at most ${Math.max(...memory)} ` +
          `(first third ${Math.max(...memory.slice(0, third))}, last third ${Math.max(...memory.slice(-third))}); ` +
          `caught up after ${recoveries.join(', ')}; alarms and history of now: median ${Math.round(answers[answers.length >> 1]!)} ms, worst ${Math.round(answers.at(-1)!)} ms\n`,
      );
    },
    MINUTES * 60_000 + CATCH_UP_MS * 3 + 120_000,
  );
});

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}

function sumOf(count: number, valueOf: (seq: number) => number): InfluxSum {
  let sum = 0;
  for (let seq = 0; seq < count; seq += 1) sum += valueOf(seq);
  return { count, sum };
}

/** Transitions are numbered without a hole: the number of the newest is how many there are. */
async function newestTransition(api: ApiClient): Promise<number> {
  let newest = 0;
  const { items } = await api.get<Page<Alarm>>('/alarms?state=all&limit=500');
  for (const { id } of items) {
    let cursor: string | null = '';
    while (cursor !== null) {
      const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page<AlarmEvent> = await api.get(`/alarms/${id}/events?limit=500${after}`);
      for (const { offset } of page.items) newest = Math.max(newest, offset);
      cursor = page.nextCursor;
    }
  }
  return newest;
}
