import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
});
afterEach(() => temporary.remove());

describe('devices', () => {
  test('come with everything above them', async () => {
    const context = await temporary.device('dev-1', 'gas.lel.point');
    expect(context).toEqual({
      device: {
        id: 'dev-1',
        siteId: 'site-a',
        profile: 'gas.lel.point',
        name: '设备 dev-1',
        address: null,
        dialect: 'standard',
        disabled: false,
        createdAt: temporary.clock.now(),
        gatewayId: null,
        wireName: null,
        keys: {},
        members: [],
      },
      site: await temporary.registry.sites.find('site-a'),
      enterprise: await temporary.registry.enterprises.find('ent-a'),
    });
    expect(await temporary.registry.devices.find('dev-1')).toEqual(context.device);
    expect(await temporary.registry.devices.all()).toEqual([context]);
    expect(await temporary.registry.devices.context('dev-2')).toBeUndefined();
  });

  test('refuse an unknown site, a taken id, and a wire address that the profile has already', async () => {
    await temporary.device('dev-1', 'fire.uitd');
    const { devices } = temporary.registry;
    const device = { siteId: 'site-a', profile: 'fire.uitd', name: 'x' };
    await expect(devices.create({ ...device, siteId: 'site-z' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(devices.create({ ...device, id: 'dev-1' })).rejects.toMatchObject({ code: 'conflict' });
    await devices.create({ ...device, address: '110101000001' });
    await expect(devices.create({ ...device, address: '110101000001' })).rejects.toMatchObject({
      code: 'conflict',
    });
    // Devices without an address are as many as you like, and another protocol has addresses of its own.
    await devices.create(device);
    await devices.create({ ...device, profile: 'lift', address: '110101000001' });
  });

  test('are disabled and enabled again', async () => {
    await temporary.device('dev-1', 'lift');
    await temporary.registry.devices.setDisabled('dev-1', true);
    const { devices } = await temporary.reopen();
    expect(await devices.find('dev-1')).toMatchObject({ disabled: true });
    await devices.setDisabled('dev-1', false);
    expect(await devices.find('dev-1')).toMatchObject({ disabled: false });
    await expect(devices.setDisabled('dev-9', true)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('behind a gateway have a name there that no other has, and names of their own for points', async () => {
    await temporary.device('gw-1', 'lift');
    await temporary.device('gw-2', 'lift');
    const { devices } = temporary.registry;
    const child = { siteId: 'site-a', profile: 'tank.atm', name: 'x', wireName: 'Tank-2' };
    const made = await devices.create({ ...child, gatewayId: 'gw-1', keys: { lvl: 'level' } });
    expect(await devices.find(made.id)).toEqual(made);
    expect(made).toMatchObject({ gatewayId: 'gw-1', wireName: 'Tank-2', keys: { lvl: 'level' } });
    await expect(devices.create({ ...child, gatewayId: 'gw-1' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(devices.create({ ...child, gatewayId: 'gw-9' })).rejects.toMatchObject({
      code: 'not_found',
    });
    const other = await devices.create({ ...child, gatewayId: 'gw-2' });
    await expect(devices.change(other.id, { gatewayId: 'gw-1' })).rejects.toMatchObject({ code: 'conflict' });
    await devices.change(other.id, { gatewayId: 'gw-1', wireName: null, keys: {}, name: 'y' });
    expect(await devices.find(other.id)).toMatchObject({
      gatewayId: 'gw-1',
      wireName: null,
      keys: {},
      name: 'y',
    });
    expect([await devices.isGateway('gw-1'), await devices.isGateway('gw-2')]).toEqual([true, false]);
    await devices.change(made.id, {});
    expect(await devices.find(made.id)).toEqual(made);
    await expect(devices.change('dev-9', { name: 'y' })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('are found by part of a name, and only within what is asked for', async () => {
    await temporary.device('dev-a1', 'lift', 'a');
    await temporary.device('dev-a2', 'lift', 'a');
    await temporary.device('dev-b1', 'lift', 'b');
    const { devices } = temporary.registry;
    const ids = async (filter: object): Promise<string[]> =>
      (await devices.list({ limit: 10, ...filter })).items.map((one) => one.device.id);
    expect(await ids({ q: 'DEV-A' })).toEqual(['dev-a1', 'dev-a2']);
    expect(await ids({ q: '场所 b' })).toEqual(['dev-b1']);
    expect(await ids({ q: '企业', enterpriseId: 'ent-b' })).toEqual(['dev-b1']);
    expect(await ids({ siteId: 'site-a' })).toEqual(['dev-a1', 'dev-a2']);
    expect(await ids({ q: '  ' })).toHaveLength(3);
    expect((await devices.list({ limit: 1, q: 'dev-a' })).total).toBe(2);
  });

  test('take wildcards, quotes and SQL in a search and in a name as letters', async () => {
    await temporary.device('dev-1', 'lift');
    const { devices, enterprises } = temporary.registry;
    const hostile = ["'; drop table device; --", '%', '_', '\\', '"', "' or '1'='1", '${1}', '?'];
    for (const [index, text] of hostile.entries()) {
      expect((await devices.list({ limit: 10, q: text })).items).toHaveLength(0);
      const created = await enterprises.create({ id: `ent-h${index}`, name: text });
      expect(await enterprises.find(created.id)).toEqual(created);
      expect(await enterprises.find(text)).toBeUndefined();
    }
    await enterprises.create({ id: 'ent-p', name: '100 %' });
    await temporary.registry.sites.create({ id: 'site-p', enterpriseId: 'ent-p', name: 'p' });
    await devices.create({ id: 'dev-p', siteId: 'site-p', profile: 'lift', name: 'p' });
    expect((await devices.list({ limit: 10, q: '%' })).items.map((one) => one.device.id)).toEqual(['dev-p']);
    expect(await devices.find('dev-1')).toBeDefined();
  });
});

test('text is never cut: U+0000, which ends it for SQLite and which PostgreSQL refuses, is replaced', async () => {
  const { enterprises } = temporary.registry;
  await enterprises.create({ id: 'ent-0', name: 'x\u0000y' });
  expect((await enterprises.find('ent-0'))?.name).toBe('x\uFFFDy');
  expect(await enterprises.find('ent-0\u0000')).toBeUndefined();
});
