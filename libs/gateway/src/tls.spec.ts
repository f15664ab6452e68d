import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { telemetryTopic } from '@watchfire/contracts';
import { connectAsync, type IClientOptions } from 'mqtt';
import { Authority, type Identity, selfSigned } from '../spec/certificates.js';
import { eventually, Harness, testDevice } from '../spec/harness.js';
import { type GatewayLimits } from './limits.js';
import { type TlsOptions } from './tls-door.js';

let ca: Authority;
let otherCa: Authority;
let server: Identity;
let folder: string;
let harness: Harness;
const sockets: Socket[] = [];
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  [ca, otherCa] = await Promise.all([Authority.create('Fleet CA'), Authority.create('Other CA')]);
  server = await ca.server();
  folder = await mkdtemp(join(tmpdir(), 'watchfire-tls-'));
  await writeFile(file('server.pem'), server.cert);
  await writeFile(file('server.key'), server.key);
  await writeFile(file('ca.pem'), ca.pem);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await harness.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(
  options: Partial<TlsOptions> = {},
  limits: Partial<GatewayLimits> = {},
): Promise<number> {
  harness = await Harness.start(limits);
  // The dates of certificates are judged by the clock of the gateway.
  harness.clock.wall = Date.now();
  return harness.gateway.listenTls(0, '127.0.0.1', {
    certificate: file('server.pem'),
    key: file('server.key'),
    clientCa: file('ca.pem'),
    clientCertificates: 'optional',
    minVersion: 'TLSv1.2',
    ...options,
  });
}

const signIn = async (port: number, more: IClientOptions): Promise<string> => {
  const options = { ca: ca.pem, reconnectPeriod: 0, connectTimeout: 5_000 };
  try {
    const client = await connectAsync(`mqtts://localhost:${port}`, { ...options, ...more }, false);
    await client.endAsync(true);
    return 'in';
  } catch (error) {
    return (error as Error).message;
  }
};
const refusals = (): Record<string, number> => ({ ...harness.counters.connectionsRefused });
const withIdentity = ({ cert, key }: Identity): Pick<IClientOptions, 'cert' | 'key'> => ({ cert, key });

function dial(port: number, options: ConnectionOptions): TLSSocket {
  const socket = connectTls({ host: '127.0.0.1', port, ca: ca.pem, servername: 'localhost', ...options });
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));
const secured = (socket: TLSSocket): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });

