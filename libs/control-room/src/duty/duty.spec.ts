import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DutyBoard, type DutyGroupReply, type DutyPlanView } from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { type Answer, Centre } from '../testing/centre.js';

let centre: Centre;
const clock = new ManualClock();
const ADMIN = 'administrator';
const as = <T>(answer: Answer): T => answer.body as unknown as T;
const MINUTE = 60_000;

/** Two enterprises with a room each, and a third site that is a unit without one. */
beforeAll(async () => {
  centre = await Centre.open(clock, {
    deps: (real) => ({
      ...real,
      commandsOf: (profile) => (profile === 'fire.uitd' ? ['duty_check'] : undefined),
    }),
  });
  const { commissioning, registry } = centre.deps;
  await registry.grid.upsert([
    { code: '33', name: '区', level: 'district', parentCode: null },
    { code: '3301', name: '街道', level: 'street', parentCode: '33' },
    { code: '330101', name: '社区', level: 'community', parentCode: '3301' },
  ]);
  await commissioning.createSite({ id: 'site-c', enterpriseId: 'ent-a', name: 'Site c', gridCode: '330101' });
  for (const key of ['a', 'b']) {
    const device = {
      siteId: `site-${key}`,
      profile: 'fire.uitd',
      name: `Room ${key}`,
      deviceId: `room-${key}`,
    };
    await commissioning.createDevice(device);
  }
  await centre.put('fire-units/site-a', ADMIN, { kind: 'hospital' });
  await centre.put('fire-units/site-b', ADMIN, { kind: 'other' });
  await centre.put('fire-units/site-c', ADMIN, { kind: 'other' });
  centre.outside.devices.listening.add('room-a');
});
afterAll(() => centre.close());

const ask = async (scope: object, who = 'operator', headers?: Record<string, string>) =>
  centre.post('duty-checks', who, { scope, minutes: 5, reason: '夜间抽查' }, headers);
const results = (answer: Answer) =>
  as<DutyGroupReply>(answer).results.map(
    ({ siteId, result, code }) => `${siteId} ${result}${code === null ? '' : ` ${code}`}`,
  );
const board = async (who = 'operator', more = '') =>
  as<DutyBoard>(
    await centre.get(`duty-checks?from=${clock.now() - 35 * MINUTE}&to=${clock.now() + 1}${more}`, who),
  );

describe('[FI29] duty checks of a group', () => {
  test('ask each room once, tell each unit apart, and are on record', async () => {
    const key = { 'idempotency-key': 'night-1' };
    const first = await ask({}, 'operator', key);
    expect(first.status).toBe(201 - 1);
    expect(results(first)).toEqual(['site-a sent', 'site-b undelivered', 'site-c refused no_device']);
    expect((await ask({}, 'operator', key)).body).toEqual(first.body);
    expect(
      centre.outside.devices.received.map(({ deviceId, message }) => [deviceId, message.params]),
    ).toEqual([['room-a', { minutes: 5 }]]);
    const audit = await centre.get('audit?action=duty-checks-asked', 'supervisor');
    expect(audit.body.items).toMatchObject([{ actor: 'operator', detail: { outcome: 'done', minutes: 5 } }]);
    // It comes back, and is not asked at a moment that nobody chose.
    centre.outside.devices.listening.add('room-b');
    centre.deps.commands.deviceReady('room-b');
    await new Promise(setImmediate);
    expect(centre.outside.devices.received).toHaveLength(1);
    centre.outside.devices.listening.delete('room-b');
  });

  test('ask whom the scope says, of those that the asker may see', async () => {
    clock.advance(1_000);
    expect(results(await ask({ siteIds: ['site-a', 'site-x'] }))).toEqual([
      'site-a sent',
      'site-x refused fire_unit_unknown',
    ]);
    expect(results(await ask({ kind: 'hospital' }))).toEqual(['site-a sent']);
    expect(results(await ask({ gridCode: '33' }))).toEqual(['site-c refused no_device']);
    expect(results(await ask({ enterpriseId: 'ent-b' }))).toEqual(['site-b undelivered']);
    expect((await ask({}, 'owner-a')).body.code).toBe('forbidden');
    expect((await ask({}, 'dispatcher')).body.code).toBe('forbidden');
    expect((await ask({ siteIds: [] })).status).toBe(422);
    expect(
      (await centre.post('duty-checks', 'operator', { scope: {}, minutes: 0, reason: 'x' })).status,
    ).toBe(422);
  });

  test('refuse a room that is out of service', async () => {
    await centre.deps.registry.devices.setDisabled('room-b', true);
    expect(results(await ask({ siteIds: ['site-b'] }))).toEqual(['site-b refused device_disabled']);
    // Its checks stay where they are.
    const before = await centre.get('fire-units/site-b/duty-checks', 'owner-b');
    expect(before.body.items.length).toBeGreaterThan(0);
    await centre.deps.registry.devices.setDisabled('room-b', false);
  });
});

