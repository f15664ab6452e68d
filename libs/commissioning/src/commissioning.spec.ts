import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { Workshop } from '../spec/workshop.js';

let workshop: Workshop<TemporaryRegistry>;
beforeEach(async () => {
  workshop = await Workshop.open(await TemporaryRegistry.open());
});
afterEach(() => workshop.close());

const tank = { siteId: 'site-a', profile: 'tank.atm', name: '储罐' };
const by = 'amy';

describe('a new device', () => {
  it.each([
    ['standard', 'password'],
    ['thingsboard', 'token'],
    ['jetlinks', 'signed'],
  ] as const)('of the dialect %s signs in by %s, and may at once', async (dialect, kind) => {
    const { commissioning, directory } = workshop;
    const made = await commissioning.createDevice({ ...tank, deviceId: 'dev-1', dialect }, by);
    expect(made.credential).toMatchObject({ kind });
    expect(workshop.configured()).toEqual(['dev-1']);
    const entry = directory.find('dev-1');
    expect(entry).toMatchObject({ dialect, disabled: false });
    expect(entry?.credentials).toMatchObject([{ id: made.credential?.credentialId, kind, expiresAt: null }]);
    const stored = await workshop.store.registry.credentials.forDevice('dev-1');
    expect(stored).toMatchObject([{ createdBy: 'amy', kind }]);
    const { username = '', password = '' } = made.credential ?? {};
    const secret = kind === 'token' ? username : password;
    expect(Buffer.from(secret, 'base64url')).toHaveLength(24);
    if (kind !== 'signed') expect(JSON.stringify(stored)).not.toContain(secret);
  });

  it('may be given another kind, a certificate, or none', async () => {
    const { commissioning, directory } = workshop;
    const fingerprint = 'ab'.repeat(32);
    await commissioning.createDevice({
      ...tank,
      deviceId: 'dev-1',
      dialect: 'thingsboard',
      credential: 'certificate',
      fingerprint,
    });
    expect(directory.holderOfCertificate(fingerprint)?.device.deviceId).toBe('dev-1');
    const none = await commissioning.createDevice({ ...tank, deviceId: 'dev-2', credential: 'none' });
    expect(none.credential).toBeNull();
    expect(directory.find('dev-2')?.credentials).toEqual([]);
  });

  it('that is known by a wire address speaks as one of the device profiles, and has no credential, unless one is asked for', async () => {
    const { commissioning, directory } = workshop;
    const room = {
      siteId: 'site-a',
      profile: 'fire.uitd',
      name: '消防控制室',
      deviceId: 'room',
      address: '889',
    };
    expect((await commissioning.createDevice(room)).credential).toBeNull();
    expect(directory.ofAddress('889')).toMatchObject({ deviceId: 'room', credentials: [] });
    const other = { ...room, deviceId: 'other', address: '891', dialect: 'dahau' };
    await expect(commissioning.createDevice(other)).rejects.toMatchObject({ code: 'dialect_unknown' });
    const both = { ...room, deviceId: 'both', address: '890', credential: 'password' } as const;
    expect((await commissioning.createDevice(both)).credential).toMatchObject({ kind: 'password' });
  });

  it('behind a gateway is spoken for by that one, under its name there, and has no credential', async () => {
    const { commissioning, directory } = workshop;
    await commissioning.createDevice({ ...tank, deviceId: 'gw' });
    const child = { ...tank, deviceId: 'child', gatewayId: 'gw', wireName: 'Tank-2', keys: { lvl: 'level' } };
    expect((await commissioning.createDevice(child)).credential).toBeNull();
    expect(directory.childOf('gw', 'Tank-2')).toMatchObject({ deviceId: 'child', gatewayId: 'gw' });
    expect(directory.find('child')?.keys).toEqual(new Map([['lvl', 'level']]));
  });

  it('is refused behind what cannot be its gateway', async () => {
    const { commissioning } = workshop;
    await commissioning.createDevice({ ...tank, deviceId: 'gw' });
    await commissioning.createDevice({ ...tank, deviceId: 'child', gatewayId: 'gw' });
    await commissioning.createDevice({ ...tank, siteId: 'site-b', deviceId: 'foreign' });
    for (const wrong of [
      { gatewayId: 'nobody' },
      { gatewayId: 'foreign' },
      { gatewayId: 'child' },
      { wireName: 'x' },
    ]) {
      const refused = commissioning.createDevice({ ...tank, ...wrong });
      await expect(refused).rejects.toMatchObject({ code: 'gateway_invalid' });
    }
    const unknownSite = commissioning.createDevice({ ...tank, siteId: 'site-x' });
    await expect(unknownSite).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is refused with keys that stand for no point, or two for one', async () => {
    for (const keys of [{ lvl: 'levle' }, { a: 'level', b: 'level' }, { lvl: '__proto__' }]) {
      const refused = workshop.commissioning.createDevice({ ...tank, keys });
      await expect(refused).rejects.toMatchObject({ code: 'keys_invalid' });
    }
  });
});