describe('the TLS port', () => {
  it('[IN43] takes what the plain port takes, by password', async () => {
    const port = await start({ clientCertificates: 'none' });
    const client = await connectAsync({
      host: 'localhost',
      port,
      protocol: 'mqtts',
      ca: ca.pem,
      username: 'gas-1',
      password: 'secret-of-gas-1',
      reconnectPeriod: 0,
    });
    await client.publishAsync(telemetryTopic('gas-1'), '{"values":{"conc":12.5}}', { qos: 1 });
    expect(harness.journal.of('reading')).toHaveLength(1);
    await client.endAsync();
    expect(await signIn(port, { username: 'gas-1', password: 'wrong' })).toMatch(/Not authorized|Bad user/i);
  });

  it('[IN43] refuses versions before TLS 1.2, other protocols and silence, counted, and gives their place back', async () => {
    const port = await start({}, { firstPacketMs: 300, maxConnectionsPerAddress: 2 });
    await closed(dial(port, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }));
    const plain = connectTcp(port, '127.0.0.1');
    sockets.push(plain);
    plain.on('error', () => undefined);
    plain.write('GET / HTTP/1.1\r\n\r\n');
    await closed(plain);
    const silent = [connectTcp(port, '127.0.0.1'), connectTcp(port, '127.0.0.1')];
    for (const socket of silent) {
      socket.on('error', () => undefined);
      sockets.push(socket);
    }
    await Promise.all(silent.map(closed));
    await eventually(() => refusals()['tls_handshake'] === 4, 'four handshakes failed');
    expect(await signIn(port, { username: 'gas-1', password: 'secret-of-gas-1' })).toBe('in');
  });

  it('[IN17] counts a socket before its handshake', async () => {
    const port = await start({}, { maxConnectionsPerAddress: 1 });
    const first = await secured(dial(port, {}));
    await closed(dial(port, {}));
    expect(refusals()).toEqual({ connections_per_address: 1 });
    first.destroy();
    await eventually(() => harness.gateway.connections() === 0, 'the first has gone');
    expect(await signIn(port, { username: 'gas-1', password: 'secret-of-gas-1' })).toBe('in');
  });

  it('[IN17] makes handshakes wait for their turn', async () => {
    const port = await start({}, { connectsPerSecond: 5 });
    const crowd = Array.from({ length: 14 }, () => secured(dial(port, {})));
    await Promise.all(crowd);
    expect(refusals()).toEqual({});
  });

  it('cannot be opened with files that cannot be used', async () => {
    await start();
    const options = { clientCa: null, clientCertificates: 'none', minVersion: 'TLSv1.2' } as const;
    for (const [certificate, key] of [
      ['server.pem', 'nowhere.key'],
      ['server.pem', 'ca.pem'],
      ['server.key', 'server.key'],
    ] as const) {
      const opening = harness.gateway.listenTls(0, '127.0.0.1', {
        ...options,
        certificate: file(certificate),
        key: file(key),
      });
      await expect(opening).rejects.toMatchObject({ code: 'tls_files' });
    }
  });

  it('[IN43] takes a new certificate without a restart, and keeps the old one while the new one is unusable', async () => {
    await writeFile(file('moving.pem'), server.cert);
    await writeFile(file('moving.key'), server.key);
    const port = await start({ certificate: file('moving.pem'), key: file('moving.key') });
    const shown = async (): Promise<string> => {
      const socket = await secured(dial(port, {}));
      return socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase();
    };
    const old = await secured(dial(port, {}));
    expect(await shown()).toBe(server.fingerprint);
    const renewed = await ca.server();
    const replace = async (name: string, text: string): Promise<void> => {
      await writeFile(file('new'), text);
      await rename(file('new'), file(name));
    };
    await replace('moving.pem', renewed.cert);
    await harness.gateway.reloadCertificates();
    expect(harness.counters.internalErrors).toEqual({ tls_files: 1 });
    expect(await shown()).toBe(server.fingerprint);
    await replace('moving.key', renewed.key);
    await harness.gateway.reloadCertificates();
    expect(await shown()).toBe(renewed.fingerprint);
    expect(old.destroyed).toBe(false);
  });
});

