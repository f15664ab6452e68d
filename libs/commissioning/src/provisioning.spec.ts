import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TemporaryRegistry } from '@watchfire/testing';
import { Workshop } from '../spec/workshop.js';
import { claimCodeHash, newClaimCode } from './claim-code.js';
import { type ProvisioningSettings } from './in-service.js';
import { type NewClaims } from './provisioning.js';

let workshop: Workshop<TemporaryRegistry>;
const open = async (settings: Partial<ProvisioningSettings> = {}): Promise<void> => {
  workshop = await Workshop.open(await TemporaryRegistry.open(), settings);
};
beforeEach(() => open());
afterEach(() => workshop.close());

const HOUR_MS = 3_600_000;
const here = '10.0.0.1';

async function codes(more: Partial<NewClaims> = {}): Promise<string[]> {
  const expiresAt = workshop.store.clock.now() + HOUR_MS;
  const claim = { siteId: 'site-a', profile: 'tank.atm', dialect: 'standard', count: 1, expiresAt, ...more };
  const made = await workshop.commissioning.provisioning.createClaims(claim, 'amy');
  return made.map(({ code }) => code);
}
const provision = (
  claimCode: string,
  more: { deviceId?: string; deviceName?: string } = {},
  address = here,
) => workshop.commissioning.provisioning.provision({ claimCode, ...more }, address);
const REFUSED = { code: 'claim_refused' };