describe('a device is changed', () => {
  it('in name, gateway and keys, for the engine and the front door alike', async () => {
    const { commissioning, directory } = workshop;
    await commissioning.createDevice({ ...tank, deviceId: 'gw' });
    await commissioning.createDevice({ ...tank, deviceId: 'gw-2' });
    await commissioning.createDevice({ ...tank, deviceId: 'd' });
    const context = await commissioning.changeDevice('d', {
      name: '新名',
      gatewayId: 'gw',
      wireName: 'T',
      keys: { lvl: 'level' },
    });
    expect(context.device).toMatchObject({ name: '新名', gatewayId: 'gw', wireName: 'T' });
    expect(directory.childOf('gw', 'T')?.deviceId).toBe('d');
    expect(workshop.records.at(-1)).toMatchObject({ kind: 'configure', device: { deviceName: '新名' } });
    // What one gateway calls it means nothing behind another.
    await commissioning.changeDevice('d', { gatewayId: 'gw-2' });
    expect(directory.find('d')).toMatchObject({ gatewayId: 'gw-2', wireName: null });
    await commissioning.changeDevice('d', { gatewayId: null });
    expect(directory.find('d')?.gatewayId).toBeNull();
    expect(directory.find('d')?.keys.get('lvl')).toBe('level');
  });

  it('not into a circle, nor two levels deep', async () => {
    const { commissioning } = workshop;
    await commissioning.createDevice({ ...tank, deviceId: 'gw' });
    await commissioning.createDevice({ ...tank, deviceId: 'other' });
    await commissioning.createDevice({ ...tank, deviceId: 'child', gatewayId: 'gw' });
    for (const [id, gatewayId] of [
      ['gw', 'gw'],
      ['gw', 'child'],
      ['gw', 'other'],
      ['other', 'child'],
    ] as const) {
      const refused = commissioning.changeDevice(id, { gatewayId });
      await expect(refused).rejects.toMatchObject({ code: 'gateway_invalid' });
    }
    const nobody = commissioning.changeDevice('nobody', { name: 'x' });
    await expect(nobody).rejects.toMatchObject({ code: 'device_unknown' });
  });
});

