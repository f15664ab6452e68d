import { describe, expect, test } from '@jest/globals';
import { testDevice, testDirectory } from '../spec/harness.js';
import { type DirectoryDevice } from './directory.js';

const inForce = { expiresAt: null } as const;

describe('the directory', () => {
  test('finds a device by each of its credentials, until they are replaced or the device goes', () => {
    const directory = testDirectory();
    const device = testDevice('d', {
      credentials: [
        { id: 'c1', kind: 'token', digest: 'D', ...inForce },
        { id: 'c2', kind: 'signed', secureId: 's', secureKey: 'k', ...inForce },
        { id: 'c3', kind: 'certificate', fingerprint: 'f', ...inForce },
        { id: 'c4', kind: 'certificate', fingerprint: null, ...inForce },
      ],
      revokedCertificates: ['r'],
    });
    directory.upsert(device);
    const found = () => [
      directory.holderOfToken('D')?.credential.id,
      directory.holderOfSecureId('s')?.credential.id,
      directory.holderOfCertificate('f')?.credential.id,
      directory.isCertificateRevoked('r'),
    ];
    expect(found()).toEqual(['c1', 'c2', 'c3', true]);
    expect(directory.holderOfToken('s')).toBeUndefined();
    directory.upsert(testDevice('d', { credentials: device.credentials.slice(0, 1) }));
    expect(found()).toEqual(['c1', undefined, undefined, false]);
    directory.remove('d');
    expect(found()).toEqual([undefined, undefined, undefined, false]);
    expect(directory.find('d')).toBeUndefined();
  });

  test('finds what is behind a gateway by what the gateway calls it, and only there', () => {
    const directory = testDirectory();
    directory.upsert(testDevice('tank', { gatewayId: 'gas-1', wireName: 'Tank-2' }));
    directory.upsert(testDevice('plain', { gatewayId: 'gas-1' }));
    expect(directory.childOf('gas-1', 'Tank-2')?.deviceId).toBe('tank');
    expect(directory.childOf('gas-1', 'tank')?.deviceId).toBe('tank');
    expect([...directory.behind('gas-1')]).toEqual(['tank', 'plain']);
    expect([...directory.behind('gas-2')]).toEqual([]);
    expect(directory.childOf('gas-1', 'plain')?.deviceId).toBe('plain');
    for (const [gateway, name] of [
      ['gas-2', 'Tank-2'],
      ['gas-2', 'tank'],
      ['gas-1', 'gas-2'],
      ['gas-1', '__proto__'],
    ] as const) {
      expect([gateway, name, directory.childOf(gateway, name)]).toEqual([gateway, name, undefined]);
    }
    directory.upsert(testDevice('tank', { gatewayId: 'gas-2', wireName: 'Tank-2' }));
    expect(directory.childOf('gas-1', 'Tank-2')).toBeUndefined();
    expect(directory.childOf('gas-2', 'Tank-2')?.deviceId).toBe('tank');
    directory.remove('tank');
    expect(directory.childOf('gas-2', 'Tank-2')).toBeUndefined();
  });

  test('tells of every change, with the device as it is then', () => {
    const directory = testDirectory();
    const told: [string, DirectoryDevice | undefined][] = [];
    const stop = directory.onChange((deviceId, device) => {
      expect(directory.find(deviceId)).toBe(device);
      told.push([deviceId, device]);
    });
    const device = testDevice('d');
    directory.upsert(device);
    directory.remove('d');
    directory.remove('d');
    stop();
    directory.upsert(device);
    expect(told).toEqual([
      ['d', device],
      ['d', undefined],
    ]);
  });

  test('has the points of a device in the order of its source', () => {
    const device = testDevice('d', { keys: { ppm: 'conc' } });
    expect(device.shapePoints.map(({ key }) => key)).toEqual(['conc', 'fault', 'mode']);
    expect(device.source.pointIds).toEqual(['d.conc', 'd.fault', 'd.mode']);
    expect(device.points.get('mode')).toBe(device.shapePoints[2]);
    expect(device.shapePoints[0]).toEqual({
      pointId: 'd.conc',
      key: 'conc',
      index: 0,
      type: 'number',
      min: -1_000,
      max: 1_000,
    });
    expect(device.keys.get('ppm')).toBe('conc');
    // The same content has the same source: what is known of it by index stays right.
    expect(testDevice('d', { disabled: true }).source).toBe(device.source);
  });
});
