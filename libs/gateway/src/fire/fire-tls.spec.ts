import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { COMMAND } from '@watchfire/protocol';
import { Authority, type Identity, selfSigned } from '../../spec/certificates.js';
import { DatagramClient, FireClient, smokeDetector } from '../../spec/fire-client.js';
import { FireHarness, fireUnit, whenever } from '../../spec/fire-harness.js';
import { type TlsOptions } from '../tls-door.js';
import { type FireOptions } from './fire-options.js';

const EMPTY = new Uint8Array();
const FIRE = 2;

describe('the door for fire-control rooms over TLS', () => {
  let folder: string;
  let ca: Authority;
  let otherCa: Authority;
  let door: FireHarness;
  let port: number;
  let tlsPort: number;
  const clients: { end(): void }[] = [];
  const file = (name: string): string => join(folder, name);

  beforeAll(async () => {
    [ca, otherCa] = await Promise.all([Authority.create('Fleet CA'), Authority.create('Other CA')]);
    folder = await mkdtemp(join(tmpdir(), 'watchfire-fire-tls-'));
    await writeServer(await ca.server());
    await writeFile(file('ca.pem'), ca.pem);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => start());
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end();
    await door.server.stop();
  });

  async function writeServer({ cert, key }: Identity): Promise<void> {
    await writeFile(file('server.pem'), cert);
    await writeFile(file('server.key'), key);
  }
  async function start(tls: Partial<TlsOptions> = {}, options: Partial<FireOptions> = {}): Promise<void> {
    door = new FireHarness(options);
    // The dates of certificates are judged by the clock of the server.
    door.clock.wall = Date.now();
    port = await door.server.listen(0, '127.0.0.1');
    await door.server.listenUdp(port, '127.0.0.1');
    tlsPort = await door.server.listenTls(0, '127.0.0.1', {
      certificate: file('server.pem'),
      key: file('server.key'),
      clientCa: file('ca.pem'),
      clientCertificates: 'optional',
      minVersion: 'TLSv1.2',
      ...tls,
    });
  }
  async function startAgain(tls: Partial<TlsOptions>, options: Partial<FireOptions> = {}): Promise<void> {
    await door.server.stop();
    await start(tls, options);
  }
  async function secure(more: ConnectionOptions = {}, source = 889): Promise<FireClient> {
    const client = await FireClient.secure(tlsPort, source, { ca: ca.pem, ...more });
    clients.push({ end: () => client.socket.destroy() });
    return client;
  }
  async function clear(): Promise<FireClient> {
    const client = await FireClient.open(port, 889);
    clients.push({ end: () => client.socket.destroy() });
    return client;
  }
  const pin = (fingerprint: string | null, expiresAt: number | null = null) =>
    fireUnit('room-1', '889', {
      credentials: [{ id: 'cred-1', kind: 'certificate', fingerprint, expiresAt }],
    });
  async function confirms(client: FireClient): Promise<void> {
    client.send(client.frame(smokeDetector(7, FIRE)));
    expect((await client.next()).command).toBe(COMMAND.confirm);
  }
  const unanswered = (times: number) => whenever(() => door.counters.unanswered['certificate'] === times);

  it('[FI35] is the same protocol, with counters of its own', async () => {
    const client = await secure();
    await confirms(client);
    expect(door.counters).toMatchObject({ connections: 1, tlsConnections: 1, tlsHandshakes: 1 });
    expect(await door.command('read_state')).toBe('sent');
    expect((await client.next()).command).toBe(COMMAND.request);
    client.socket.end();
    await client.untilClosed();
    await whenever(() => door.counters.tlsConnections === 0);
    expect(door.counters).toMatchObject({ connections: 0, connectionsClosed: { disconnect: 1 } });
  });

  it('[FI35] a device with a certificate speaks with it, and neither in the clear nor with that of another', async () => {
    const [own, other] = await Promise.all([selfSigned('panel'), ca.client('room-2')]);
    door.directory.upsert(pin(own.fingerprint));
    const datagrams = await DatagramClient.open(port, 889);
    clients.push({ end: () => datagrams.close() });
    const refused = [await clear(), await secure(), await secure(other)];
    for (const [index, client] of refused.entries()) {
      client.send(client.frame(smokeDetector(7, FIRE)));
      await unanswered(index + 1);
    }
    datagrams.send(datagrams.frame(smokeDetector(7, FIRE)));
    await unanswered(4);
    await confirms(await secure(own));
    expect([...refused, datagrams].map(({ heard }) => heard)).toEqual([[], [], [], []]);
    expect(door.presences()).toEqual(['room-1 on connect']);
  });

  it('[FI35] one that the client CA has issued to the device id is as good; a device without one may use any line', async () => {
    door.directory.upsert(pin(null));
    await confirms(await secure(await ca.client('room-1')));
    const stranger = await secure(await otherCa.client('room-1'));
    stranger.send(stranger.frame(EMPTY));
    await unanswered(1);
    const free = await secure(await ca.client('room-1'), 890);
    await confirms(free);
  });

  it('[FI35] a certificate that is revoked, or given to a device that speaks in the clear, ends the line', async () => {
    const own = await selfSigned('panel');
    const before = await clear();
    await confirms(before);
    door.directory.upsert(pin(own.fingerprint));
    await before.untilClosed();
    const after = await secure(own);
    await confirms(after);
    door.directory.upsert(fireUnit('room-1', '889', { revokedCertificates: [own.fingerprint] }));
    await expect(secure(own).then((client) => client.untilClosed())).resolves.toBeUndefined();
    expect(door.counters.connectionsRefused).toEqual({ certificate_revoked: 1 });
    expect(door.presences()).toEqual(['room-1 on connect', 'room-1 off certificate', 'room-1 on connect']);
  });

  it('[FI35] where certificates are required, nobody comes in without one that is known', async () => {
    await startAgain({ clientCertificates: 'required' });
    const own = await selfSigned('panel');
    door.directory.upsert(pin(own.fingerprint));
    for (const more of [{}, await otherCa.client('room-1')]) await (await secure(more)).untilClosed();
    await confirms(await secure(own));
    expect(door.counters.connectionsRefused).toEqual({ certificate_required: 1, certificate_unknown: 1 });
  });

  async function silent(): Promise<Socket> {
    const socket = connect(tlsPort, '127.0.0.1');
    clients.push({ end: () => socket.destroy() });
    socket.on('error', () => undefined).resume();
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  }

  it('[FI35] a handshake that never ends is ended', async () => {
    await startAgain({}, { firstPacketMs: 20 });
    const socket = await silent();
    if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
    await whenever(() => door.counters.connectionsRefused['tls_handshake'] === 1);
  });

  it('[FI35] whoever shakes hands counts against the same limits as TCP', async () => {
    await startAgain({}, { maxConnections: 1 });
    const socket = await silent();
    await (await clear()).untilClosed();
    socket.destroy();
    await whenever(() => door.counters.connectionsRefused['tls_handshake'] === 1);
    expect(door.counters.connectionsRefused).toEqual({ connections_total: 1, tls_handshake: 1 });
    await confirms(await clear());
  });

  it('[FI35] takes new certificate files without a restart', async () => {
    await writeServer(await otherCa.server());
    await door.server.reloadCertificates();
    await expect(secure()).rejects.toThrow();
    await confirms(await secure({ ca: otherCa.pem }));
    await writeServer(await ca.server());
  });

  it('[FI36] connections of networks that are not allowed are closed unread, over TCP and TLS', async () => {
    await startAgain({}, { allowFrom: ['192.168.0.0/16', '2001:db8::/32'] });
    await (await clear()).untilClosed();
    await expect(secure()).rejects.toThrow();
    expect(door.counters.connectionsRefused).toEqual({ source_not_allowed: 2 });
    expect(door.logged.filter((line) => line.includes('source_not_allowed'))).toHaveLength(1);
  });
});