describe('a device of logic', () => {
  const group = { siteId: 'site-a', profile: 'voting.group', name: '表决组', deviceId: 'group' };

  it('has no credential, and its rules read the points that were chosen', async () => {
    const { commissioning, directory } = workshop;
    for (const deviceId of ['t1', 't2', 't3']) await commissioning.createDevice({ ...tank, deviceId });
    const made = await commissioning.createDevice({ ...group, credential: 'password' }, by);
    expect(made.credential).toBeNull();
    expect(directory.find('group')?.credentials).toEqual([]);
    const members = ['t1', 't2', 't3'].map((id) => ({ role: 'input', pointId: `${id}.level`, atLeast: 27 }));
    await commissioning.changeDevice('group', { members });
    expect(workshop.records.at(-1)).toMatchObject({
      kind: 'configure',
      device: {
        deviceId: 'group',
        rules: [
          {
            key: 'voted',
            condition: { kind: 'voting', need: 2, members: [{ pointId: 't1.level', atLeast: 27 }, {}, {}] },
          },
          { key: 'degraded', condition: { of: 'voted', need: 2, members: [{}, {}, {}] } },
        ],
      },
    });
    // A restart finds nothing to change.
    expect(await commissioning.reconcile()).toBe(0);
  });

  it.each([
    ['a point of another site', [{ role: 'input', pointId: 'far.level', atLeast: 1 }]],
    ['a point that is not there', [{ role: 'input', pointId: 't1.nothing', atLeast: 1 }]],
    ['a role that it does not have', [{ role: 'detector', pointId: 't1.level', atLeast: 1 }]],
    ['a number without a limit', [{ role: 'input', pointId: 't1.level' }]],
    ['a limit for what is no number', [{ role: 'input', pointId: 't1.valveIn', atLeast: 1 }]],
    ['a value that the point never has', [{ role: 'input', pointId: 't1.valveIn', values: ['open'] }]],
    [
      'a point twice',
      [
        { role: 'input', pointId: 't1.valveIn' },
        { role: 'input', pointId: 't1.valveIn' },
      ],
    ],
  ])('is refused with %s', async (_what, members) => {
    const { commissioning } = workshop;
    await commissioning.createDevice({ ...tank, deviceId: 't1' });
    await commissioning.createDevice({ ...tank, siteId: 'site-b', deviceId: 'far' });
    const refused = commissioning.createDevice({ ...group, members });
    await expect(refused).rejects.toMatchObject({ code: 'members_invalid' });
  });

  it('is the only one with members', async () => {
    const { commissioning } = workshop;
    await commissioning.createDevice({ ...tank, deviceId: 't1' });
    const members = [{ role: 'input', pointId: 't1.valveIn' }];
    const refused = commissioning.createDevice({ ...tank, members });
    await expect(refused).rejects.toMatchObject({ code: 'members_invalid' });
  });
});

describe('something in quarantine', () => {
  const sighting = { offset: 1, address: null, at: 5, sample: new Uint8Array() };

  it('becomes a device of the site of its gateway, under the name by which it was heard', async () => {
    const { commissioning, directory, store } = workshop;
    await commissioning.createDevice({ ...tank, deviceId: 'gw' });
    await store.registry.quarantine.sawUnknown([{ ...sighting, gatewayId: 'gw', wireName: '罐 2' }]);
    const [row] = (await store.registry.quarantine.list({ limit: 1 })).items;
    const made = await commissioning.register(row?.id ?? '', { profile: 'tank.atm', name: '二号' }, by);
    expect(made.context.site.id).toBe('site-a');
    expect(directory.childOf('gw', '罐 2')?.deviceId).toBe(made.context.device.id);
    expect((await store.registry.quarantine.list({ limit: 1 })).total).toBe(0);
    const again = commissioning.register(row?.id ?? '', { profile: 'tank.atm', name: 'x' }, by);
    await expect(again).rejects.toMatchObject({ code: 'quarantine_unknown' });
  });

  it('without a gateway needs a site, and is known by its address', async () => {
    const { commissioning, store } = workshop;
    await store.registry.quarantine.sawUnknown([{ ...sighting, gatewayId: null, wireName: '110101000001' }]);
    const [row] = (await store.registry.quarantine.list({ limit: 1 })).items;
    const registration = { profile: 'fire.uitd', name: '传输装置' };
    const nowhere = commissioning.register(row?.id ?? '', registration, by);
    await expect(nowhere).rejects.toMatchObject({ code: 'gateway_invalid' });
    const made = await commissioning.register(row?.id ?? '', { ...registration, siteId: 'site-b' }, by);
    expect(made.context.device.address).toBe('110101000001');
  });
});

it('a restart finds the directory as it was, revoked certificates included', async () => {
  const { commissioning, directory } = workshop;
  await commissioning.createDevice({ ...tank, deviceId: 'gw' });
  await commissioning.createDevice({
    ...tank,
    deviceId: 'd',
    gatewayId: 'gw',
    wireName: 'T',
    keys: { l: 'level' },
  });
  await commissioning.credentials.issue('gw', { kind: 'certificate' }, by);
  await commissioning.credentials.revokeCertificate('gw', 'cd'.repeat(32), { by, reason: 'stolen' });
  const before = ['gw', 'd'].map((id) => directory.find(id));
  for (const id of ['gw', 'd']) directory.remove(id);
  await commissioning.reconcile();
  expect(['gw', 'd'].map((id) => directory.find(id))).toEqual(before);
  expect(directory.isCertificateRevoked('cd'.repeat(32))).toBe(true);
});
