import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type RefusedLine } from './influx/line-origins.js';
import { InfluxHistory } from './influx-history.js';

/** The wire of InfluxDB 3, as its source (influxdb3_server/src/http.rs) and its documentation describe it. */
interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

const T0 = 1_751_997_600_000;
const sample = (index: number) => ({
  pointId: 'd.p',
  deviceId: 'd',
  ts: T0 + index,
  receivedAt: T0 + index,
  value: index,
  quality: 'good' as const,
});

describe('InfluxHistory before InfluxDB 3', () => {
  let server: Server;
  let asked: Asked[];
  let answers: ((asked: Asked) => readonly [status: number, body: unknown] | undefined)[];
  let refused: RefusedLine[];
  let history: InfluxHistory;

  beforeEach(async () => {
    [asked, answers, refused] = [[], [], []];
    server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        const now = { path: request.url ?? '', authorization: request.headers.authorization, body };
        asked.push(now);
        const [status, answer] = answers.map((one) => one(now)).find((one) => one !== undefined) ?? [
          request.url?.startsWith('/api/v3/write_lp') ? 204 : 200,
          [],
        ];
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(status === 204 ? undefined : JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    history = await InfluxHistory.open({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      token: 'apiv3_secret',
      org: '',
      bucket: 'watchfire',
      api: 'v3',
      cursor: { load: () => Promise.resolve(0), save: () => Promise.resolve() },
      onRefused: (lines) => void refused.push(...lines),
    });
  });
  afterEach(async () => {
    await history.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('[HI30] reads from the answer which lines were refused, and sends the others once more', async () => {
    answers.push(({ path, body }) => {
      if (!path.startsWith('/api/v3/write_lp') || !body.includes(',v=7 ')) return undefined;
      const original_line = 'telemetry,device=d,point=d.p q=0i,rx=1...';
      const data = [{ original_line, line_number: 8, error_message: 'invalid column type for column v' }];
      return [400, { error: 'partial write of line protocol occurred', data }];
    });
    const samples = Array.from({ length: 30 }, (_, index) => sample(index));
    await history.write({ offset: 3, readings: [], samples, events: [] });
    const writes = asked.filter(({ path }) => path.startsWith('/api/v3/write_lp'));
    const target = '/api/v3/write_lp?db=watchfire&accept_partial=true&no_sync=false&precision=nanosecond';
    expect(writes.map(({ path }) => path)).toEqual([target, target]);
    expect(writes.map(({ authorization }) => authorization)).toEqual(Array(2).fill('Bearer apiv3_secret'));
    expect(writes[1]!.body.split('\n')).toHaveLength(29);
    expect(refused).toMatchObject([
      { reason: 'invalid column type for column v', origin: { kind: 'sample', sample: { value: 7 } } },
    ]);
    expect(await history.cursor()).toBe(3);
  });

  it('[HI6] [HI8] asks InfluxQL with bound parameters, a statement a request, and reads its times', async () => {
    answers.push(({ path, body }) => {
      if (path !== '/api/v3/query_influxql') return undefined;
      const { q } = JSON.parse(body) as { q: string };
      expect(q).not.toMatch(/;|OR 1=1/);
      const measured = { 'iox::measurement': 'telemetry' };
      if (q.includes('LAST("v")')) return [200, [{ ...measured, time: '2025-07-08T18:00:00', bucket: 4.5 }]];
      if (q.includes('LAST("s")')) return [200, []];
      const columns = { ...measured, q: 0, rx: T0 + 9, v: 4.5, device: 'd' };
      return [
        200,
        ['2025-07-08T18:00:00', '2025-07-08T18:00:00.25', '2025-07-08T18:00:00.251000009'].map((time) => ({
          ...columns,
          time,
        })),
      ];
    });
    const found = await history.range(`d.p' OR 1=1`, T0, T0 + 10_000, 5);
    expect(found.map(({ ts }) => ts)).toEqual([T0, T0 + 250, T0 + 251]);
    expect(found[0]).toMatchObject({ value: 4.5, receivedAt: T0 + 9, quality: 'good', deviceId: 'd' });
    expect(JSON.parse(asked.at(-1)!.body)).toMatchObject({
      db: 'watchfire',
      format: 'json',
      params: { point: `d.p' OR 1=1` },
    });
    const last = { pointId: 'd.p', from: T0, to: T0 + 60_000, every: 60_000, fn: 'last' as const };
    expect(await history.aggregate(last)).toEqual([[T0, 4.5]]);
  });

  it('[HI31] keeps transitions in a database of their own, and never deletes', async () => {
    const before = asked.length;
    await history.retain({ samples: T0, minutes: T0, hours: T0, events: T0 });
    expect(asked).toHaveLength(before);
    await history.alarmEvents('a1');
    expect(JSON.parse(asked.at(-1)!.body)).toMatchObject({ db: 'watchfire_alarms', params: { id: 'a1' } });
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const whole = Buffer.concat(parts);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole).toString('utf8');
}