describe('a claim code', () => {
  it('has 100 random bits and is the same however it is typed', () => {
    fc.assert(
      fc.property(fc.constant(null), () => {
        const code = newClaimCode();
        expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
        const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
        expect(claimCodeHash(typed)).toBe(claimCodeHash(code));
        expect(claimCodeHash(newClaimCode())).not.toBe(claimCodeHash(code));
      }),
      { numRuns: 50 },
    );
  });

  it('makes one device, which may sign in at once', async () => {
    const [code = '', other = ''] = await codes({ count: 2, name: '储罐' });
    const made = await provision(code, { deviceId: 'tank-7' });
    expect(made).toMatchObject({ deviceId: 'tank-7', credential: { kind: 'password', username: 'tank-7' } });
    expect(workshop.directory.find('tank-7')?.credentials).toHaveLength(1);
    expect(workshop.configured()).toEqual(['tank-7']);
    expect((await workshop.store.registry.devices.context('tank-7'))?.site.id).toBe('site-a');
    expect((await provision(other)).deviceId).toMatch(/^dev-/);
    const audited = (await workshop.store.registry.audit.list({ limit: 9 })).items;
    expect(audited.map(({ actor, action, address }) => [actor.slice(0, 9), action, address])).toEqual([
      ['claim clm', 'device-provisioned', here],
      ['claim clm', 'device-provisioned', here],
    ]);
    expect(JSON.stringify(audited)).not.toContain(made.credential.password);
  });

  it('is refused in the same words when it is unknown, used, cancelled or too old', async () => {
    const [used = '', cancelled = '', old = ''] = await codes({ count: 3 });
    await provision(used, { deviceId: 'a' });
    const { claims } = workshop.store.registry;
    await claims.cancel((await claims.findByCode(claimCodeHash(cancelled)))?.id ?? '');
    const messages = new Set<string>();
    const refused = async (code: string, deviceId: string): Promise<void> => {
      const error = await provision(code, { deviceId }, deviceId).catch((reason: unknown) => reason as Error);
      expect(error).toMatchObject(REFUSED);
      messages.add((error as Error).message);
    };
    await refused(newClaimCode(), 'x');
    await refused(used, 'b');
    await refused(cancelled, 'c');
    workshop.store.clock.advance(HOUR_MS);
    await refused(old, 'd');
    expect(messages.size).toBe(1);
    expect(workshop.directory.size).toBe(1);
  });

  it('asked again in the same words gives another credential: the answer was lost', async () => {
    const [code = ''] = await codes();
    const first = await provision(code, { deviceId: 'a' });
    await expect(provision(code, { deviceId: 'b' })).rejects.toMatchObject(REFUSED);
    await expect(provision(code)).rejects.toMatchObject(REFUSED);
    const second = await provision(code, { deviceId: 'a' });
    expect(second.deviceId).toBe('a');
    expect(second.credential.password).not.toBe(first.credential.password);
    const inForce = workshop.directory.find('a')?.credentials.map(({ id }) => id);
    expect(inForce).toEqual([second.credential.credentialId]);
    workshop.store.clock.advance(300_001);
    await expect(provision(code, { deviceId: 'a' })).rejects.toMatchObject(REFUSED);
  });

  it('gives none again after the first sign-in, whether that is written down yet or not', async () => {
    const { credentials } = workshop.commissioning;
    for (const written of [false, true]) {
      const [code = ''] = await codes();
      const made = await provision(code);
      credentials.used(made.credential.credentialId, here);
      if (written) await credentials.flush();
      await expect(provision(code)).rejects.toMatchObject(REFUSED);
    }
  });

  it('is not used up by a device id that is taken, and two at once make one device', async () => {
    await workshop.store.device('taken', 'lift', 'a');
    const [code = ''] = await codes();
    await expect(provision(code, { deviceId: 'taken' })).rejects.toMatchObject({ code: 'conflict' });
    const both = await Promise.allSettled([
      provision(code, { deviceId: 'a' }),
      provision(code, { deviceId: 'b' }),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('is made for a known profile and site, and for a time to come', async () => {
    await expect(codes({ profile: 'x' })).rejects.toMatchObject({ code: 'profile_unknown' });
    await expect(codes({ siteId: 'x' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(codes({ expiresAt: 5 })).rejects.toMatchObject({ code: 'claim_invalid' });
  });
});

describe('wrong codes', () => {
  it('shut their address out for a while, right codes included, and no other address', async () => {
    const [code = ''] = await codes();
    for (let n = 0; n < 6; n++) await expect(provision(newClaimCode())).rejects.toMatchObject(REFUSED);
    const locked = { code: 'too_many_attempts', retryAfterMs: 12_000 };
    await expect(provision(newClaimCode())).rejects.toMatchObject(locked);
    await expect(provision(code)).rejects.toMatchObject(locked);
    await expect(provision(newClaimCode(), {}, '10.0.0.2')).rejects.toMatchObject(REFUSED);
    workshop.store.clock.advance(12_000);
    expect((await provision(code)).deviceId).toMatch(/^dev-/);
    const { counts } = workshop.commissioning.provisioning;
    expect(counts).toEqual({ provisioned: 1, reissued: 0, refused: 7, lockedOut: 2 });
  });

  it('are not even looked at where devices may not register themselves', async () => {
    const [code = ''] = await codes();
    await workshop.close();
    await open({ enabled: false });
    await expect(provision(code)).rejects.toMatchObject({ code: 'provisioning_off' });
  });
});

describe('ThingsBoard', () => {
  const ask = (document: unknown) => workshop.commissioning.provisioning.provisionThingsBoard(document, here);

  it('gets a token, or user name and password, in the words of its code', async () => {
    const [token = ''] = await codes({ dialect: 'thingsboard' });
    const answer = await ask({ deviceName: 'Gas 17', provisionDeviceKey: token, provisionDeviceSecret: 's' });
    expect(answer).toEqual({
      status: 'SUCCESS',
      credentialsType: 'ACCESS_TOKEN',
      credentialsValue: expect.stringMatching(/^[\w-]{32}$/),
    });
    const [device] = [...workshop.directory.all()];
    expect(device?.credentials).toMatchObject([{ kind: 'token' }]);
    const [basic = ''] = await codes();
    expect(await ask({ deviceName: 'Tank', provisionDeviceKey: basic })).toMatchObject({
      status: 'SUCCESS',
      credentialsType: 'MQTT_BASIC',
      credentialsValue: { clientId: expect.stringMatching(/^dev-/), password: expect.any(String) },
    });
  });

  it('is told of a wrong code, and of a code for another dialect, which stays good', async () => {
    const [signed = ''] = await codes({ dialect: 'jetlinks' });
    expect(await ask({ provisionDeviceKey: newClaimCode() })).toMatchObject({ status: 'NOT_FOUND' });
    expect(await ask({ provisionDeviceKey: signed })).toMatchObject({ status: 'FAILURE' });
    expect((await provision(signed)).credential.kind).toBe('signed');
  });

  it('is answered whatever it sends', async () => {
    for (const rubbish of [
      null,
      undefined,
      5,
      'x',
      [],
      {},
      { provisionDeviceKey: {} },
      { provisionDeviceKey: '' },
    ]) {
      expect(await ask(rubbish)).toMatchObject({ status: 'FAILURE', errorMsg: expect.any(String) });
    }
    expect(workshop.directory.size).toBe(0);
  });
});
