import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type HistoryReply, type LatestSample, type PointsHistoryReply } from '@watchfire/contracts';
import { type History, HistoryError, type HistorySample } from '@watchfire/history';
import { ManualClock } from '@watchfire/testing';
import { get, type IncomingMessage } from 'node:http';
import { latestSamplesReply, pointsHistoryReply } from '../openapi/history-schemas.js';
import { Centre } from '../testing/centre.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const DATA = 'points=dev-a.conc&from=0&to=9000000000000';

let centre: Centre;
let now: number;
beforeAll(async () => {
  centre = await Centre.open(new ManualClock());
  now = centre.clock.now();
});
afterAll(() => centre.close());

/** Stores samples behind the back of the engine: what the history has is what counts here. */
async function store(samples: readonly HistorySample[]): Promise<void> {
  await centre.recorded();
  const offset = await centre.deps.history.cursor();
  await centre.deps.history.write({ offset, readings: [], samples, events: [] });
}

function sampleOf(pointId: string, ts: number, value: HistorySample['value']): HistorySample {
  return { pointId, deviceId: pointId.split('.')[0]!, ts, receivedAt: ts + 5, value, quality: 'good' };
}

async function asked<T>(path: string, as = 'operator'): Promise<T> {
  return (await centre.get(path, as)).body as unknown as T;
}

