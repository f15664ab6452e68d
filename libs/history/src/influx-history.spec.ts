import { afterEach, describe, expect, it } from '@jest/globals';
import { type RequestListener, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type RefusedLine } from './influx/line-origins.js';
import { InfluxHistory, type InfluxHistoryOptions } from './influx-history.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server whose `/write` behaves as it is told, one behaviour a request, then well. */
async function server(...behaviours: RequestListener[]): Promise<{ url: string; writes: () => number }> {
  let writes = 0;
  const http = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      if (!request.url?.startsWith('/write')) {
        response.setHeader('content-type', 'application/json');
        response.end('{"results":[{}]}');
        return;
      }
      writes += 1;
      const behaviour = behaviours.shift() ?? answer(204);
      behaviour(request, response);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, writes: () => writes };
}

const answer =
  (status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(status === 204 ? undefined : body);
  };

async function historyOn(
  url: string,
  timeoutMs = 150,
  more: Partial<InfluxHistoryOptions> = {},
): Promise<{ history: InfluxHistory; saved: number[] }> {
  const saved: number[] = [];
  const cursor = {
    load: () => Promise.resolve(0),
    save: (offset: number) => Promise.resolve(void saved.push(offset)),
  };
  const history = await InfluxHistory.open({
    url,
    token: '',
    org: '',
    bucket: 'db',
    api: 'v1',
    timeoutMs,
    cursor,
    ...more,
  });
  cleanups.push(() => history.close());
  return { history, saved };
}

const batch = (offset: number, count = 1) => ({
  offset,
  readings: [],
  samples: Array.from({ length: count }, (_, index) => ({
    pointId: 'd.p',
    deviceId: 'd',
    ts: 1_751_997_600_000 + index,
    receivedAt: 1_751_997_600_000,
    value: index,
    quality: 'good' as const,
  })),
  events: [],
});

describe('InfluxHistory before a server that fails', () => {
  const failures: readonly [string, RequestListener, string, boolean][] = [
    ['500', answer(500, '{"error":"engine: closed"}'), 'overloaded', true],
    ['503', answer(503), 'overloaded', true],
    ['401', answer(401, '{"error":"authorization failed"}'), 'unauthorised', true],
    ['404', answer(404, '{"error":"database not found"}'), 'missing', true],
    ['400 that is not about lines', answer(400, '{"error":"database is required"}'), 'refused', true],
    ['an empty 200, as a proxy sends it', answer(200), 'refused', true],
    ['a connection cut before the answer', (request) => request.socket.destroy(), 'unreachable', true],
    ['no answer at all', () => {}, 'unreachable', true],
    [
      'an answer that drips',
      (_, response) => {
        response.writeHead(500, { 'content-type': 'application/json' });
        const dripping = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(dripping));
      },
      'unreachable',
      true,
    ],
  ];

  it.each(failures)('[HI2] does not move its cursor on %s', async (_, behaviour, code, retryable) => {
    const { url, writes } = await server(behaviour);
    const { history, saved } = await historyOn(url);
    await expect(history.write(batch(7))).rejects.toMatchObject({ name: 'HistoryError', code, retryable });
    expect(saved).toEqual([]);
    expect(await history.cursor()).toBe(0);
    expect((await history.health()).ok).toBe(false);
    expect(writes()).toBe(1);

    await history.write(batch(7));
    expect(saved).toEqual([7]);
    expect((await history.health()).ok).toBe(true);
  });

  it('[HI2] does not move its cursor when only the first of several requests was answered well', async () => {
    const { url, writes } = await server(answer(204), answer(500));
    // Thousands of lines are packed first, and a busy machine takes its time for that.
    const { history, saved } = await historyOn(url, 20_000);
    await expect(history.write(batch(3, 12_000))).rejects.toMatchObject({ code: 'overloaded' });
    expect(writes()).toBe(2);
    expect(saved).toEqual([]);
  });

  it('tells how long the server asked to wait', async () => {
    const { url } = await server(answer(429, '', { 'retry-after': '17' }));
    const { history } = await historyOn(url);
    await expect(history.write(batch(1))).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 17_000 });
  });

  it('[HI30] hands over the line that is refused, stores the others and goes on', async () => {
    const text = '{"error":"partial write: unable to parse a line"}';
    // All four; the first two, that are fine; the last two; of these the first; the last.
    const { url, writes } = await server(...[400, 204, 400, 204, 400].map((status) => answer(status, text)));
    const refused: RefusedLine[] = [];
    const { history, saved } = await historyOn(url, 20_000, {
      onRefused: (lines) => void refused.push(...lines),
    });
    await history.write(batch(4, 4));
    expect(writes()).toBe(5);
    expect(refused).toMatchObject([{ origin: { sample: { value: 3 } } }]);
    expect(saved).toEqual([4]);
  });

  it('[HI30] moves its cursor only when the refused lines were taken', async () => {
    const text = '{"error":"partial write: field type conflict: v is an integer dropped=2"}';
    const { url } = await server(answer(400, text), answer(400, text));
    const refused: RefusedLine[] = [];
    let taken = false;
    const onRefused = (lines: readonly RefusedLine[]): Promise<void> => {
      refused.push(...lines);
      return taken ? Promise.resolve() : Promise.reject(new Error('no room for dead letters'));
    };
    const { history, saved } = await historyOn(url, 20_000, { onRefused });
    await expect(history.write(batch(4, 2))).rejects.toThrow('no room for dead letters');
    expect(saved).toEqual([]);
    taken = true;
    await history.write(batch(4, 2));
    expect(saved).toEqual([4]);
    expect(refused.slice(0, 2)).toEqual(refused.slice(2));
    expect(refused[1]).toMatchObject({
      line: 'telemetry,device=d,point=d.p q=0i,rx=1751997600000i,v=1 1751997600001000000',
      reason: 'partial write: field type conflict: v is an integer dropped=2',
      origin: { kind: 'sample', sample: { pointId: 'd.p', ts: 1_751_997_600_001, value: 1 } },
    });
    expect((await history.health()).reason).toContain('4 lines were refused');
  });

  it('[HI13] takes it for done when the server drops only what its retention would delete', async () => {
    const text = 'partial write: points beyond retention policy dropped=1';
    const { url } = await server(answer(400, JSON.stringify({ error: text })));
    const { history, saved } = await historyOn(url);
    await history.write(batch(1));
    expect(saved).toEqual([1]);
  });

  it('[HI15] opens while nobody answers', async () => {
    const { history } = await historyOn('http://127.0.0.1:1');
    expect((await history.health()).ok).toBe(false);
    await expect(history.write(batch(1))).rejects.toMatchObject({ code: 'unreachable' });
  });
});
