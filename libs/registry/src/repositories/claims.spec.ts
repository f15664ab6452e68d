import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { type NewClaim } from './claims.js';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
  await temporary.device('dev-1', 'lift');
});
afterEach(() => temporary.remove());

const by = 'amy';
const claim = (codeHash: string, more: Partial<NewClaim> = {}): NewClaim => ({
  codeHash,
  siteId: 'site-a',
  profile: 'lift',
  dialect: 'standard',
  name: null,
  expiresAt: temporary.clock.now() + 3_600_000,
  by,
  ...more,
});
const device = { siteId: 'site-a', profile: 'lift', name: '二号' };
const credential = { kind: 'password', secret: 'h', by: 'claim' } as const;

describe('claims', () => {
  test('are found by the hash of their code, which is never shown', async () => {
    const [made] = await temporary.registry.claims.create([claim('h1'), claim('h2', { name: '三号' })]);
    const { claims } = await temporary.reopen();
    expect(await claims.findByCode('h1')).toEqual(made);
    expect(await claims.findByCode('h9')).toBeUndefined();
    expect(JSON.stringify([made, await claims.list({ limit: 9 })])).not.toContain('h1');
    const unknown = claims.create([claim('h3'), claim('h4', { siteId: 'site-x' })]);
    await expect(unknown).rejects.toMatchObject({ code: 'not_found' });
    expect(await claims.findByCode('h3')).toBeUndefined();
  });

  test('are listed newest first, page by page, each once', async () => {
    const { claims } = temporary.registry;
    for (let n = 0; n < 7; n++) {
      // Two at a time: what came together is told apart by id.
      if (n % 2 === 0) temporary.clock.advance(1);
      await claims.create([claim(`h${n}`, { name: `n${n}` })]);
    }
    const seen: (string | null)[] = [];
    let cursor: string | undefined;
    do {
      const page = await claims.list({ limit: 3, cursor });
      expect(page.total).toBe(7);
      seen.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(7);
    expect(seen[0]).toBe('n6');
    await expect(claims.list({ limit: 3, cursor: 'IngiCg' })).rejects.toMatchObject({ code: 'invalid' });
  });

  test('make one device, with its credential, once: what fails leaves nothing', async () => {
    const { claims, credentials, devices } = temporary.registry;
    const [made] = await claims.create([claim('h1')]);
    const id = made?.id ?? '';
    const taken = claims.redeem(id, 'q', { ...device, id: 'dev-1' }, credential);
    await expect(taken).rejects.toMatchObject({ code: 'conflict' });
    const done = await claims.redeem(id, 'q', { ...device, id: 'dev-2' }, credential);
    expect(await claims.findByCode('h1')).toMatchObject({
      redeemedAt: temporary.clock.now(),
      asked: 'q',
      deviceId: 'dev-2',
      credentialId: done.credential.id,
    });
    const again = claims.redeem(id, 'q', { ...device, id: 'dev-3' }, credential);
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
    expect(await devices.find('dev-3')).toBeUndefined();
    await expect(claims.cancel(id)).rejects.toMatchObject({ code: 'conflict' });
    const other = await claims.reissue(id, 'dev-2', credential);
    expect(await claims.findByCode('h1')).toMatchObject({ credentialId: other.id });
    const inForce = (await credentials.forDevice('dev-2')).filter(({ revokedAt }) => revokedAt === null);
    expect(inForce.map(({ id: each }) => each)).toEqual([other.id]);
  });

  test('that were cancelled make none', async () => {
    const { claims } = temporary.registry;
    const [made] = await claims.create([claim('h1')]);
    const id = made?.id ?? '';
    expect(await claims.cancel(id)).toMatchObject({ cancelledAt: temporary.clock.now() });
    await expect(claims.redeem(id, 'q', device, credential)).rejects.toMatchObject({ code: 'conflict' });
    await expect(claims.cancel('clm-x')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('that ended unused are forgotten in time', async () => {
    const { claims } = temporary.registry;
    const [used] = await claims.create([claim('h1'), claim('h2')]);
    await claims.redeem(used?.id ?? '', 'q', device, credential);
    expect(await claims.trim(temporary.clock.now())).toBe(0);
    expect(await claims.trim(temporary.clock.now() + 3_600_001)).toBe(1);
    expect((await claims.list({ limit: 9 })).items.map(({ id }) => id)).toEqual([used?.id]);
  });
});
