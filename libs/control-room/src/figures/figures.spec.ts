import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EXPOSURE_KINDS, QUIET_KINDS } from '@watchfire/alarm';
import {
  EXPOSURE_KIND_NAMES,
  QUIET_EXPOSURE_KINDS,
  type ExposureSummary,
  type ExposureView,
  type FiguresReply,
} from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { Centre } from '../testing/centre.js';
import { csvOf } from './csv.js';

const MINUTE = 60_000;

let centre: Centre;
let clock: ManualClock;
let begin: number;

const exposure = async (as: string, query = ''): Promise<readonly ExposureView[]> =>
  (await centre.get(`exposure?${query}`, as)).body.items as unknown as readonly ExposureView[];
const summary = async (as: string): Promise<ExposureSummary> =>
  (await centre.get('exposure/summary', as)).body as unknown as ExposureSummary;
const figures = async (as: string, query = ''): Promise<FiguresReply> =>
  (await centre.get(`figures/alarms?from=${begin}&to=${clock.now() + 1}${query}`, as))
    .body as unknown as FiguresReply;
const acknowledge = async (deviceId: string, as: string): Promise<void> => {
  const alarm = centre.deps.engine.alarms().find((one) => one.deviceId === deviceId && one.class === 'gas');
  const answer = await centre.post(`alarms/${alarm?.id}/acknowledge`, as, { eventId: alarm?.eventId });
  expect(answer.status).toBe(200);
};

beforeAll(async () => {
  clock = new ManualClock();
  centre = await Centre.open(clock);
  begin = clock.now();
});
afterAll(() => centre.close());

describe('exposure', () => {
  it('[EX1] names the same kinds in the engine and in the contract', () => {
    expect(EXPOSURE_KIND_NAMES).toEqual(EXPOSURE_KINDS);
    expect(new Set(QUIET_EXPOSURE_KINDS)).toEqual(QUIET_KINDS);
  });

  it('[EX4] shows what has never reported from commissioning on', async () => {
    const all = await exposure('operator');
    expect(all.map(({ deviceId, kind }) => `${deviceId} ${kind}`).sort()).toEqual([
      'dev-a never-reported',
      'dev-b never-reported',
    ]);
    expect(all[0]).toMatchObject({ pointId: null, safety: true, by: null, until: null });
    const { total } = await summary('operator');
    expect(total).toMatchObject({ devices: 2, blindShare: 1, blindPoints: total.points });
    expect(total.byKind['never-reported']).toBe(total.points);
  });

  it('[EX9] shows the people of an enterprise their own, and no more by any filter', async () => {
    for (const query of ['', 'siteId=site-b', 'deviceId=dev-b', 'kind=never-reported', 'safety=true']) {
      for (const entry of await exposure('owner-a', query)) expect(entry.enterpriseId).toBe('ent-a');
    }
    expect((await exposure('owner-a')).length).toBe(1);
    const own = await summary('owner-a');
    expect(own.sites.map(({ siteId }) => siteId)).toEqual(['site-a']);
    expect(own.total.devices).toBe(1);
    const csv = await centre.get('exposure/export', 'owner-a');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text).toContain('Detector a');
    expect(csv.text).not.toMatch(/site-b|Site b|Detector b/);
  });

  it('[EX9] pages, filters and refuses what it does not know', async () => {
    const first = await centre.get('exposure?limit=1', 'operator');
    expect(first.body.total).toBe(2);
    const second = await centre.get(`exposure?limit=1&cursor=${first.body.nextCursor}`, 'operator');
    expect(second.body.nextCursor).toBeNull();
    expect(second.body.items[0]!['id']).not.toBe(first.body.items[0]!['id']);
    expect(await exposure('operator', 'kind=offline')).toEqual([]);
    expect((await centre.get('exposure?kind=asleep', 'operator')).status).toBe(422);
    expect((await centre.get('exposure')).status).toBe(401);
  });

  it('[EX2] a point that reports is no longer blind; what is seen is at most some seconds old', async () => {
    await centre.reading('dev-a', { conc: 1 });
    clock.advance(MINUTE);
    const own = await exposure('owner-a');
    expect(own.every(({ pointId }) => pointId !== null && pointId !== 'dev-a.conc')).toBe(true);
    expect((await summary('owner-a')).total.blindShare).toBeLessThan(1);
  });

  it('is told to Prometheus by kind, with the alarms', async () => {
    const metrics = (await centre.request('GET', '/metrics')).text;
    const { total } = await summary('supervisor');
    for (const [kind, count] of Object.entries(total.byKind)) {
      expect(metrics).toContain(`watchfire_exposed_points{kind="${kind}"} ${count}`);
    }
    expect(metrics).toContain(`watchfire_safety_points ${total.safetyPoints}`);
    expect(metrics).toContain(`watchfire_blind_safety_points ${total.blindSafetyPoints}`);
  });
});

