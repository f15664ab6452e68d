import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ClaimView, type CredentialView, type NewClaimsReply } from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { Centre } from '../testing/centre.js';

const clock = new ManualClock();
let centre: Centre;
beforeAll(async () => {
  centre = await Centre.open(clock);
});
afterAll(() => centre.close());

const post = (path: string, body: unknown, as: string | undefined = 'administrator') =>
  centre.post(path, as, body);
const patch = (path: string, body: unknown) =>
  centre.request('PATCH', `/api/v1/${path}`, { as: 'administrator', body });
const gas = { siteId: 'site-a', profile: 'gas.lel.point', name: 'x' };
const listed = async (id: string): Promise<readonly CredentialView[]> =>
  (await centre.get(`devices/${id}/credentials`, 'administrator')).body as unknown as CredentialView[];
const lastAudit = async (): Promise<unknown> =>
  (await centre.get('audit?limit=1', 'administrator')).body.items[0];

describe('credentials of a device', () => {
  test('are issued once by each way, shown once, and never listed with a secret', async () => {
    const made = await post('devices', { ...gas, deviceId: 'life-1', dialect: 'thingsboard' });
    expect([made.status, made.body.credential.kind]).toEqual([201, 'token']);
    const secrets = [made.body.credential.username];
    for (const [kind, secret] of [
      ['password', 'password'],
      ['token', 'username'],
      ['signed', 'password'],
    ] as const) {
      const issued = await post('devices/life-1/credentials', { kind, label: '备用' });
      expect([kind, issued.status, issued.body.credential.kind]).toEqual([kind, 201, kind]);
      secrets.push(issued.body.credential[secret]);
    }
    const fingerprint = 'AB:'.repeat(31) + 'AB';
    expect((await post('devices/life-1/credentials', { kind: 'certificate', fingerprint })).status).toBe(201);
    const { text } = await centre.get('devices/life-1/credentials', 'supervisor');
    for (const secret of secrets) expect(text).not.toContain(secret);
    // All in one moment of the clock: in which order they are told is not said.
    expect(await listed('life-1')).toEqual(
      expect.arrayContaining(
        [
          { kind: 'token', label: '', known: null, createdBy: 'administrator', usable: true },
          { kind: 'password', label: '备用', known: null },
          { kind: 'token', label: '备用' },
          { kind: 'signed', known: expect.any(String) },
          { kind: 'certificate', known: 'ab'.repeat(32) },
        ].map((each): unknown => expect.objectContaining(each)),
      ),
    );
    const audit = JSON.stringify(await centre.get('audit?limit=50', 'administrator'));
    for (const secret of secrets) expect(audit).not.toContain(secret);
  });

  test('are revoked with a reason, and that is on the record', async () => {
    await post('devices', { ...gas, deviceId: 'life-2' });
    const [{ id } = { id: '' }] = await listed('life-2');
    const path = `devices/life-2/credentials/${id}/revoke`;
    expect((await post(path, {})).body.code).toBe('invalid_request');
    const revoked = await post(path, { reason: '被盗' });
    expect(revoked.body).toMatchObject({ revokedBy: 'administrator', revokeReason: '被盗' });
    expect(await lastAudit()).toMatchObject({
      action: 'device-credential-revoked',
      subject: `life-2/${id}`,
      detail: { reason: '被盗', outcome: 'done' },
    });
    const unknown = await post('devices/life-2/credentials/cred-x/revoke', { reason: 'x' });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'credential_unknown']);
    const certificate = { fingerprint: 'cd'.repeat(32), reason: 'x' };
    expect((await post('devices/life-2/revoked-certificates', certificate)).status).toBe(201);
    const again = { kind: 'certificate', fingerprint: certificate.fingerprint };
    expect((await post('devices/life-2/credentials', again)).body.code).toBe('conflict');
  });

  test('rotate with an overlap', async () => {
    await post('devices', { ...gas, deviceId: 'life-3' });
    clock.advance(1);
    await post('devices/life-3/credentials', { overlapSeconds: 600 });
    const [old, next] = await listed('life-3');
    expect([old?.expiresAt, next?.expiresAt]).toEqual([clock.now() + 600_000, null]);
    clock.advance(600_000);
    await centre.deps.commissioning.sweep();
    expect((await listed('life-3')).map(({ revokedBy }) => revokedBy)).toEqual(['system', null]);
  });

  test.each([
    [{ kind: 'fax' }],
    [{ fingerprint: 'ab'.repeat(32) }],
    [{ kind: 'certificate', fingerprint: 'ab' }],
    [{ overlapSeconds: -1 }],
    [{ secret: 'mine' }],
  ])('are refused when asked for as %j', async (body) => {
    const answer = await post('devices/dev-a/credentials', body);
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_request']);
  });
});

