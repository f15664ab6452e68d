import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { Workshop } from '../spec/workshop.js';

let workshop: Workshop<TemporaryRegistry>;
beforeEach(async () => {
  workshop = await Workshop.open(await TemporaryRegistry.open());
  await workshop.commissioning.createDevice({
    siteId: 'site-a',
    profile: 'tank.atm',
    name: 'x',
    deviceId: 'd',
  });
});
afterEach(() => workshop.close());

const by = 'amy';
const admitted = (): string[] => (workshop.directory.find('d')?.credentials ?? []).map(({ id }) => id);

describe('credentials', () => {
  it('are issued beside the others, or in their place at once or after an overlap', async () => {
    const { credentials } = workshop.commissioning;
    const [first = ''] = admitted();
    workshop.store.clock.advance(1);
    const second = await credentials.issue('d', { kind: 'token', label: '备用' }, by);
    expect(admitted()).toEqual([first, second.credentialId]);
    const third = await credentials.issue('d', { overlapMs: 60_000 }, by);
    expect(third.kind).toBe('password');
    expect(admitted()).toHaveLength(3);
    workshop.store.clock.advance(60_000);
    await workshop.commissioning.sweep();
    expect(admitted()).toEqual([third.credentialId]);
    const fourth = await credentials.issue('d', { overlapMs: 0 }, by);
    expect(admitted()).toEqual([fourth.credentialId]);
    expect(await credentials.list('d')).toHaveLength(4);
  });

  it('that are revoked are out of the directory when the call returns, and listeners were told', async () => {
    const { credentials } = workshop.commissioning;
    const [first = ''] = admitted();
    let told = 0;
    workshop.directory.onChange(() => told++);
    const revoked = await credentials.revoke('d', first, { by, reason: 'stolen' });
    expect(revoked).toMatchObject({ revokedBy: 'amy', revokeReason: 'stolen' });
    expect([admitted(), told]).toEqual([[], 1]);
    for (const [device, id, code] of [
      ['d', 'cred-x', 'credential_unknown'],
      ['nobody', first, 'device_unknown'],
    ] as const) {
      await expect(credentials.revoke(device, id, { by, reason: 'x' })).rejects.toMatchObject({ code });
    }
  });

  it('by certificate are revoked for good, whoever has issued them', async () => {
    const { credentials } = workshop.commissioning;
    const own = 'ab'.repeat(32);
    const issuedByCa = 'cd'.repeat(32);
    const { credentialId } = await credentials.issue('d', { kind: 'certificate', fingerprint: own }, by);
    const known = await credentials.revokeCertificate('d', own, { by, reason: 'stolen' });
    expect(known.id).toBe(credentialId);
    workshop.store.clock.advance(1);
    await credentials.revokeCertificate('d', issuedByCa, { by, reason: 'stolen' });
    expect(workshop.directory.find('d')?.revokedCertificates).toEqual([own, issuedByCa]);
    const again = credentials.issue('d', { kind: 'certificate', fingerprint: own }, by);
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
  });

  it('are no more than twenty in force', async () => {
    const { credentials } = workshop.commissioning;
    for (let n = 1; n < 20; n++) await credentials.issue('d', {}, by);
    await expect(credentials.issue('d', {}, by)).rejects.toMatchObject({ code: 'too_many_credentials' });
  });

  it('remember their last use, before and after it is written down', async () => {
    const { credentials } = workshop.commissioning;
    const [first = ''] = admitted();
    credentials.used(first, '10.0.0.1');
    const use = { lastUsedAt: workshop.store.clock.now(), lastUsedFrom: '10.0.0.1' };
    expect(await credentials.list('d')).toMatchObject([use]);
    await workshop.commissioning.stop();
    expect(credentials.wasUsed(first)).toBe(false);
    expect(await credentials.list('d')).toMatchObject([use]);
  });
});
