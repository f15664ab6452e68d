import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Alarm, type Page } from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { alarmEventReply, alarmReply } from '../openapi/alarm-schemas.js';
import { deviceReply, newDeviceReply, pageOf, pointReply, profileReply } from '../openapi/schemas.js';
import { historyReply } from '../openapi/history-schemas.js';
import { ruleReply } from '../openapi/rule-schemas.js';
import { Centre } from '../testing/centre.js';

let centre: Centre;
beforeAll(async () => {
  centre = await Centre.open(new ManualClock());
});
afterAll(() => centre.close());

/** An answer is exactly what the document says: nothing missing, nothing more. */
function expectAs(schema: { parse(body: unknown): unknown }, body: unknown): void {
  expect(schema.parse(body)).toEqual(body);
}

const alarms = async (query: string): Promise<Page<Alarm>> =>
  (await centre.get(`alarms?${query}`, 'operator')).body as unknown as Page<Alarm>;

describe('an alarm', () => {
  test('is listed, acknowledged by its present event, refused for a stale one, and keeps its history', async () => {
    const raised = await centre.raise('dev-a', 30);
    const listed = await alarms('state=unacknowledged');
    expectAs(pageOf(alarmReply), listed);
    expect(listed.items).toMatchObject([{ id: raised.id, state: 'UNACK', level: 'H', deviceId: 'dev-a' }]);

    const acknowledge = (eventId: string, comment?: string) =>
      centre.post(`alarms/${raised.id}/acknowledge`, 'operator', { eventId, comment });
    const stale = await acknowledge('no-such-event');
    expect([stale.status, stale.body.code]).toEqual([409, 'event_id_unknown']);

    const done = await acknowledge(raised.eventId, 'on my way');
    expect(done.status).toBe(200);
    expectAs(alarmReply, done.body);
    expect(done.body).toMatchObject({ state: 'ACKED', ackedBy: 'operator' });
    const again = await acknowledge(done.body.eventId);
    expect([again.status, again.body.code]).toEqual([409, 'already_acknowledged']);
    const reset = await centre.post(`alarms/${raised.id}/reset`, 'operator', {});
    expect([reset.status, reset.body.code]).toEqual([409, 'invalid_state']);
    expect((await alarms('state=unacknowledged')).total).toBe(0);
    expect((await alarms('state=suppressed')).total).toBe(0);

    await centre.recorded();
    const events = (await centre.get(`alarms/${raised.id}/events`, 'operator')).body;
    expectAs(pageOf(alarmEventReply), events);
    expect(events.items.map(({ type }) => type)).toEqual(['raised', 'acknowledged']);
    expect(events.items[1]).toMatchObject({
      actor: 'operator',
      comment: 'on my way',
      stages: { drawnAt: null },
    });
  });

  test('that is over is still found, and listed among all', async () => {
    const raised = await centre.raise('dev-b', 60);
    await centre.post(`alarms/${raised.id}/acknowledge`, 'operator', { eventId: raised.eventId });
    await centre.reading('dev-b', { conc: 0 });
    centre.clock.advance(61_000);
    await centre.reading('dev-b', { conc: 0 });
    await centre.recorded();
    expect(centre.deps.engine.alarm(raised.id)?.state ?? 'NORM').toBe('NORM');
    const one = await centre.get(`alarms/${raised.id}`, 'operator');
    expectAs(alarmReply, one.body);
    expect(one.body).toMatchObject({ id: raised.id, state: 'NORM', active: false });
    const past = await alarms('state=all&deviceId=dev-b&class=gas');
    expectAs(pageOf(alarmReply), past);
    expect(past.items.map(({ id }) => id)).toContain(raised.id);
  });

  test('list pages without losing or repeating one', async () => {
    await centre.reading('dev-a', { fault: true, calibrationDue: true });
    await centre.reading('dev-b', { fault: true });
    const whole = await alarms('state=unacknowledged');
    expect(whole.total).toBeGreaterThanOrEqual(3);
    const paged: Alarm[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page<Alarm> = await alarms(`state=unacknowledged&limit=1${cursor && `&cursor=${cursor}`}`);
      expect(page.items).toHaveLength(1);
      paged.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(whole.items);
  });
});

describe('a device', () => {
  test('comes into service with a credential that is shown once', async () => {
    const made = await centre.post('devices', 'administrator', {
      siteId: 'site-a',
      profile: 'lift',
      name: 'Lift 3',
      deviceId: 'lift-3',
    });
    expect(made.status).toBe(201);
    expectAs(newDeviceReply, made.body);
    const { credential, ...device } = made.body;
    expect(credential).toEqual({
      credentialId: expect.any(String),
      kind: 'password',
      username: 'lift-3',
      password: expect.stringMatching(/^[\w-]{32}$/),
    });
    expect((await centre.get('devices/lift-3', 'operator')).body).toEqual(device);
  });

  test('is shown with its live values and the worst state of each point', async () => {
    await centre.reading('dev-a', { conc: 12.5 });
    const { body } = await centre.get('devices?q=Detector%20a', 'operator');
    expectAs(pageOf(deviceReply), body);
    const points = (await centre.get('devices/dev-a/points', 'operator')).body as unknown as {
      key: string;
    }[];
    expectAs(pointReply.array(), points);
    expect(points.find(({ key }) => key === 'conc')).toMatchObject({
      pointId: 'dev-a.conc',
      unit: '%LEL',
      latest: { value: 12.5, quality: 'good', ts: centre.clock.now() },
    });
    expect(points.find(({ key }) => key === 'fault')).toMatchObject({ state: 'UNACK' });
    expectAs(pageOf(profileReply), (await centre.get('profiles', 'operator')).body);
  });

  test('has a history by range and by bucket', async () => {
    const from = centre.clock.now() + 1_000;
    for (const conc of [1, 2, 3, 4]) {
      centre.clock.advance(1_000);
      await centre.reading('dev-a', { conc });
    }
    await centre.recorded();
    const range = `from=${from}&to=${from + 4_000}`;
    const raw = (await centre.get(`points/dev-a.conc/history?${range}`, 'operator')).body;
    expectAs(historyReply, raw);
    expect(raw).toEqual({
      points: [1, 2, 3, 4].map((value, n) => [from + n * 1_000, value]),
      truncated: false,
    });
    const cut = (await centre.get(`points/dev-a.conc/history?${range}&limit=2`, 'operator')).body;
    expect(cut).toMatchObject({
      points: [
        [from, 1],
        [from + 1_000, 2],
      ],
      truncated: true,
    });
    const max = (await centre.get(`points/dev-a.conc/history?${range}&every=2000&fn=max`, 'operator')).body;
    expect(max).toEqual({
      points: [
        [from, 2],
        [from + 2_000, 4],
      ],
      truncated: false,
      from,
      every: 2_000,
    });
    expect((await centre.get(`points/dev-a.none/history?${range}`, 'operator')).body.code).toBe(
      'point_unknown',
    );
  });

  test('has rules with their source, and an override that acts as soon as it is agreed to, and says whose it is', async () => {
    const rules = (await centre.get('rules?deviceId=dev-b', 'operator')).body;
    expectAs(pageOf(ruleReply), rules);
    const put = await centre.put('devices/dev-b/rules/conc-high', 'supervisor', {
      limits: { H: 5 },
      reason: 'works in the pit',
    });
    expect(put.status).toBe(202);
    expect((await centre.post(`approvals/${put.body.id}/approve`, 'administrator', {})).status).toBe(200);
    const { items } = (await centre.get('rules?deviceId=dev-b', 'operator')).body;
    const rule = items.find(({ key }) => key === 'conc-high');
    expectAs(ruleReply, rule);
    expect(rule?.['override']).toMatchObject({ by: 'supervisor', reason: 'works in the pit' });
    await centre.raise('dev-b', 6);
    expect((await alarms('state=active&deviceId=dev-b&class=gas')).items).toMatchObject([
      { level: 'H', limit: 5 },
    ]);
    const everyRule = (await centre.get('rules?limit=1', 'operator')).body;
    expect(new Set(everyRule.items.map(({ deviceId }) => deviceId)).size).toBe(1);
    expect(everyRule.nextCursor).not.toBeNull();
  });
});

describe('a dead letter', () => {
  test('is listed and replayed once; a letter that is refused again says why', async () => {
    const { registry } = centre.deps;
    const letter = {
      deviceId: 'dev-a',
      topic: 't',
      code: 'unknown_point',
      message: 'm',
      at: 1,
      replayedAt: null,
    };
    await registry.deadLetters.append([{ ...letter, id: 7, payload: Buffer.from('{"values":{}}') }]);
    const { items } = (await centre.get('dead-letters', 'administrator')).body;
    expect(items).toMatchObject([{ id: '7', code: 'unknown_point', payload: '{"values":{}}', bytes: 13 }]);
    expect((await centre.post('dead-letters/7/replay', 'administrator')).body.replayedAt).toBe(
      centre.clock.now(),
    );
    expect((await centre.post('dead-letters/7/replay', 'administrator')).body.code).toBe('already_replayed');
    expect((await centre.post('dead-letters/8/replay', 'administrator')).status).toBe(404);
  });
});

describe('the probes', () => {
  test('say that the server works, in figures too', async () => {
    expect((await centre.request('GET', '/health/live')).body).toEqual({ status: 'ok' });
    expect((await centre.request('GET', '/health/ready')).body).toEqual({ status: 'ok' });
    const metrics = await centre.request('GET', '/metrics');
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(metrics.text).toMatch(/^watchfire_live_pages 0$/m);
    expect(metrics.text).toMatch(
      /watchfire_http_request_seconds_count\{[^}]*route="\/api\/v1\/alarms\/:id\/acknowledge"/,
    );
  });

  test('say why it does not', async () => {
    const broken = await Centre.open(new ManualClock(), {
      deps: (real) => ({ ...real, readiness: () => ['clock: 2 h ahead'] }),
    });
    try {
      const ready = await broken.request('GET', '/health/ready');
      expect(ready.status).toBe(503);
      expect(ready.body).toMatchObject({ code: 'not_ready', reasons: ['clock: 2 h ahead'] });
      expect((await broken.request('GET', '/health/live')).status).toBe(200);
      const health = await broken.get('server/health', 'operator');
      expect(health.body).toEqual({ ready: false, reasons: ['clock: 2 h ahead'], influx: null });
    } finally {
      await broken.close();
    }
  });
});