describe('figures of alarms', () => {
  it('[KP1] [KP8] are of the records: announced, acknowledged by whom and after how long', async () => {
    await centre.raise('dev-a');
    clock.advance(MINUTE);
    await centre.raise('dev-b');
    await acknowledge('dev-a', 'operator');
    clock.advance(2 * MINUTE);
    await acknowledge('dev-b', 'dispatcher');
    const { total, groups, apart, verdicts, targets, top } = await figures('supervisor', '&by=seat');
    const gas = top.filter((one) => one.class === 'gas');
    expect(gas.map(({ deviceId, announced }) => `${deviceId} ${announced}`).sort()).toEqual([
      'dev-a 1',
      'dev-b 1',
    ]);
    expect(total).toMatchObject({ acknowledged: 2, responseP50Ms: MINUTE, responseMaxMs: 2 * MINUTE });
    expect(total.unacknowledgedAtBegin + total.announced).toBe(
      total.acknowledged + total.superseded + total.removed + total.settled + total.unacknowledgedAtEnd,
    );
    expect(groups.map(({ key, figures: { responseMaxMs } }) => [key, responseMaxMs]).sort()).toEqual([
      ['dispatcher', 2 * MINUTE],
      ['operator', MINUTE],
    ]);
    expect(apart).toEqual({ drill: 0, test: 0 });
    expect(verdicts['responseP95Ms']).toBe('poor');
    expect(targets['perDay']).toMatchObject({ target: 144, source: expect.stringContaining('IEC 62682') });
  });

  it('[KP9] by site, class and rule; an enterprise has its own alone', async () => {
    const all = await figures('supervisor', '&by=site');
    const own = await figures('owner-a', '&by=site');
    expect(all.groups.map(({ key }) => key).sort()).toEqual(['site-a', 'site-b']);
    expect(own.groups.map(({ key, name }) => `${key} ${name}`)).toEqual(['site-a Site a']);
    expect(own.total).toEqual(all.groups.find(({ key }) => key === 'site-a')?.figures);
    expect((await figures('owner-a', '&siteId=site-b')).total.announced).toBe(0);
    expect((await figures('supervisor', '&siteId=site-b')).total.announced).toBeGreaterThan(0);
    expect((await figures('supervisor', '&by=class')).groups.map(({ key }) => key)).toContain('gas');
    const csv = await centre.get(`figures/alarms/export?from=${begin}&to=${clock.now()}&by=site`, 'owner-a');
    expect(csv.text).toContain('site-a');
    expect(csv.text).not.toContain('site-b');
  });

  it('[KP3] are the same when they are asked for again, and after what was acknowledged before their begin', async () => {
    expect(await figures('supervisor')).toEqual(await figures('supervisor'));
    const from = clock.now() + 1;
    clock.advance(MINUTE);
    await centre.reading('dev-a', { conc: 0 });
    const later = (await centre.get(`figures/alarms?from=${from}&to=${clock.now() + 1}`, 'supervisor'))
      .body as unknown as FiguresReply;
    expect(later.total).toMatchObject({ announced: 0, acknowledged: 0 });
  });

  it('refuses a range that is none, too long, or still to come', async () => {
    const now = clock.now();
    for (const [from, to] of [
      [now, now],
      [now - 401 * 86_400_000, now],
      [now + MINUTE, now + 2 * MINUTE],
    ]) {
      const answer = await centre.get(`figures/alarms?from=${from}&to=${to}`, 'operator');
      expect([answer.status, answer.body.code]).toEqual([422, 'invalid_request']);
    }
    expect((await centre.get('figures/alarms?from=1&to=2&by=mood', 'operator')).status).toBe(422);
  });
});

describe('tables for spreadsheets', () => {
  it('[KP12] no text is a formula, and text stays one cell', () => {
    const table = csvOf(
      ['a', 'b'],
      [
        ['=HYPERLINK("http://x")', -5],
        ['+1', '@SUM(A1)'],
        ['-2', '\t=1'],
        ['say "hi", please', 'two\nlines'],
        [null, true],
      ],
    );
    expect(table).toBe(
      '\uFEFFa,b\r\n' +
        '"\'=HYPERLINK(""http://x"")",-5\r\n' +
        '"\'+1","\'@SUM(A1)"\r\n' +
        '"\'-2","\'\t=1"\r\n' +
        '"say ""hi"", please","two\nlines"\r\n' +
        ',true\r\n',
    );
  });
});
