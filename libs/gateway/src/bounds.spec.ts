import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { telemetryTopic } from '@watchfire/contracts';
import { generate } from 'mqtt-packet';
import { WebSocket } from 'ws';
import { eventually, Harness } from '../spec/harness.js';
import { connectPacket, publishPacket } from '../spec/raw-client.js';
import { PacketPieces } from './packet-pieces.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that the process holds in buffers; those of the clients are in it too. */
function held(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

// Nothing may depend on who takes a publish: the splitter, or the broker.
describe.each([true, false])('with the splitter: %s, what one client can cost:', (splitter) => {
  let harness: Harness;
  beforeEach(() => {
    Harness.splitter = splitter;
  });
  afterEach(() => harness.close());

  it('[FD5] whoever waits for a refusal is not kept in memory with what he sends meanwhile', async () => {
    harness = await Harness.start({ signInFailuresPerMinute: 4, maxFailureDelayMs: 5_000 });
    const clients = await Promise.all(Array.from({ length: 16 }, () => harness.client()));
    const wrong = connectPacket('gas-1', { password: Buffer.from('wrong'), clientId: '' });
    // More than the system's own buffers hold: when it is gone the server has read it.
    const flood = Buffer.concat([generate(wrong), Buffer.alloc(12_000_000, 0x30)]);
    const before = held();
    for (const client of clients) client.socket.write(flood);
    const isRead = (): boolean =>
      clients.every(({ socket }) => socket.destroyed || socket.writableLength === 0);
    await eventually(isRead, 'all is read');
    // Buffers that nobody holds are given back by a thread of the engine's own, some time after the collection.
    await eventually(() => held() - before < clients.length * 16_384, 'nothing is held');
    expect(harness.gateway.connections()).toBeGreaterThan(6);
    await Promise.all(clients.map((client) => client.untilClosed()));
    expect(harness.counters.connectionsRefused).toMatchObject({ too_many_failures: expect.any(Number) });
  });

  it('[FD5] a WebSocket may not collect more than 16 kB before its first message', async () => {
    harness = await Harness.start();
    const socket = new WebSocket(`ws://127.0.0.1:${await harness.webSocketPort()}/mqtt`, 'mqtt');
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    // In fragments that never end, as a frame that never comes whole.
    for (let i = 0; i < 5; i++) socket.send(Buffer.alloc(4_000, 0x10), { fin: false });
    expect(await closed).toBe(1009);
    await eventually(() => harness.gateway.connections() === 0, 'the connection is gone');
  });

  it('[FD5] publishes under way are bounded in bytes, not in number alone, and all of them are taken', async () => {
    harness = await Harness.start({ maxInflightBytes: 100_000 });
    const { journal } = harness;
    const device = await harness.device('gas-1');
    const padding = ' '.repeat(30_000);
    journal.hold();
    for (let i = 1; i <= 20; i++) {
      device.send(publishPacket(telemetryTopic('gas-1'), `{"values":{"conc":${i}}}${padding}`, 1, i));
    }
    // The broker itself asks about fewer at a time, where they are long.
    await journal.until((j) => j.waitingRecords.length >= (splitter ? 4 : 1));
    await sleep(50);
    expect(journal.waitingRecords.length).toBeLessThanOrEqual(4);
    journal.release();
    for (let i = 1; i <= 20; i++) expect((await device.next('puback')).messageId).toBe(i);
    expect(journal.of('reading').map(({ samples }) => samples[0]?.[1])).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });

  it('[IN17] who has to wait for his turn is read from when it comes, from the first byte', async () => {
    harness = await Harness.start({ connectsPerSecond: 10, signInsPerDevicePerSecond: 1e6 });
    // The first twenty are two seconds' worth.
    for (let i = 0; i < 24; i++) {
      const client = await harness.client();
      client.send(connectPacket('gas-1', { clientId: `c${i}` }));
      expect(await client.next('connack')).toMatchObject({ returnCode: 0 });
      client.socket.destroy();
    }
    expect(harness.counters.connectionsRefused).toEqual({});
  });

  it('a stop does not wait for those who wait for their refusal', async () => {
    harness = await Harness.start({ signInFailuresPerMinute: 4, maxFailureDelayMs: 4_000 });
    const wrong = connectPacket('gas-1', { password: Buffer.from('wrong') });
    for (let i = 0; i < 8; i++) (await harness.client()).send(wrong);
    await eventually(() => harness.counters.connectionsAccepted === 8, 'all are there');
    const since = performance.now();
    await harness.gateway.stop();
    expect(performance.now() - since).toBeLessThan(1_500);
    expect(harness.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('[FD5] a packet in single bytes', () => {
  it('takes the memory of its bytes', () => {
    const bytes = 262_144;
    const before = held();
    const pieces = new PacketPieces(Buffer.alloc(1));
    for (let i = 1; i < bytes; i++) pieces.add(Buffer.alloc(1, i));
    expect(pieces.length).toBe(bytes);
    expect(held() - before).toBeLessThan(bytes * 5);
    const whole = pieces.take();
    expect(whole.length).toBe(bytes);
    for (let i = 0; i < bytes; i++) if (whole[i] !== (i & 0xff)) throw new Error(`byte ${i} is ${whole[i]}`);
  });
});
