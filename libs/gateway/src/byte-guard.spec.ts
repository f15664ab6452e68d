import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { telemetryTopic } from '@watchfire/contracts';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { eventually, Harness } from '../spec/harness.js';
import { connectPacket, publishPacket } from '../spec/raw-client.js';
import { type GatewayLimits } from './limits.js';

// Nothing may depend on who takes a publish: the splitter, or the broker.
describe.each([true, false])('with the splitter: %s,', (splitter) => {
  beforeEach(() => {
    Harness.splitter = splitter;
  });

  let harness: Harness;
  const start = async (limits: Partial<GatewayLimits> = {}): Promise<Harness> =>
    (harness = await Harness.start(limits));
  afterEach(() => harness.close());

  const GOOD = '{"values":{"conc":12.5}}';
  const will = { topic: telemetryTopic('gas-1'), payload: Buffer.from('x'), qos: 1 as const, retain: false };
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

  /** A neighbour is served as ever: it connects, publishes and is answered. */
  async function expectUnharmed(): Promise<void> {
    const neighbour = await harness.device('gas-2');
    neighbour.send(publishPacket(telemetryTopic('gas-2'), GOOD));
    await neighbour.next('puback');
    neighbour.socket.destroy();
    expect(harness.counters.internalErrors).toEqual({});
  }

  describe('[IN23] before sign-in', () => {
    it.each([
      ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'first_packet_not_connect'],
      ['a TLS hello', bytes(0x16, 3, 1, 2, 0), 'first_packet_not_connect'],
      ['a publish', generate(publishPacket('a', 'b')), 'first_packet_not_connect'],
      ['a packet that only servers send', bytes(0x20, 2, 0, 0), 'packet_type_forbidden'],
      ['a CONNECT of more than 4 kB, at its header', bytes(0x10, 0x80, 0x40), 'connect_too_large'],
      ['a CONNECT of 256 MB, at its header', bytes(0x10, 0xff, 0xff, 0xff, 0x7f), 'connect_too_large'],
      ['a length of five bytes', bytes(0x10, 0xff, 0xff, 0xff, 0xff, 0x01), 'remaining_length_malformed'],
      ['an empty CONNECT', bytes(0x10, 0), 'protocol_name'],
    ])('%s is cut off', async (_, data, reason) => {
      const { counters } = await start();
      const client = await harness.client();
      client.send(data);
      await client.untilClosed();
      await eventually(() => harness.gateway.connections() === 0, 'the connection is gone');
      expect(counters.connectionsRefused).toEqual({ [reason]: 1 });
      await expectUnharmed();
    });

    it('silence is cut off, and so is a CONNECT that drips', async () => {
      const { counters } = await start({ firstPacketMs: 80 });
      const silent = await harness.client();
      const dripping = await harness.client();
      const connect = generate(connectPacket('gas-1'));
      dripping.send(connect.subarray(0, 1));
      dripping.send(connect.subarray(1, 20));
      await Promise.all([silent.untilClosed(), dripping.untilClosed()]);
      await eventually(() => counters.connectionsClosed['connect_timeout'] === 2, 'both are counted');
    });

    it('a CONNECT in single bytes is taken', async () => {
      await start();
      const client = await harness.client();
      for (const byte of generate(connectPacket('gas-1'))) {
        client.send(bytes(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await client.next('connack')).toMatchObject({ returnCode: 0 });
    });

    it.each<[string, { protocolVersion: 4 | 5; patch?: number }, number[]]>([
      ['MQTT 5', { protocolVersion: 5 }, [0x20, 3, 0, 0x84, 0]],
      ['level 3 of MQTT', { protocolVersion: 4, patch: 3 }, [0x20, 2, 0, 1]],
    ])('%s is answered with what its client understands', async (_, { patch, ...more }, answer) => {
      await start();
      const client = await harness.client();
      const received: Buffer[] = [];
      client.socket.on('data', (data) => received.push(data));
      const connect = generate(connectPacket('gas-1', more));
      if (patch !== undefined) connect[8] = patch;
      client.send(connect);
      await client.untilClosed();
      expect([...Buffer.concat(received)]).toEqual(answer);
    });
  });

  describe('[IN24] after sign-in', () => {
    it('200 packets in one segment with the CONNECT are all handled', async () => {
      const { journal } = await start();
      const client = await harness.client();
      const publishes = Array.from({ length: 200 }, (_, i) =>
        publishPacket(telemetryTopic('gas-1'), `{"values":{"conc":${i}}}`, 1, i + 1),
      );
      client.send(connectPacket('gas-1'), ...publishes, { cmd: 'pingreq' });
      expect(await client.next('connack')).toMatchObject({ returnCode: 0 });
      for (let i = 1; i <= 200; i++) expect((await client.next('puback')).messageId).toBe(i);
      await client.next('pingresp');
      expect(journal.of('reading')).toHaveLength(200);
    });

    it('what was sent before an orderly end is taken, with the CONNECT in the same segment', async () => {
      const { journal } = await start({ maxInflight: 20 });
      const client = await harness.client();
      const publishes = Array.from({ length: 300 }, (_, i) =>
        publishPacket(telemetryTopic('gas-1'), `{"values":{"conc":${i}}}`, 0),
      );
      client.send(connectPacket('gas-1'), ...publishes, { cmd: 'disconnect' });
      client.socket.end();
      await journal.until((j) => j.of('connection').length === 2);
      expect(journal.of('reading')).toHaveLength(300);
      expect(journal.of('connection')[1]).toMatchObject({ connected: false, reason: 'disconnect' });
    });

    it('10 MB are refused at the header, kept by their beginning, and never buffered', async () => {
      const { journal, counters } = await start();
      const device = await harness.device('gas-1');
      const before = process.memoryUsage().arrayBuffers;
      const packet = generate(publishPacket(telemetryTopic('gas-1'), Buffer.alloc(10_000_000, 120)));
      device.send(packet);
      await device.untilClosed();
      await journal.until((j) => j.of('connection').length === 2);
      expect(journal.of('connection')[1]).toMatchObject({ reason: 'packet_too_large' });
      expect(journal.of('dead-letter')).toMatchObject([{ deviceId: 'gas-1', code: 'packet_too_large' }]);
      const letter = Buffer.from(journal.of('dead-letter')[0]?.payload ?? '', 'base64');
      expect(letter.equals(packet.subarray(0, letter.length))).toBe(true);
      expect(counters.connectionsRefused).toEqual({ packet_too_large: 1 });
      // The client's own copies are counted too: the packet and what its socket holds.
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(35_000_000);
      await expectUnharmed();
    });

    it('the largest packet allowed is taken whole', async () => {
      const { journal } = await start();
      const device = await harness.device('gas-1');
      const padding = ' '.repeat(262_144 - 100 - GOOD.length);
      device.send(publishPacket(telemetryTopic('gas-1'), GOOD + padding));
      await device.next('puback');
      expect(journal.of('reading')).toHaveLength(1);
    });

    it.each([
      ['a second CONNECT', generate(connectPacket('gas-1'))],
      ['QoS 3', bytes(0x36, 2, 0, 0)],
      ['a wildcard in a publish', generate(publishPacket('a/b', 'x')).map((b) => (b === 0x62 ? 0x23 : b))],
      ['too many levels', generate(publishPacket('a/'.repeat(20), 'x'))],
      ['a SUBSCRIBE without filters', bytes(0x82, 2, 0, 1)],
      ['a length of five bytes', bytes(0x30, 0xff, 0xff, 0xff, 0xff, 0x01)],
    ])('%s is cut off', async (_, data) => {
      const { journal } = await start();
      const device = await harness.device('gas-1');
      device.send(data);
      await device.untilClosed();
      await journal.until((j) => j.of('connection').length === 2);
      expect(journal.of('reading')).toEqual([]);
      await expectUnharmed();
    });

    it('packets torn at any byte arrive as they were sent', async () => {
      const { journal } = await start({ signInsPerDevicePerSecond: 1e6 });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), async (cuts) => {
          const device = await harness.device('gas-1');
          const first = journal.of('reading').length;
          const stream = Buffer.concat(
            [1, 2, 3, 4].map((id) =>
              generate(publishPacket(telemetryTopic('gas-1'), `{"values":{"conc":${id}}}`, 1, id)),
            ),
          );
          let from = 0;
          for (const cut of [...cuts.sort((a, b) => a - b), stream.length]) {
            device.send(stream.subarray(from, Math.max(from, cut)));
            from = Math.max(from, cut);
            await new Promise((resolve) => setImmediate(resolve));
          }
          for (const id of [1, 2, 3, 4]) expect((await device.next('puback')).messageId).toBe(id);
          expect(
            journal
              .of('reading')
              .slice(first)
              .map(({ samples }) => samples[0]?.[1]),
          ).toEqual([1, 2, 3, 4]);
          device.socket.destroy();
        }),
        { numRuns: 15 },
      );
    });

    it('packets of many connections, torn and mixed, stay apart: what a socket brings is only lent', async () => {
      const { journal } = await start();
      const names = ['gas-1', 'gas-2'] as const;
      const devices = await Promise.all(names.map((name) => harness.device(name)));
      const packets = names.map((name, index) =>
        Buffer.concat(
          [1, 2, 3].map((id) =>
            generate(publishPacket(telemetryTopic(name), `{"values":{"conc":${10 * index + id}}}`, 1, id)),
          ),
        ),
      );
      // As much again as the other has sent comes between two pieces of the one.
      for (let from = 0; from < Math.max(...packets.map(({ length }) => length)); from += 11) {
        for (const [index, device] of devices.entries()) {
          device.send((packets[index] as Buffer).subarray(from, from + 11));
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      for (const device of devices) {
        for (const id of [1, 2, 3]) expect((await device.next('puback')).messageId).toBe(id);
      }
      for (const [index, name] of names.entries()) {
        const values = journal.of('reading').filter(({ deviceId }) => deviceId === name);
        expect(values.map(({ samples }) => samples[0]?.[1])).toEqual([1, 2, 3].map((id) => 10 * index + id));
      }
      expect(harness.counters.connectionsRefused).toEqual({});
    });
  });

  describe('[IN25] any bytes', () => {
    const nearly = fc
      .tuple(
        fc.constantFrom(generate(connectPacket('gas-1')), generate(connectPacket('gas-1', { will }))),
        fc.nat(),
        fc.nat({ max: 255 }),
      )
      .map(([packet, at, byte]) => {
        const copy = Buffer.from(packet);
        copy[at % copy.length] = byte;
        return copy;
      });

    it('neither harm the process nor a neighbour, before sign-in', async () => {
      await start({ signInsPerDevicePerSecond: 1e6 });
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 100 }), nearly), async (data) => {
          const client = await harness.client();
          client.send(data);
          client.socket.end();
          await client.untilClosed();
        }),
        { numRuns: 200 },
      );
      await expectUnharmed();
    });

    it('neither harm the process nor a neighbour, after sign-in', async () => {
      await start({ signInsPerDevicePerSecond: 1e6, deadLettersPerSecond: 1e6 });
      const packet = fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc
          .tuple(
            fc.constantFrom(0x30, 0x32, 0x34, 0x40, 0x50, 0x62, 0x70, 0x82, 0xa2, 0xc0),
            fc.uint8Array({ maxLength: 60 }),
          )
          .map(([first, body]) => Uint8Array.from([first, body.length, ...body])),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(packet, { minLength: 1, maxLength: 5 }), async (packets) => {
          const device = await harness.device('gas-1');
          device.send(...packets);
          device.socket.end();
          await device.untilClosed();
        }),
        { numRuns: 200 },
      );
      await expectUnharmed();
    });
  });
});