describe('a device behind a gateway', () => {
  test('is registered, moved and named over the API', async () => {
    await post('devices', { ...gas, deviceId: 'gw' });
    const child = await post('devices', {
      ...gas,
      deviceId: 'child',
      gatewayId: 'gw',
      wireName: 'Gas-17',
      keys: { ppm: 'conc' },
    });
    expect([child.status, child.body.credential]).toEqual([201, undefined]);
    const shown = await centre.get('devices/child', 'owner-a');
    expect(shown.body).toMatchObject({ gatewayId: 'gw', wireName: 'Gas-17', keys: { ppm: 'conc' } });
    expect((await patch('devices/child', { wireName: 'Gas-18', name: '新' })).body).toMatchObject({
      wireName: 'Gas-18',
      name: '新',
    });
    expect((await patch('devices/child', { gatewayId: 'dev-b' })).body.code).toBe('gateway_invalid');
    expect((await patch('devices/child', { keys: { x: 'nothing' } })).body.code).toBe('keys_invalid');
    expect((await patch('devices/child', { wireName: 'a/b' })).body.code).toBe('invalid_request');
    expect((await patch('devices/child', { gatewayId: null })).body).toMatchObject({ wireName: null });
    expect((await patch('devices/nobody', { name: 'x' })).body.code).toBe('device_unknown');
  });

  test('that nobody knows is in quarantine until it is registered', async () => {
    const sample = Buffer.from('{"ppm":12.5}');
    const seen = { offset: 1, gatewayId: 'gw', wireName: 'Gas-99', address: '10.0.0.1', at: 5, sample };
    await centre.deps.registry.quarantine.sawUnknown([seen]);
    const { items, total } = (await centre.get('quarantine?gatewayId=gw', 'administrator')).body;
    expect(total).toBe(1);
    expect(items[0]).toMatchObject({ wireName: 'Gas-99', count: 1, sample: '{"ppm":12.5}' });
    const path = `quarantine/${String(items[0]?.['id'])}/register`;
    const made = await post(path, { profile: 'gas.lel.point', name: '九十九号' });
    expect([made.status, made.body]).toMatchObject([201, { siteId: 'site-a', wireName: 'Gas-99' }]);
    expect((await post(path, { profile: 'gas.lel.point', name: 'x' })).body.code).toBe('quarantine_unknown');
    expect((await centre.get('quarantine', 'administrator')).body.total).toBe(0);
  });
});

describe('a device that registers itself', () => {
  const claims = async (more: object = {}): Promise<NewClaimsReply['claims']> => {
    const expiresAt = clock.now() + 3_600_000;
    const body = { siteId: 'site-a', profile: 'gas.lel.point', expiresAt, ...more };
    return ((await post('claims', body)).body as unknown as NewClaimsReply).claims;
  };
  const state = async (id: string): Promise<ClaimView | undefined> => {
    const { items } = (await centre.get('claims?limit=1000', 'administrator')).body;
    return (items as unknown as ClaimView[]).find((claim) => claim.id === id);
  };

  test('needs no session but a code, and the code is never shown again', async () => {
    const [claim] = await claims({ name: '车库' });
    const answer = await post('provisioning', { claimCode: claim?.code, deviceId: 'self-1' }, undefined);
    expect([answer.status, answer.body]).toMatchObject([
      201,
      { deviceId: 'self-1', credential: { kind: 'password', username: 'self-1' } },
    ]);
    expect(await lastAudit()).toMatchObject({
      actor: `claim ${claim?.id}`,
      action: 'device-provisioned',
      subject: 'self-1',
    });
    expect((await centre.get('devices/self-1', 'owner-a')).body).toMatchObject({ name: '车库' });
    expect(await state(claim?.id ?? '')).toMatchObject({ state: 'redeemed', deviceId: 'self-1' });
    for (const path of ['claims', 'audit?limit=100']) {
      expect((await centre.get(path, 'administrator')).text).not.toContain(claim?.code);
    }
  });

  test('is refused with a cancelled code; who guesses is told to wait', async () => {
    const [claim] = await claims();
    expect((await post(`claims/${claim?.id}/cancel`, {})).body).toMatchObject({ state: 'cancelled' });
    const ask = () => post('provisioning', { claimCode: claim?.code }, undefined);
    const answers = [];
    for (let n = 0; n < 8; n++) answers.push(await ask());
    expect(answers[0]).toMatchObject({ status: 403, body: { code: 'claim_refused' } });
    expect(answers.at(-1)).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('codes are many at once, each its own; what is asked wrongly is named', async () => {
    const many = await claims({ count: 20 });
    expect(new Set(many.map(({ code }) => code)).size).toBe(20);
    const wrong = await post('claims', { siteId: 'site-x', profile: 'lift', expiresAt: clock.now() + 1_000 });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'invalid_request']);
    const past = await post('claims', { siteId: 'site-a', profile: 'lift', expiresAt: 5 });
    expect(past.body.code).toBe('claim_invalid');
    const { status } = await post('claims/clm-x/cancel', {});
    expect(status).toBe(404);
  });
});