describe('[FU16] the board', () => {
  test('shows what is open, what came of the rest, and the on-post rates of whom one may see', async () => {
    const { registry } = centre.deps;
    clock.advance(40 * MINUTE);
    const now = clock.now();
    const command = (id: string, minutesAgo: number, deviceId: string, offset: number) => ({
      ...{ id, deviceId, command: 'duty_check', params: { minutes: 1 }, actor: 'operator', reason: '夜间' },
      ...{ expires: now, replyTimeoutMs: 30_000, cancelledBy: null, message: null, reply: null, revision: 1 },
      ...{ createdAt: now - minutesAgo * MINUTE, sentAt: now - minutesAgo * MINUTE, offset },
      ...{ endedAt: now - minutesAgo * MINUTE + 1, state: 'succeeded' as const },
    });
    await registry.deviceCommands.put([
      command('duty-1', 30, 'room-a', 1_000_001),
      command('duty-2', 20, 'room-a', 1_000_002),
      command('duty-3', 15, 'room-b', 1_000_003),
      command('duty-4', 1, 'room-a', 1_000_004),
    ]);
    await registry.dutyAnswers.put([
      { deviceId: 'room-a', at: now - 29 * MINUTE, operator: 7, offset: 1_000_005 },
    ]);
    const all = await board();
    expect(all.checks.map(({ id, siteId, verdict }) => [id, siteId, verdict])).toEqual([
      ['duty-4', 'site-a', null],
      ['duty-3', 'site-b', 'absent'],
      ['duty-2', 'site-a', 'absent'],
      ['duty-1', 'site-a', 'present'],
    ]);
    expect(all.all).toEqual({ asked: 4, open: 1, present: 1, absent: 2, undelivered: 0, onPost: 1 / 3 });
    const units = Object.fromEntries(all.units.map(({ siteId, onPost }) => [siteId, onPost]));
    expect(units).toEqual({ 'site-a': 0.5, 'site-b': 0 });
    const own = await board('owner-b');
    expect([own.checks.map(({ id }) => id), own.all.onPost]).toEqual([['duty-3'], 0]);
    expect((await board('operator', '&siteId=site-b')).all.asked).toBe(1);
    // An answer does not count before those who have not answered do.
    await registry.dutyAnswers.put([{ deviceId: 'room-a', at: now, operator: 7, offset: 1_000_006 }]);
    expect((await board()).all).toMatchObject({ open: 0, present: 2, absent: 2, onPost: 1 / 3 });
    const old = await centre.get(`duty-checks?from=${now - 32 * 86_400_000}&to=${now}`, 'operator');
    expect(old.status).toBe(422);
  });
});

describe('[FI30, FI32] plans for duty checks', () => {
  const plan = {
    ...{ name: '夜间查岗', scope: { kind: 'hospital' }, days: [1, 5], minutes: 10 },
    windows: [{ from: '22:00', to: '06:00', count: 2 }],
  };

  test('are made, changed by who has read the present one, and removed', async () => {
    const created = await centre.post('duty-plans', 'supervisor', plan);
    expect(created.status).toBe(201);
    const made = as<DutyPlanView>(created);
    expect(made).toEqual({
      ...plan,
      ...{ id: made.id, revision: 1, times: [], zone: 'Asia/Shanghai', enabled: true },
      ...{ createdAt: clock.now(), changedAt: clock.now(), changedBy: 'supervisor' },
      scope: { siteIds: null, kind: 'hospital', gridCode: null, enterpriseId: null },
    });
    const path = `duty-plans/${made.id}`;
    const change = { ...plan, enabled: false, revision: 1 };
    expect(as<DutyPlanView>(await centre.put(path, ADMIN, change))).toMatchObject({
      ...{ revision: 2, enabled: false, changedBy: ADMIN },
    });
    expect((await centre.put(path, ADMIN, change)).body.code).toBe('duty_plan_moved_on');
    expect((await centre.get('duty-plans', 'operator')).body.items).toMatchObject([{ id: made.id }]);
    await centre.deps.registry.dutyPlans.record({
      ...{ planId: made.id, at: 5, state: 'missed', sent: 0, undelivered: 0, refused: 0 },
    });
    expect((await centre.get(`${path}/runs`, 'operator')).body.items).toEqual([
      { at: 5, state: 'missed', recordedAt: clock.now(), sent: 0, undelivered: 0, refused: 0 },
    ]);
    expect((await centre.post(`${path}/remove`, ADMIN)).status).toBe(204);
    expect((await centre.post(`${path}/remove`, ADMIN)).body.code).toBe('duty_plan_unknown');
    expect((await centre.get(path, ADMIN)).body.code).toBe('duty_plan_unknown');
    const audit = await centre.get('audit?action=duty-plan-changed', 'supervisor');
    expect(audit.body.items[1]).toMatchObject({ actor: ADMIN, subject: made.id });
  });

  test('are nothing for those who are asked, and not made by the seat on watch', async () => {
    for (const who of ['owner-a', 'dispatcher'])
      expect((await centre.get('duty-plans', who)).body.code).toBe('forbidden');
    expect((await centre.post('duty-plans', 'operator', plan)).body.code).toBe('forbidden');
  });

  test.each([
    ['no time at all', { windows: [] }, 'times'],
    ['a window too short', { windows: [{ from: '22:00', to: '22:20', count: 3 }] }, 'windows.0.count'],
    ['a day twice', { days: [1, 1] }, 'days'],
    ['no zone', { zone: 'Mars/Olympus' }, 'zone'],
    ['no time of day', { times: ['24:00'] }, 'times.0'],
    ['no unit', { scope: { siteIds: ['site-x'] } }, 'scope.siteIds'],
    ['no cell', { scope: { gridCode: '99' } }, 'scope.gridCode'],
    ['no enterprise', { scope: { enterpriseId: 'ent-x' } }, 'scope.enterpriseId'],
  ])('refuse %s', async (_, wrong, path) => {
    const answer = await centre.post('duty-plans', 'supervisor', { ...plan, ...wrong });
    expect([answer.status, answer.body.errors.map((error) => error.path)]).toEqual([422, [path]]);
  });
});