describe('[IN42] a client certificate', () => {
  const certificate = (fingerprint: string | null) => ({
    id: 'cert',
    kind: 'certificate' as const,
    fingerprint,
    expiresAt: null,
  });

  it('signs its device in: its own, or one of the client CA', async () => {
    const port = await start();
    const own = await selfSigned('whatever');
    const issued = await ca.client('gas-2');
    harness.directory.upsert(testDevice('gas-1', { credentials: [certificate(own.fingerprint)] }));
    harness.directory.upsert(testDevice('gas-2', { credentials: [certificate(null)] }));
    expect(await signIn(port, withIdentity(own))).toBe('in');
    expect(await signIn(port, { ...withIdentity(own), username: 'gas-1' })).toBe('in');
    expect(await signIn(port, withIdentity(issued))).toBe('in');
    expect(harness.journal.of('connection').map(({ deviceId }) => deviceId)).toContain('gas-2');
    expect(await signIn(port, { ...withIdentity(issued), username: 'gas-1' })).not.toBe('in');
  });

  it('of another CA, without rights, expired or revoked, signs nobody in', async () => {
    const port = await start();
    const [foreign, expired, stolen, plain] = await Promise.all([
      otherCa.client('gas-1'),
      ca.client('gas-1', { daysLeft: -1 }),
      ca.client('gas-1'),
      ca.client('gas-2'),
    ]);
    const credentials = [certificate(null)];
    harness.directory.upsert(testDevice('gas-1', { credentials }));
    expect(await signIn(port, withIdentity(stolen))).toBe('in');
    harness.directory.upsert(testDevice('gas-1', { credentials, revokedCertificates: [stolen.fingerprint] }));
    for (const identity of [foreign, expired, stolen, plain, server]) {
      expect(await signIn(port, withIdentity(identity))).not.toBe('in');
    }
    expect(refusals()).toEqual({ certificate_unknown: 4, certificate_revoked: 1 });
  });

  it('where one is required, nobody comes in without', async () => {
    const port = await start({ clientCertificates: 'required' });
    const credential = { username: 'gas-1', password: 'secret-of-gas-1' };
    await closed(dial(port, {}));
    expect(await signIn(port, { ...credential, ...withIdentity(await otherCa.client('gas-1')) })).not.toBe(
      'in',
    );
    expect(await signIn(port, { ...credential, ...withIdentity(await ca.client('fleet')) })).toBe('in');
    expect(refusals()).toEqual({ certificate_required: 1, certificate_unknown: 1 });
  });

  it('keeps working when a TLS session is resumed, and its revocation too', async () => {
    const port = await start({ minVersion: 'TLSv1.3' });
    const issued = await ca.client('gas-1');
    const credentials = [certificate(null)];
    harness.directory.upsert(testDevice('gas-1', { credentials }));
    const connectPacket = Buffer.from('100c00044d5154540402003c0000', 'hex');
    const first = await secured(dial(port, withIdentity(issued)));
    const session = new Promise<Buffer>((resolve) => first.once('session', resolve));
    first.write(connectPacket);
    const connack = await new Promise<Buffer>((resolve) => first.once('data', resolve));
    expect([...connack]).toEqual([0x20, 2, 0, 0]);
    harness.directory.upsert(testDevice('gas-1', { credentials, revokedCertificates: [issued.fingerprint] }));
    await closed(first);
    const again = await secured(dial(port, { ...withIdentity(issued), session: await session }));
    expect(again.isSessionReused()).toBe(true);
    again.write(connectPacket);
    expect([...(await new Promise<Buffer>((resolve) => again.once('data', resolve)))]).toEqual([
      0x20, 2, 0, 5,
    ]);
  });
});

describe('[IN45] a right that is taken away', () => {
  it('ends the connections that were opened with it at once, and no others', async () => {
    await start();
    const { directory, journal } = harness;
    const one = await harness.client();
    await one.signIn('gas-1', { clientId: 'one' });
    const both = testDevice('gas-1').credentials;
    const next = { id: 'cred-next', kind: 'password', hash: 'hash-of-next', expiresAt: null } as const;
    directory.upsert(testDevice('gas-1', { credentials: [...both, next] }));
    const two = await harness.client();
    await two.signIn('gas-1', { clientId: 'two', password: Buffer.from('next') });
    directory.upsert(testDevice('gas-1', { credentials: [next] }));
    await one.untilClosed();
    two.send({ cmd: 'pingreq' });
    await two.next('pingresp');
    await journal.until((j) => j.of('connection').length === 3);
    expect(journal.of('connection')[2]).toMatchObject({ connected: true, reason: 'credential_revoked' });
    directory.upsert(testDevice('gas-1', { credentials: [next], disabled: true }));
    await two.untilClosed();
    await journal.until((j) => j.of('connection').length === 4);
    expect(journal.of('connection')[3]).toMatchObject({ connected: false, reason: 'device_disabled' });
  });

  it('ends those of a device that was removed', async () => {
    await start();
    const device = await harness.device('gas-1');
    harness.directory.remove('gas-1');
    await device.untilClosed();
  });
});
