import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type FireComponentView,
  type FirePlaceView,
  type FireUnitFigures,
  type FireUnitView,
} from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { type Answer, Centre } from '../testing/centre.js';

let centre: Centre;
const clock = new ManualClock();
const ADMIN = 'administrator';
const as = <T>(answer: Answer): T => answer.body as unknown as T;

/** A PNG of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function upload(
  path: string,
  body: Buffer | string,
  type: string,
  who = ADMIN,
  method = 'PUT',
): Promise<Response> {
  return fetch(`${centre.url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${centre.tokens.get(who)}`, 'content-type': type },
    body,
  });
}

const planFiles = (): Promise<string[]> => readdir(join(centre.folder, 'registry', 'plans'));

async function placed(kind: string, name: string, parentId: string | null = null): Promise<FirePlaceView> {
  const level = kind === 'floor' ? { level: 1 } : {};
  return as(await centre.post('fire-units/site-a/places', ADMIN, { kind, name, parentId, ...level }));
}

beforeAll(async () => {
  centre = await Centre.open(clock);
  await centre.deps.commissioning.createDevice({
    ...{ siteId: 'site-a', profile: 'fire.uitd', name: '消防主机', deviceId: 'dev-fire' },
  });
  for (const site of ['site-a', 'site-b'])
    await centre.put(`fire-units/${site}`, ADMIN, { kind: 'hospital' });
});
afterAll(() => centre.close());

describe('a fire unit', () => {
  test('[FU1, FU2] is made of a site, and seen by whom the site belongs to', async () => {
    const contacts = [
      { duty: 'control-room', phone: '0571-5550119' },
      { duty: 'fire-manager', name: '演示甲', phone: '138 0000 0000' },
    ];
    const answer = await centre.put('fire-units/site-a/contacts', ADMIN, { contacts });
    expect(answer.status).toBe(200);
    const unit = as<FireUnitView>(await centre.get('fire-units/site-a', 'owner-a'));
    expect(unit).toMatchObject({ siteId: 'site-a', kind: 'hospital', enterpriseId: 'ent-a' });
    expect(unit.contacts).toEqual([{ ...contacts[0], name: null }, contacts[1]]);
    expect((await centre.get('fire-units', 'owner-b')).body.items).toMatchObject([{ siteId: 'site-b' }]);
    const foreign = await centre.get('fire-units/site-a', 'owner-b');
    const absent = await centre.get('fire-units/site-x', 'owner-b');
    expect([foreign.status, foreign.body.code, absent.body.code]).toEqual([
      404,
      'fire_unit_unknown',
      'fire_unit_unknown',
    ]);
    expect((await centre.put('fire-units/site-x', ADMIN, { kind: 'other' })).body.code).toBe('site_unknown');
    const audit = await centre.get('audit?action=fire-contacts-changed', 'supervisor');
    expect(audit.body.items).toMatchObject([
      { actor: ADMIN, subject: 'site-a', detail: { outcome: 'done' } },
    ]);
  });

  test('[FU2] refuses what is no telephone number', async () => {
    const contacts = [{ duty: 'control-room', phone: 'javascript:alert(1)' }];
    expect((await centre.put('fire-units/site-a/contacts', ADMIN, { contacts })).status).toBe(422);
  });
});

describe('the plan of a floor', () => {
  test('[FU4] is kept as a file, replaced, served as nothing but an image, and forgotten', async () => {
    const floor = await placed('floor', '一层', (await placed('building', '门诊楼')).id);
    const path = `fire-units/site-a/places/${floor.id}/plan`;
    expect((await centre.get(path, 'owner-a')).body.code).toBe('plan_unknown');
    // What it says of itself does not matter.
    expect((await upload(path, PNG, 'text/html')).status).toBe(200);
    const shown = await fetch(`${centre.url}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${centre.tokens.get('owner-a')}` },
    });
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(PNG);
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': 'inline; filename="plan.png"',
      'cache-control': 'private, no-cache',
    });
    const again = await fetch(`${centre.url}/api/v1/${path}`, {
      headers: {
        authorization: `Bearer ${centre.tokens.get('owner-a')}`,
        'if-none-match': shown.headers.get('etag') ?? '',
      },
    });
    expect(again.status).toBe(304);
    expect((await centre.get(path, 'owner-b')).status).toBe(404);
    const other = Buffer.concat([PNG, Buffer.from('more')]);
    expect((await upload(path, other, 'image/png')).status).toBe(200);
    expect(await planFiles()).toHaveLength(1);
    expect((await centre.post(`${path}/remove`, ADMIN)).status).toBe(200);
    expect(await planFiles()).toEqual([]);
  });

  test('[FU4] is refused by whoever may not, where it is none, where it is too large, and on no floor', async () => {
    const building = await placed('building', '住院楼');
    const floor = await placed('floor', '一层', building.id);
    const path = `fire-units/site-a/places/${floor.id}/plan`;
    const refused = async (answer: Promise<Response>): Promise<unknown> => {
      const { code } = (await (await answer).json()) as { code: string };
      return code;
    };
    expect(await refused(upload(path, PNG, 'image/png', 'supervisor'))).toBe('forbidden');
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>';
    expect(await refused(upload(path, svg, 'image/svg+xml'))).toBe('plan_not_an_image');
    expect(await refused(upload(path, '{}', 'application/json'))).toBe('unsupported_media_type');
    const large = Buffer.concat([PNG, Buffer.alloc(8 * 1_048_576)]);
    expect(await refused(upload(path, large, 'image/png'))).toBe('plan_too_large');
    const onBuilding = `fire-units/site-a/places/${building.id}/plan`;
    expect(await refused(upload(onBuilding, PNG, 'image/png'))).toBe('invalid_request');
    expect(await planFiles()).toEqual([]);
  });
});

describe('components', () => {
  const all = async (who = 'owner-a') =>
    (await centre.get('fire-units/site-a/components', who)).body.items as unknown as FireComponentView[];

  test('[FU5, FU6, FU8] come from the wire, are placed by one call, and show what they are in', async () => {
    await centre.deps.registry.fireComponents.discovered([
      {
        ...{ deviceId: 'dev-fire', systemType: 1, systemAddress: 1, address: 131_082, addressText: '10/2' },
        ...{ componentType: 40, description: '走廊', states: ['fire'], at: clock.now(), offset: 1 },
      },
    ]);
    const [found] = await all();
    expect(found).toMatchObject({
      ...{
        typeName: '感烟火灾探测器',
        systemNameEn: 'Fire alarm system',
        deviceName: '消防主机',
        floorId: null,
      },
      // Its device is not connected: that does not end a fire.
      ...{ condition: 'fire', unknownReason: 'offline', states: [{ key: 'fire', name: '火警' }] },
    });
    const floor = await placed('floor', '三层', (await placed('building', '医技楼')).id);
    const path = `fire-units/site-a/components/${found?.id}`;
    const patch = (body: unknown, who = ADMIN) =>
      centre.request('PATCH', `/api/v1/${path}`, { as: who, body });
    const moved = await patch({ floorId: floor.id, x: 0.5, y: 0.25, label: '三层走廊' });
    expect(moved.body).toMatchObject({ floorId: floor.id, x: 0.5, y: 0.25, label: '三层走廊' });
    expect((await patch({ x: 0.5, y: 0.25 }, 'supervisor')).status).toBe(403);
    expect((await patch({ x: 2, y: 0 })).status).toBe(422);
    expect((await patch({ pointId: 'dev-b.conc' })).body.code).toBe('invalid_request');
    expect((await centre.get('fire-units/site-b/components', 'owner-a')).status).toBe(404);
    await patch({ pointId: 'dev-fire.fire' });
    await centre.reading('dev-fire', { fire: true });
    expect((await all())[0]).toMatchObject({ condition: 'fire', unknownReason: null });
    const stranger = `fire-units/site-b/components/${found?.id}/remove`;
    expect((await centre.post(stranger, ADMIN)).body.code).toBe('fire_component_unknown');
  });

  test('[FU7] are imported whole or not at all, with every wrong line named', async () => {
    const path = 'fire-units/site-a/components/import?deviceId=dev-fire';
    const wrong = await upload(path, 'address,floor\n1/1,\nx,\n', 'text/csv', ADMIN, 'POST');
    expect([wrong.status, await wrong.json()]).toMatchObject([
      422,
      { code: 'import_invalid', errors: [{ path: 'line 3' }] },
    ]);
    const before = (await all()).length;
    const right = await upload(path, '地址,说明\n1/1,甲\n10/2,乙\n', 'text/csv', ADMIN, 'POST');
    expect([right.status, await right.json()]).toEqual([200, { created: 1, changed: 1 }]);
    expect(await all()).toHaveLength(before + 1);
    const keyed = await fetch(`${centre.url}/api/v1/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${centre.tokens.get(ADMIN)}`,
        'content-type': 'text/csv',
        'idempotency-key': 'import-1',
      },
      body: 'address\n1/1\n',
    });
    // Which upload it was would not be known: the key alone must not answer for another file.
    expect([keyed.status, ((await keyed.json()) as { code: string }).code]).toEqual([422, 'invalid_request']);
    const foreign = 'fire-units/site-a/components/import?deviceId=dev-b';
    expect((await upload(foreign, 'address\n1/1\n', 'text/csv', ADMIN, 'POST')).status).toBe(422);
  });
});

describe('acceptance records', () => {
  test('[FU9, FU11, FU13] say what a fire alarm was, are corrected by another, and are counted', async () => {
    const alarm = centre.deps.engine.alarms().find((each) => each.class === 'fire');
    const path = `alarms/${alarm?.id}/acceptance`;
    const record = { eventId: alarm?.eventId, confirmation: 'false', result: '厨房油烟' };
    expect((await centre.post(path, 'owner-a', record)).status).toBe(403);
    expect((await centre.post(path, 'operator', { ...record, eventId: 'other' })).body.code).toBe(
      'event_id_unknown',
    );
    const first = await centre.post(path, 'operator', record);
    expect([first.status, first.body]).toMatchObject([
      201,
      {
        operator: 'operator',
        firstAlarmAt: alarm?.raisedAt,
        information: '火警',
        informationType: 'fire',
        drill: false,
      },
    ]);
    const figures = async () =>
      as<FireUnitFigures>(
        await centre.get(
          `fire-units/site-a/figures?from=${clock.now() - 1_000}&to=${clock.now() + 1}`,
          'owner-a',
        ),
      );
    expect(await figures()).toMatchObject({
      confirmations: { false: 1, real: 0 },
      falseShare: 1,
      flagged: false,
    });
    await centre.post(path, 'supervisor', { ...record, confirmation: 'real', result: '厨房起火' });
    const after = await figures();
    expect(after).toMatchObject({ confirmations: { false: 0, real: 1 }, falseShare: 0, onPost: null });
    expect(after.goodOrder).toEqual({ components: 2, good: 1, impaired: 0, unknown: 1, rate: 0.5 });
    const { items } = (await centre.get(path, 'owner-a')).body;
    expect(items).toMatchObject([
      { confirmation: 'real', superseded: false },
      { confirmation: 'false', superseded: true },
    ]);
    expect((await centre.get('acceptance-records?siteId=site-a', 'owner-b')).body.total).toBe(0);
    expect((await centre.get(path, 'owner-b')).status).toBe(404);
  });

  test('[FU11] six false ones within a day mark the unit in the list, and five do not', async () => {
    const { acceptance } = centre.deps.registry;
    const record = {
      ...{ siteId: 'site-b', enterpriseId: 'ent-b', alarmId: 'alm-x', confirmation: 'false' as const },
      ...{
        acceptedAt: null,
        informationType: 'fire',
        information: '火警',
        result: '油烟',
        operator: 'operator',
      },
      ...{ contactPerson: null, reportedAt: null, feedbackAt: null, operator119: null, handling119: null },
      ...{ cause: null, burntArea: null, injured: null, dead: null, loss: null, drill: false },
    };
    const flaggedAt = async () => (await centre.get('fire-units', 'owner-b')).body.items[0]?.['flaggedAt'];
    const first = clock.now() - 3_600_000;
    for (const index of [0, 1, 2, 3, 4]) {
      await acceptance.append({ ...record, eventId: `e${index}`, firstAlarmAt: first + index });
    }
    expect(await flaggedAt()).toBeNull();
    await acceptance.append({ ...record, eventId: 'e5', firstAlarmAt: first + 5 });
    expect(await flaggedAt()).toBe(first + 5);
    expect(as<FireUnitView>(await centre.get('fire-units/site-b', 'owner-b')).flaggedAt).toBe(first + 5);
  });

  test('[FU9] are of fire alarms', async () => {
    const { id, eventId } = await centre.raise('dev-a');
    const body = { eventId, confirmation: 'false', result: 'x' };
    expect((await centre.post(`alarms/${id}/acceptance`, 'operator', body)).body.code).toBe(
      'alarm_not_of_fire',
    );
  });
});

describe('duty checks of a unit', () => {
  test('[FI24, FU14] are listed for whom the unit belongs to, and make the on-post rate', async () => {
    const { registry } = centre.deps;
    const now = clock.now();
    const asked = {
      ...{
        deviceId: 'dev-fire',
        command: 'duty_check',
        params: { minutes: 1 },
        actor: 'supervisor',
        reason: '夜间',
      },
      ...{ expires: now, replyTimeoutMs: 60_000, cancelledBy: null, message: null, reply: null, revision: 1 },
    };
    const at = (id: string, minutesAgo: number, offset: number) => {
      const sentAt = now - minutesAgo * 60_000;
      const state = 'succeeded' as const;
      return { ...asked, id, state, offset, createdAt: sentAt, sentAt, endedAt: sentAt + 1_000 };
    };
    await registry.deviceCommands.put([at('duty-1', 30, 1), at('duty-2', 20, 2), at('duty-3', 1, 3)]);
    const answer = { deviceId: 'dev-fire', at: now - 29 * 60_000, operator: 7, offset: 9 };
    await registry.dutyAnswers.put([answer]);
    await registry.dutyAnswers.put([answer]);
    const path = 'fire-units/site-a/duty-checks';
    const list = await centre.get(path, 'owner-a');
    expect(list.body.items).toMatchObject([
      { id: 'duty-3', verdict: null, askedBy: 'supervisor' },
      { id: 'duty-2', verdict: 'absent', answeredAt: null },
      { id: 'duty-1', verdict: 'present', answeredAt: answer.at, operator: 7 },
    ]);
    expect((await centre.get(path, 'owner-b')).body.code).toBe('fire_unit_unknown');
    expect((await centre.get('fire-units/site-b/duty-checks', 'owner-b')).body.items).toEqual([]);
    const onPost = async (from: number) =>
      as<FireUnitFigures>(await centre.get(`fire-units/site-a/figures?from=${from}&to=${now + 1}`, 'owner-a'))
        .onPost;
    expect(await onPost(now - 86_400_000)).toBe(0.5);
    expect(await onPost(now - 25 * 60_000)).toBe(0);
    expect(await onPost(now - 60_000)).toBeNull();
  });
});
