import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { type Database } from '../database.js';
import { QuarantineRepository, type Sighting } from './quarantine.js';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
  await temporary.device('gw-1', 'lift');
  await temporary.device('gw-2', 'lift');
});
afterEach(() => temporary.remove());

let offset = 0;
const sighting = (wireName: string, more: Partial<Sighting> = {}): Sighting => ({
  offset: ++offset,
  gatewayId: 'gw-1',
  wireName,
  address: '10.0.0.1',
  at: offset * 1_000,
  sample: Buffer.from(`{"from":"${wireName}"}`),
  ...more,
});
const names = async (): Promise<string[]> =>
  (await temporary.registry.quarantine.list({ limit: 1000 })).items.map(({ wireName }) => wireName);

describe('the quarantine', () => {
  test('has each stranger once, with when it came first and last and what it said', async () => {
    const { quarantine } = temporary.registry;
    const first = sighting('Gas-17');
    await quarantine.sawUnknown([first, sighting('Tank-2'), sighting('Gas-17', { gatewayId: 'gw-2' })]);
    const last = sighting('Gas-17', { address: '10.0.0.9', sample: new Uint8Array(1_000) });
    await quarantine.sawUnknown([last]);
    const { items, total } = await quarantine.list({ limit: 9 });
    expect(total).toBe(3);
    expect(items[0]).toEqual({
      id: expect.stringMatching(/^qua-/),
      gatewayId: 'gw-1',
      wireName: 'Gas-17',
      address: '10.0.0.9',
      firstSeenAt: first.at,
      lastSeenAt: last.at,
      count: 2,
      sample: expect.objectContaining({ length: 256 }),
    });
    expect((await quarantine.list({ limit: 9, gatewayId: 'gw-2' })).items).toHaveLength(1);
    expect(await quarantine.find(items[0]?.id ?? '')).toEqual(items[0]);
    expect(await quarantine.find('qua-x')).toBeUndefined();
  });

  test('counts a record once, however often the journal is read again', async () => {
    const { quarantine } = temporary.registry;
    const records = [sighting('a'), sighting('b'), sighting('a')];
    await quarantine.sawUnknown(records);
    const once = await quarantine.list({ limit: 9 });
    await quarantine.sawUnknown(records);
    await (await temporary.reopen()).quarantine.sawUnknown(records.slice(1));
    expect(await temporary.registry.quarantine.list({ limit: 9 })).toEqual(once);
  });

  test('is bounded: a gateway that invents names pushes out its own oldest only', async () => {
    const { quarantine } = temporary.registry;
    await quarantine.sawUnknown([sighting('honest', { gatewayId: 'gw-2' })]);
    await quarantine.sawUnknown(Array.from({ length: 205 }, (_, n) => sighting(`made-up-${n}`)));
    const left = await names();
    expect(left).toHaveLength(201);
    expect(left).toContain('honest');
    expect(left).not.toContain('made-up-4');
    expect(left).toContain('made-up-5');
  });

  test('is bounded over all gateways: whoever was silent the longest goes', async () => {
    const { db } = temporary.registry as unknown as { readonly db: Database };
    const small = new QuarantineRepository(db, { rows: 3, rowsPerGateway: 2 });
    for (const n of [1, 2, 3, 4]) {
      await small.sawUnknown([sighting(`n${n}`, { gatewayId: n % 2 === 0 ? 'gw-1' : null })]);
    }
    expect(await names()).toEqual(['n4', 'n3', 'n2']);
  });

  test('is left by registering, and not entered again by older records', async () => {
    const { quarantine, devices } = temporary.registry;
    const records = ['by-name', 'dev-by-id', 'moved', 'stays'].map((name) => sighting(name));
    const fire = sighting('110101000001', { gatewayId: null });
    await quarantine.sawUnknown([...records, fire]);
    const device = { siteId: 'site-a', profile: 'lift', name: 'x' };
    await devices.create({ ...device, gatewayId: 'gw-1', wireName: 'by-name' });
    await devices.create({ ...device, gatewayId: 'gw-1', id: 'dev-by-id' });
    const moved = await devices.create(device);
    await devices.change(moved.id, { gatewayId: 'gw-1', wireName: 'moved' });
    await devices.create({ ...device, address: '110101000001' });
    expect(await names()).toEqual(['stays']);
    await quarantine.sawUnknown([...records, fire]);
    expect(await names()).toEqual(['stays']);
  });

  test('takes any name as letters', async () => {
    const hostile = ["'; drop table quarantine; --", '%', '__proto__', 'x\u0000y', '设备'];
    await temporary.registry.quarantine.sawUnknown(hostile.map((name) => sighting(name)));
    expect(new Set(await names())).toEqual(new Set(hostile.map((name) => name.replace('\u0000', '\uFFFD'))));
  });
});