describe('the history of points', () => {
  const minutes = (count: number, end: number): HistorySample[] =>
    Array.from({ length: count }, (_, index) =>
      sampleOf('dev-a.conc', end - (count - index) * MINUTE, index % 10),
    );

  test('[HI26] is down-sampled to as many buckets as are wanted, and says to which', async () => {
    const start = now - 400 * DAY;
    await store(minutes(3 * 1_440, start + 3 * DAY));
    const range = `from=${start}&to=${start + 3 * DAY}`;
    const reply = await asked<HistoryReply>(`points/dev-a.conc/history?${range}&buckets=100&fn=count`);
    const grid = start - (start % (60 * MINUTE));
    expect(reply).toMatchObject({ from: grid, every: 60 * MINUTE, truncated: false });
    expect(reply.points.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(3 * 1_440);
    // Older than samples are kept: whole minutes, and the reply says so.
    const odd = await asked<HistoryReply>(`points/dev-a.conc/history?${range}&every=3600001`);
    expect(odd).toMatchObject({ from: start - (start % MINUTE), every: 61 * MINUTE });
    const both = await centre.get(`points/dev-a.conc/history?${range}&every=60000&buckets=9`, 'operator');
    expect([both.status, both.body.code, both.body.errors[0]?.path]).toEqual([
      422,
      'invalid_request',
      'buckets',
    ]);
    const many = await centre.get(`points/dev-a.conc/history?${range}&every=1&limit=1000`, 'operator');
    expect([many.status, many.body.code]).toEqual([422, 'too_many_buckets']);
  });

  test('is asked for several at once, and so are their last samples', async () => {
    await store([
      sampleOf('dev-a.conc', now - 2_000, 1.5),
      sampleOf('dev-b.conc', now - 1_000, 2.5),
      sampleOf('dev-b.fault', now - 500, true),
    ]);
    const points = 'points=dev-b.conc,dev-a.conc,dev-b.conc';
    const reply = await asked<PointsHistoryReply>(`points/history?${points}&from=${now - 3_000}&to=${now}`);
    expect(pointsHistoryReply.parse(reply)).toEqual(reply);
    expect(reply).toEqual({
      series: [
        { pointId: 'dev-b.conc', points: [[now - 1_000, 2.5]], truncated: false },
        { pointId: 'dev-a.conc', points: [[now - 2_000, 1.5]], truncated: false },
      ],
    });
    const latest = await asked<LatestSample[]>('points/latest?points=dev-b.fault,dev-a.fault,dev-a.conc');
    expect(latestSamplesReply.parse(latest)).toEqual(latest);
    expect(latest.map(({ pointId, value, ts }) => [pointId, value, ts])).toEqual([
      ['dev-b.fault', true, now - 500],
      ['dev-a.conc', 1.5, now - 2_000],
    ]);
    const fifty = Array.from({ length: 51 }, (_, index) => `dev-a.p${index}`).join(',');
    const many = await centre.get(`points/latest?points=${fifty}`, 'operator');
    expect([many.status, many.body.errors[0]?.path]).toEqual([422, 'points']);
  });

  test('[LV10] of a foreign point is not found, alone or among own ones', async () => {
    for (const path of [
      `points/history?points=dev-a.conc,dev-b.conc&from=0&to=9`,
      `points/history/export?points=dev-a.conc,dev-b.conc&from=0&to=9`,
      `points/latest?points=dev-a.conc,dev-b.conc`,
    ]) {
      const foreign = await centre.get(path, 'owner-a');
      const absent = await centre.get(path.replace('dev-b', 'dev-x'), 'owner-a');
      expect([path, foreign.status, foreign.body.code]).toEqual([path, 404, 'point_unknown']);
      expect({ ...foreign.body, instance: '' }).toEqual({ ...absent.body, instance: '' });
      expect((await centre.get(path, undefined)).status).toBe(401);
    }
  });
});

describe('an export', () => {
  test('[HI27] is CSV that a spreadsheet reads, and is on the audit trail', async () => {
    const at = Date.UTC(2025, 2, 1, 3, 4, 5, 6);
    await store([
      sampleOf('dev-a.temp', at, '=1+1'),
      sampleOf('dev-a.conc', at, 12.5),
      sampleOf('dev-a.conc', at + 1, 13),
    ]);
    const range = `from=${at}&to=${at + 10}`;
    const csv = await centre.get(`points/history/export?points=dev-a.conc&${range}`, 'operator');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toContain('watchfire-history.csv');
    // `text()` takes the byte-order mark away: see the test of bytes below.
    expect(csv.text).toBe(
      'time,ts,point,value,unit,quality\r\n' +
        `2025-03-01T03:04:05.006Z,${at},dev-a.conc,12.5,%LEL,good\r\n` +
        `2025-03-01T03:04:05.007Z,${at + 1},dev-a.conc,13,%LEL,good\r\n`,
    );
    const buckets = await centre.get(
      `points/history/export?points=dev-a.conc&${range}&every=60001&fn=max`,
      'operator',
    );
    expect(buckets.text.split('\r\n')[1]).toBe(
      `2025-03-01T03:04:00.000Z,${at - 5_006},dev-a.conc,13,%LEL,max`,
    );
    const { items } = (await centre.get('audit?action=history-exported', 'administrator')).body;
    expect(items[0]).toMatchObject({
      actor: 'operator',
      subject: 'dev-a.conc',
      detail: { format: 'csv', points: ['dev-a.conc'] },
    });
  });

  test('[HI27] is line protocol', async () => {
    const at = now - DAY;
    await store([sampleOf('dev-b.conc', at, 7), sampleOf('dev-b.fault', at, true)]);
    const path = `points/history/export?points=dev-b.conc,dev-b.fault&from=${at}&to=${at + 1}&format=lines`;
    const lines = await centre.get(path, 'operator');
    expect(lines.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(lines.text).toBe(
      `telemetry,device=dev-b,point=dev-b.conc q=0i,rx=${at + 5}i,v=7 ${at}000000\n` +
        `telemetry,device=dev-b,point=dev-b.fault b=true,q=0i,rx=${at + 5}i,v=1 ${at}000000\n`,
    );
    const means = await centre.get(`${path}&every=1000`, 'operator');
    expect(means.text.split('\n')[0]).toBe(
      `telemetry_buckets,device=dev-b,point=dev-b.conc mean=7 ${at}000000`,
    );
  });

  test('[HI27] reads only so far ahead as somebody takes it, and stops when nobody does', async () => {
    const { history } = centre.deps;
    const endless = endlessHistory(history);
    const range = history.range.bind(history);
    history.range = endless.range;
    try {
      const read = await begun(`points/history/export?${DATA}`);
      await read.stalled();
      const pages = endless.pages();
      await read.stalled();
      expect(endless.pages()).toBe(pages);
      expect(pages).toBeLessThan(200);
      read.leave();
      // Its place is free again: the next test takes all four.
      await endless.ended();
    } finally {
      history.range = range;
    }
  });

  test('[HI27] is one of at most four that run', async () => {
    const { history } = centre.deps;
    const range = history.range.bind(history);
    const waiting: (() => void)[] = [];
    history.range = () => new Promise((resolve) => waiting.push(() => resolve([])));
    try {
      const running = [1, 2, 3, 4].map(() => centre.get(`points/history/export?${DATA}`, 'operator'));
      while (waiting.length < 4) await new Promise(setImmediate);
      const fifth = await centre.get(`points/history/export?${DATA}`, 'operator');
      expect([fifth.status, fifth.body.code, fifth.headers.get('retry-after')]).toEqual([
        429,
        'too_busy',
        '5',
      ]);
      for (const answer of waiting) answer();
      for (const { status } of await Promise.all(running)) expect(status).toBe(200);
    } finally {
      history.range = range;
    }
    expect((await centre.get(`points/history/export?${DATA}`, 'operator')).status).toBe(200);
  });

  test('[HI27] that cannot begin is refused, and nothing of it is sent', async () => {
    const { history } = centre.deps;
    const range = history.range.bind(history);
    history.range = () => Promise.reject(new HistoryError('io_error', 'the disk', true));
    try {
      const refused = await centre.get(`points/history/export?${DATA}`, 'operator');
      expect([refused.status, refused.body.code]).toEqual([503, 'storage_unavailable']);
    } finally {
      history.range = range;
    }
    const empty = await centre.get('points/history/export?points=dev-a.conc&from=1&to=2', 'operator');
    expect(empty.text).toBe('time,ts,point,value,unit,quality\r\n');
  });

  test('[HI27] that fails in the middle is a broken connection and not a short file', async () => {
    const { history } = centre.deps;
    const range = history.range.bind(history);
    let pages = 0;
    history.range = (pointId, from) => {
      pages += 1;
      if (pages > 2) return Promise.reject(new Error('the disk'));
      return Promise.resolve(page(pointId, from));
    };
    try {
      await expect(centre.get(`points/history/export?${DATA}`, 'operator')).rejects.toThrow();
    } finally {
      history.range = range;
    }
  });
});

function page(pointId: string, from: number): HistorySample[] {
  return Array.from({ length: 5_000 }, (_, index) => sampleOf(pointId, from + index, index));
}

/** A history without an end, that counts the pages which were read. */
function endlessHistory(history: History): {
  range: History['range'];
  pages: () => number;
  ended: () => Promise<void>;
} {
  let pages = 0;
  return {
    range: (pointId, from, to, limit) => {
      if (limit !== 5_000) return history.range(pointId, from, to, limit);
      pages += 1;
      return Promise.resolve(page(pointId, from));
    },
    pages: () => pages,
    ended: async () => {
      for (let before = -1; before !== pages;) {
        before = pages;
        for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      }
    },
  };
}

/** A client that has asked, and reads nothing after the first bytes. */
async function begun(path: string): Promise<{ stalled: () => Promise<void>; leave: () => void }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${centre.tokens.get('operator')}` };
    get(`${centre.url}/api/v1/${path}`, { headers }, resolve).on('error', reject);
  });
  const first = await new Promise<Buffer>((resolve) => response.once('data', resolve));
  response.pause();
  expect([...first.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  return {
    stalled: async () => {
      for (let turn = 0; turn < 2_000; turn += 1) await new Promise(setImmediate);
    },
    leave: () => response.destroy(),
  };
}
