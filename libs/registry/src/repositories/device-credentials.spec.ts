import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
  await temporary.device('dev-1', 'lift');
  await temporary.device('dev-2', 'lift');
});
afterEach(() => temporary.remove());

const by = 'amy';

describe('credentials of a device', () => {
  test('are several, of several kinds, and come back after a restart', async () => {
    const { credentials } = temporary.registry;
    const password = await credentials.create('dev-1', {
      kind: 'password',
      secret: 'hash',
      label: '主板',
      by,
    });
    const token = await credentials.create('dev-1', { kind: 'token', lookup: 'digest', by });
    await credentials.create('dev-2', { kind: 'certificate', lookup: 'ab', by });
    expect(password).toMatchObject({
      id: expect.stringMatching(/^cred-/),
      deviceId: 'dev-1',
      label: '主板',
      createdAt: temporary.clock.now(),
      createdBy: 'amy',
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
    });
    const { credentials: reopened } = await temporary.reopen();
    const mine = await reopened.forDevice('dev-1');
    expect(mine).toHaveLength(2);
    expect(mine).toEqual(expect.arrayContaining([password, token]));
    expect(await reopened.all()).toHaveLength(3);
  });

  test('of an unknown device, or found by what another is found by, are refused', async () => {
    const { credentials } = temporary.registry;
    await credentials.create('dev-1', { kind: 'token', lookup: 'digest', by });
    const again = credentials.create('dev-2', { kind: 'token', lookup: 'digest', by });
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
    const nobody = credentials.create('dev-9', { kind: 'password', secret: 'h', by });
    await expect(nobody).rejects.toMatchObject({ code: 'not_found' });
    // Several without anything to be found by are no conflict.
    await credentials.create('dev-1', { kind: 'certificate', by });
    await credentials.create('dev-2', { kind: 'certificate', by });
  });

  test('that must be known in the clear are sealed in the file, and lost with the key file alone', async () => {
    const { credentials } = temporary.registry;
    const made = await credentials.create('dev-1', {
      kind: 'signed',
      lookup: 'sec-1',
      secret: 'the-secure-key',
      by,
    });
    expect(made.secret).toBe('the-secure-key');
    expect((await (await temporary.reopen()).credentials.all())[0]?.secret).toBe('the-secure-key');
    for (const name of ['registry.db', 'registry.db-wal', 'device-secrets.key']) {
      const bytes = await readFile(path.join(temporary.directory, name)).catch(() => Buffer.alloc(0));
      expect(bytes.includes('the-secure-key')).toBe(false);
    }
    await rm(path.join(temporary.directory, 'device-secrets.key'));
    expect((await (await temporary.reopen()).credentials.forDevice('dev-1'))[0]).toMatchObject({
      lookup: 'sec-1',
      secret: null,
    });
  });

  test('are revoked once; a revoked certificate stays known, for it must never come in again', async () => {
    const { credentials, sites } = temporary.registry;
    expect(await sites.find('site-a')).toBeDefined();
    const password = await credentials.create('dev-1', { kind: 'password', secret: 'h', by });
    const certificate = await credentials.create('dev-1', { kind: 'certificate', lookup: 'ab', by });
    const revoked = await credentials.revoke('dev-1', password.id, { by: 'bob', reason: 'stolen' });
    expect(revoked).toMatchObject({
      revokedAt: temporary.clock.now(),
      revokedBy: 'bob',
      revokeReason: 'stolen',
    });
    temporary.clock.advance(1_000);
    expect(await credentials.revoke('dev-1', password.id, { by: 'eve', reason: 'x' })).toEqual(revoked);
    await credentials.revoke('dev-1', certificate.id, { by, reason: 'x' });
    expect((await credentials.all()).map(({ id }) => id)).toEqual([certificate.id]);
    for (const [device, id] of [
      ['dev-2', password.id],
      ['dev-1', 'cred-x'],
    ] as const) {
      const foreign = credentials.revoke(device, id, { by, reason: 'x' });
      await expect(foreign).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  test('give way to a newer one at once, or after an overlap', async () => {
    const { credentials } = temporary.registry;
    const make = (endsAt?: number) =>
      credentials.create(
        'dev-1',
        { kind: 'password', secret: 'h', by },
        endsAt === undefined ? undefined : { by, reason: 'rotated', endsAt },
      );
    const now = temporary.clock.now();
    const first = await make();
    const second = await make(now + 60_000);
    expect(await credentials.forDevice('dev-1')).toMatchObject([
      { id: expect.any(String), revokedAt: null },
      { revokedAt: null },
    ]);
    expect(await credentials.revokeExpired()).toEqual([]);
    // A later rotation does not lengthen the life of an older one.
    const third = await make(now + 120_000);
    temporary.clock.advance(60_000);
    expect(await credentials.revokeExpired()).toEqual(['dev-1']);
    const state = async () =>
      new Map((await credentials.forDevice('dev-1')).map((one) => [one.id, one.revokedAt !== null]));
    expect(await state()).toEqual(
      new Map([
        [first.id, true],
        [second.id, false],
        [third.id, false],
      ]),
    );
    const fourth = await make(temporary.clock.now());
    expect([...(await state())].filter(([, revoked]) => !revoked)).toEqual([[fourth.id, false]]);
  });

  test('remember when and from where they were last used', async () => {
    const { credentials } = temporary.registry;
    const { id } = await credentials.create('dev-1', { kind: 'password', secret: 'h', by });
    await credentials.used([
      { id, at: 5, address: '10.0.0.1' },
      { id: 'cred-gone', at: 6, address: '10.0.0.2' },
    ]);
    expect((await credentials.forDevice('dev-1'))[0]).toMatchObject({
      lastUsedAt: 5,
      lastUsedFrom: '10.0.0.1',
    });
  });
});

test('a device is created with its first credential, or not at all', async () => {
  const { devices, credentials } = temporary.registry;
  const token = { kind: 'token', lookup: 'digest', by } as const;
  const device = { siteId: 'site-a', profile: 'lift', name: 'x' };
  await devices.create({ ...device, id: 'dev-3' }, token);
  expect(await credentials.forDevice('dev-3')).toHaveLength(1);
  await expect(devices.create({ ...device, id: 'dev-4' }, token)).rejects.toMatchObject({ code: 'conflict' });
  expect(await devices.find('dev-4')).toBeUndefined();
});
