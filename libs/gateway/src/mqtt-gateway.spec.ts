import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorsTopic, eventsTopic, telemetryTopic } from '@watchfire/contracts';
import { connectAsync, type MqttClient } from 'mqtt';
import { eventually, Harness } from '../spec/harness.js';
import { connectPacket, publishPacket, type RawClient } from '../spec/raw-client.js';
import { type GatewayLimits } from './limits.js';

// Nothing may depend on who takes a publish: the splitter, or the broker.
describe.each([true, false])('with the splitter: %s,', (splitter) => {
  beforeEach(() => {
    Harness.splitter = splitter;
  });

  const GOOD = '{"values":{"conc":12.5}}';
  let harness: Harness;
  const start = async (limits: Partial<GatewayLimits> = {}): Promise<Harness> =>
    (harness = await Harness.start(limits));
  afterEach(() => harness.close());

  async function subscribed(client: RawClient, filter: string): Promise<number> {
    client.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: filter, qos: 1 }] });
    return (await client.next('suback')).granted[0] as number;
  }
  const errorOf = async (client: RawClient): Promise<Record<string, unknown>> =>
    JSON.parse((await client.next('publish')).payload.toString()) as Record<string, unknown>;

  describe('a publish of a device', () => {
    it.each([1, 2] as const)(
      '[IN6] at QoS %d is acknowledged after the journal has it, once',
      async (qos) => {
        const { journal } = await start();
        const device = await harness.device('gas-1');
        journal.hold();
        device.send(publishPacket(telemetryTopic('gas-1'), GOOD, qos, 7));
        await journal.until((j) => j.waitingRecords.length === 1);
        // Everything that was sent before this answer would be heard before it.
        device.send({ cmd: 'pingreq' });
        await device.next('pingresp');
        expect(device.heard).toEqual([]);
        journal.release();
        const acknowledgement = qos === 1 ? await device.next('puback') : await device.next('pubrec');
        expect(acknowledgement.messageId).toBe(7);
        if (qos === 2) {
          device.send({ cmd: 'pubrel', messageId: 7, qos: 1 } as never);
          expect((await device.next('pubcomp')).messageId).toBe(7);
        }
        device.send({ cmd: 'pingreq' });
        await device.next('pingresp');
        expect(device.heard).toEqual([]);
        expect(journal.of('reading')).toHaveLength(1);
      },
    );

    it('[IN6] is dropped without an acknowledgement when the journal refuses it', async () => {
      const { journal, counters } = await start();
      const device = await harness.device('gas-1');
      journal.fail(Object.assign(new Error('no space'), { code: 'disk_full' }));
      device.send(publishPacket(telemetryTopic('gas-1'), GOOD, 1, 7));
      await device.untilClosed();
      expect(device.heard).toEqual([]);
      expect(counters.journalFailures['disk_full']).toBeGreaterThan(0);
      journal.fail(undefined);
      const again = await harness.device('gas-1');
      again.send(publishPacket(telemetryTopic('gas-1'), GOOD, 1, 7));
      await again.next('puback');
    });

    it('[IN7] is cut off without an acknowledgement when the journal does not answer in time', async () => {
      const { journal, counters } = await start({ hookTimeoutMs: 60 });
      const device = await harness.device('gas-1');
      const other = await harness.device('gas-2');
      journal.hold();
      device.send(publishPacket(telemetryTopic('gas-1'), GOOD, 1, 7));
      await device.untilClosed();
      expect(device.heard).toEqual([]);
      expect(counters.hookTimeouts).toBe(1);
      other.send({ cmd: 'pingreq' });
      await other.next('pingresp');
    });

    describe('that another connection has sent before', () => {
      const numbered = publishPacket(
        telemetryTopic('gas-1'),
        '{"boot":"b1","seq":1,"values":{"conc":12.5}}',
        1,
        7,
      );
      async function sentTwice(): Promise<RawClient> {
        const { journal } = harness;
        const first = await harness.device('gas-1');
        const again = await harness.client();
        await again.signIn('gas-1', { clientId: 'another' });
        journal.hold();
        first.send(numbered);
        await journal.until((j) => j.waitingRecords.some(({ kind }) => kind === 'reading'));
        again.send({ ...numbered, dup: true } as never);
        await eventually(() => harness.counters.duplicates === 1, 'a repetition that is known');
        again.send({ cmd: 'pingreq' });
        await again.next('pingresp');
        expect(again.heard).toEqual([]);
        return again;
      }

      it('[IN6] [IN33] is not acknowledged before the first copy is on disk', async () => {
        const { journal } = await start();
        const again = await sentTwice();
        journal.release();
        await again.next('puback');
        expect(journal.of('reading')).toHaveLength(1);
      });

      it('[IN6] [IN33] is not acknowledged when the first copy is lost, and is new when it comes once more', async () => {
        const { journal } = await start();
        const again = await sentTwice();
        journal.lose(new Error('no space'));
        await again.untilClosed();
        expect(again.heard).toEqual([]);
        journal.release();
        const last = await harness.device('gas-1');
        last.send(numbered);
        await last.next('puback');
        expect(journal.of('reading')).toHaveLength(1);
      });
    });

    it('at QoS 0 is journalled too', async () => {
      const { journal } = await start();
      const device = await harness.device('gas-1');
      device.send(publishPacket(telemetryTopic('gas-1'), GOOD, 0));
      await journal.until((j) => j.of('reading').length === 1);
    });

    it('[IN8] sent twice at QoS 2 before PUBREL is journalled once', async () => {
      const { journal, counters } = await start();
      const device = await harness.device('gas-1');
      journal.hold();
      const packet = publishPacket(telemetryTopic('gas-1'), GOOD, 2, 7);
      device.send(packet, { ...packet, dup: true } as never);
      await journal.until((j) => j.waitingRecords.length > 0);
      journal.release();
      await device.next('pubrec');
      await device.next('pubrec');
      device.send({ ...packet, dup: true } as never);
      await device.next('pubrec');
      expect(counters.duplicates).toBe(2);
      device.send({ cmd: 'pubrel', messageId: 7, qos: 1 } as never);
      await device.next('pubcomp');
      device.send(packet);
      await device.next('pubrec');
      expect(journal.of('reading')).toHaveLength(2);
    });

    it('[IN9] that cannot be used is acknowledged, kept and answered', async () => {
      const { journal, counters } = await start();
      const device = await harness.device('gas-1');
      expect(await subscribed(device, errorsTopic('gas-1'))).toBe(1);
      for (const [payload, code] of [
        ['{"values":{"conc":NaN}}', 'malformed_json'],
        ['{"values":{"conc":1e999}}', 'number_not_finite'],
        ['['.repeat(1000), 'too_deep'],
        ['{"values":{"ch5":1}}', 'unknown_point'],
        ['{"values":{"conc":"12"}}', 'wrong_type'],
        ['{"values":{"conc":1001}}', 'out_of_range'],
      ] as const) {
        device.send(publishPacket(telemetryTopic('gas-1'), payload, 1, 7));
        await device.next('puback');
        expect(await errorOf(device)).toMatchObject({
          code,
          topic: telemetryTopic('gas-1'),
          at: harness.clock.wall,
          payload: payload.slice(0, 256),
        });
        expect(counters.deadLettered[code]).toBe(1);
        const letter = journal.of('dead-letter').at(-1);
        expect(letter).toMatchObject({ deviceId: 'gas-1', code });
        expect(Buffer.from(letter?.payload ?? '', 'base64').toString()).toBe(payload);
      }
      expect(journal.of('reading')).toEqual([]);
    });

    it('[IN10] on a topic that is not its own is acknowledged, kept, answered, and reaches nobody', async () => {
      const { journal } = await start();
      const victim = await harness.device('gas-2');
      await subscribed(victim, errorsTopic('gas-2'));
      await subscribed(victim, 'watchfire/v1/devices/gas-2/commands/#');
      const device = await harness.device('gas-1');
      await subscribed(device, errorsTopic('gas-1'));
      for (const topic of [
        telemetryTopic('gas-2'),
        errorsTopic('gas-2'),
        'watchfire/v1/devices/gas-2/commands/c1',
        errorsTopic('gas-1'),
        '$SYS/x/new/clients',
        'constructor',
      ]) {
        device.send(publishPacket(topic, GOOD, 1, 7));
        await device.next('puback');
        expect(await errorOf(device)).toMatchObject({ code: 'topic_forbidden', topic });
      }
      victim.send({ cmd: 'pingreq' });
      await victim.next('pingresp');
      expect(victim.heard).toEqual([]);
      expect(journal.of('dead-letter')).toHaveLength(6);
      expect(journal.of('reading')).toEqual([]);
    });

    it('[IN11] on its own reply topic is kept while nobody asked', async () => {
      const { journal } = await start();
      const device = await harness.device('gas-1');
      device.send(publishPacket('watchfire/v1/devices/gas-1/commands/c1/reply', '{"ok":true}', 1, 7));
      await device.next('puback');
      expect(journal.of('dead-letter')).toMatchObject([{ code: 'unknown_command' }]);
    });

    it('that is retained is taken as if it were not', async () => {
      const { journal, counters } = await start();
      const device = await harness.device('gas-1');
      device.send({ ...publishPacket(telemetryTopic('gas-1'), GOOD), retain: true } as never);
      await device.next('puback');
      expect(journal.of('reading')).toHaveLength(1);
      expect(counters.retainStripped).toBe(1);
    });

    it('reaches the journal through a real client in the order it was sent', async () => {
      const { journal } = await start();
      const client: MqttClient = await connectAsync(`mqtt://127.0.0.1:${harness.port}`, {
        username: 'gas-1',
        password: 'secret-of-gas-1',
      });
      await Promise.all(
        Array.from({ length: 500 }, (_, i) =>
          client.publishAsync(telemetryTopic('gas-1'), `{"values":{"conc":${i}}}`, {
            qos: i % 2 === 0 ? 1 : 2,
          }),
        ),
      );
      await client.endAsync();
      expect(journal.of('reading').map(({ samples }) => samples[0]?.[1])).toEqual(
        Array.from({ length: 500 }, (_, i) => i),
      );
    });
  });

  describe('the errors topic', () => {
    it('[IN13] is answered so many times a second, and acknowledgements of nonsense are slowed down', async () => {
      const { counters } = await start({ errorAnswersPerSecond: 1, deadLettersPerSecond: 100 });
      const device = await harness.device('gas-1');
      for (let i = 1; i <= 30; i++) device.send(publishPacket(telemetryTopic('gas-1'), 'x', 1, i));
      for (let i = 1; i <= 30; i++) await device.next('puback');
      expect(counters.errorAnswers).toBeLessThanOrEqual(4);
      expect(counters.errorAnswers + counters.errorAnswersSuppressed).toBe(30);
      expect(counters.deadLettered).toEqual({ malformed_json: 30 });
    });

    it('[IN13] nonsense is rationed by its length too', async () => {
      const { counters } = await start({ deadLettersPerSecond: 20, maxInflight: 2 });
      const device = await harness.device('gas-1');
      for (let i = 1; i <= 6; i++) {
        device.send(publishPacket(telemetryTopic('gas-1'), 'x'.repeat(20 * 4_096), 1, i));
      }
      const since = performance.now();
      await eventually(() => counters.deadLettered['malformed_json'] === 6, 'all of them');
      // Three are free and two under way; the sixth has to wait for two of 20 letters each.
      expect(performance.now() - since).toBeGreaterThan(900);
    });

    it('[IN13] nonsense by the hundred is not taken faster than its rate, whatever is under way', async () => {
      const { counters } = await start({ deadLettersPerSecond: 80, maxInflight: 100 });
      const device = await harness.device('gas-1');
      for (let i = 1; i <= 500; i++) device.send(publishPacket(telemetryTopic('gas-1'), 'x', 1, i));
      const since = performance.now();
      await eventually(() => (counters.deadLettered['malformed_json'] ?? 0) >= 480, 'most of them');
      // 240 are free and 100 under way; the other 140 take their 1.75 s.
      expect(performance.now() - since).toBeGreaterThan(1_200);
    });
  });

  describe('a subscription', () => {
    it.each([
      ['#', 128],
      ['+/v1/devices/gas-1/errors', 128],
      ['watchfire/v1/devices/+/errors', 128],
      ['watchfire/v1/devices/#', 128],
      ['watchfire/v1/devices/gas-1/#', 128],
      ['watchfire/v1/devices/gas-1/telemetry', 128],
      ['watchfire/v1/devices/gas-2/errors', 128],
      ['$SYS/#', 128],
      ['watchfire/v1/devices/gas-1/errors', 1],
      ['watchfire/v1/devices/gas-1/commands/#', 1],
      ['watchfire/v1/devices/gas-1/commands/+', 1],
      ['watchfire/v1/devices/gas-1/commands/c-17', 1],
    ])('[IN14] to %s is answered with %d', async (filter, granted) => {
      const { counters } = await start();
      const device = await harness.device('gas-1');
      expect(await subscribed(device, filter)).toBe(granted);
      expect(counters.subscriptionsRefused).toEqual(granted === 128 ? { subscription_forbidden: 1 } : {});
    });

    it('[IN14] is refused beyond so many filters, and allowed again after an unsubscribe', async () => {
      await start({ maxFiltersPerClient: 2 });
      const device = await harness.device('gas-1');
      const filter = (n: number): string => `watchfire/v1/devices/gas-1/commands/c${n}`;
      expect([await subscribed(device, filter(1)), await subscribed(device, filter(2))]).toEqual([1, 1]);
      expect(await subscribed(device, filter(3))).toBe(128);
      expect(await subscribed(device, filter(1))).toBe(1);
      device.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: [filter(1)] });
      await device.next('unsuback');
      expect(await subscribed(device, filter(3))).toBe(1);
    });

    it('[IN15] of a client that reads nothing is cut, and nobody waits for it', async () => {
      await start({ errorAnswersPerSecond: 1e6, deadLettersPerSecond: 1e6, maxOutboundBytes: 20_000 });
      const frozen = await harness.device('gas-1');
      await subscribed(frozen, errorsTopic('gas-1'));
      frozen.socket.pause();
      const talker = await harness.client();
      await talker.signIn('gas-1', { clientId: 'talker' });
      const other = await harness.device('gas-2');
      // Control characters are six bytes each in the answer: it takes fewer of them to fill the buffers of the system.
      const nonsense = '\u0001'.repeat(256);
      let sent = 0;
      while (harness.gateway.connections() === 3 && sent < 60_000) {
        for (let i = 0; i < 100; i++) {
          talker.send(publishPacket(nonsense, nonsense, 1, ++sent));
        }
        await talker.next('puback');
        talker.heard.length = 0;
      }
      other.send(publishPacket(telemetryTopic('gas-2'), GOOD, 1, 7));
      await other.next('puback');
      expect(harness.counters.connectionsClosed).toEqual({ slow_consumer: 1 });
    }, 20_000);
  });

  describe('sign-in', () => {
    it.each([
      ['without a user name', { username: undefined, password: undefined }, 5, 'anonymous'],
      ['with a wrong password', { password: Buffer.from('secret-of-gas-2') }, 4, 'bad_credential'],
      ['with an unknown name', { username: 'gas-9', password: Buffer.from('x') }, 4, 'bad_credential'],
      ['of a prototype', { username: '__proto__', password: Buffer.from('x') }, 4, 'bad_credential'],
      [
        'of a disabled device',
        { username: 'off-1', password: Buffer.from('secret-of-off-1') },
        5,
        'device_disabled',
      ],
      ['with too long a client id', { clientId: 'x'.repeat(129) }, 2, 'client_id_invalid'],
      ['with a will elsewhere', { will: will(telemetryTopic('gas-2')) }, 5, 'will_forbidden'],
      [
        'with a will that is retained',
        { will: will(telemetryTopic('gas-1'), { retain: true }) },
        5,
        'will_forbidden',
      ],
      ['with a will of QoS 2', { will: will(telemetryTopic('gas-1'), { qos: 2 }) }, 5, 'will_forbidden'],
    ])('[IN12] %s is refused', async (_, more, returnCode, reason) => {
      const { counters, journal } = await start();
      const client = await harness.client();
      client.send(connectPacket('gas-1', more as never));
      expect(await client.next('connack')).toMatchObject({ returnCode, sessionPresent: false });
      await client.untilClosed();
      expect(counters.connectionsRefused).toEqual({ [reason]: 1 });
      expect(journal.of('connection')).toEqual([]);
      expect(journal.of('dead-letter')).toHaveLength(reason === 'will_forbidden' ? 1 : 0);
    });

    it.each([
      ['MQTT 3.1', { protocolId: 'MQIsdp', protocolVersion: 3, clientId: 'short' }],
      ['an empty client id', { clientId: '' }],
      ['no keep-alive', { keepalive: 0 }],
      ['a persistent session, of which none is kept', { clean: false }],
    ])('[IN12] with %s is accepted', async (_, more) => {
      await start();
      const client = await harness.client();
      await client.signIn('gas-1', more as never);
      client.send(publishPacket(telemetryTopic('gas-1'), GOOD));
      await client.next('puback');
    });

    it('waits until the connection record is on disk, and is refused when the journal cannot take it', async () => {
      const { journal } = await start();
      journal.fail(Object.assign(new Error('no space'), { code: 'disk_full' }));
      const client = await harness.client();
      client.send(connectPacket('gas-1'));
      expect(await client.next('connack')).toMatchObject({ returnCode: 3 });
      await client.untilClosed();
      await eventually(() => harness.gateway.connections() === 0, 'the connection is gone');
      expect(harness.gateway.connectedDevices()).toEqual([]);
    });

    it('[IN16] with the client id of another device neither disturbs nor finds it; of the same device it takes over', async () => {
      const { journal } = await start();
      const first = await harness.device('gas-1');
      await subscribed(first, 'watchfire/v1/devices/gas-1/commands/#');
      const namesake = await harness.client();
      await namesake.signIn('gas-2', { clientId: 'client-of-gas-1' });
      await subscribed(namesake, 'watchfire/v1/devices/gas-2/commands/#');
      first.send(publishPacket(telemetryTopic('gas-1'), GOOD));
      await first.next('puback');
      const second = await harness.device('gas-1');
      await first.untilClosed();
      for (const [client, id] of [
        [second, 'gas-1'],
        [namesake, 'gas-2'],
      ] as const) {
        client.send(publishPacket(telemetryTopic(id), GOOD));
        await client.next('puback');
      }
      expect(
        journal.of('connection').map(({ deviceId, connected, reason }) => [deviceId, connected, reason]),
      ).toEqual([
        ['gas-1', true, 'connect'],
        ['gas-2', true, 'connect'],
        ['gas-1', true, 'connect'],
        ['gas-1', true, 'taken_over'],
      ]);
    });

    it('[IN16] again and again by one device is slowed down', async () => {
      await start({ signInsPerDevicePerSecond: 1, firstPacketMs: 300 });
      const codes: number[] = [];
      for (let i = 0; i < 5; i++) {
        const client = await harness.client();
        client.send(connectPacket('gas-1'));
        codes.push((await client.next('connack')).returnCode ?? -1);
      }
      expect(codes).toEqual([0, 0, 0, 3, 3]);
      await harness.device('gas-2');
    });

    it('[IN17] is limited in connections a device, an address and in all', async () => {
      await start({ maxConnectionsPerDevice: 1, maxConnectionsPerAddress: 2 });
      await harness.device('gas-1');
      const second = await harness.client();
      second.send(connectPacket('gas-1', { clientId: 'another' }));
      expect(await second.next('connack')).toMatchObject({ returnCode: 3 });
      await eventually(() => harness.gateway.connections() === 1, 'the refused connection is gone');
      await harness.device('gas-2');
      const third = await harness.client();
      await third.untilClosed();
      expect(harness.counters.connectionsRefused).toEqual({
        device_connections: 1,
        connections_per_address: 1,
      });
    });
  });

  function will(topic: string, more: object = {}): object {
    return { topic, payload: Buffer.from(GOOD), qos: 1, retain: false, ...more };
  }

  describe('connection records', () => {
    const told = (): unknown[] =>
      harness.journal.of('connection').map(({ connected, reason }) => ({ connected, reason }));

    it('[IN18] tell a goodbye from a loss', async () => {
      const { journal } = await start();
      const polite = await harness.device('gas-1');
      polite.send({ cmd: 'disconnect' });
      await journal.until((j) => j.of('connection').length === 2);
      const lost = await harness.device('gas-2');
      lost.socket.destroy();
      await journal.until((j) => j.of('connection').length === 4);
      expect(told()).toEqual([
        { connected: true, reason: 'connect' },
        { connected: false, reason: 'disconnect' },
        { connected: true, reason: 'connect' },
        { connected: false, reason: 'connection_lost' },
      ]);
    });

    it('[IN18] keep a device connected while one of its connections is left', async () => {
      const { journal } = await start();
      const first = await harness.client();
      await first.signIn('gas-1', { clientId: 'a' });
      const second = await harness.client();
      await second.signIn('gas-1', { clientId: 'b' });
      first.socket.destroy();
      await journal.until((j) => j.of('connection').length === 3);
      expect(harness.gateway.connectedDevices()).toEqual(['gas-1']);
      second.socket.destroy();
      await journal.until((j) => j.of('connection').length === 4);
      expect(told().slice(2)).toEqual([
        { connected: true, reason: 'connection_lost' },
        { connected: false, reason: 'connection_lost' },
      ]);
      expect(harness.gateway.connectedDevices()).toEqual([]);
    });

    it('[IN19] a last will is a message of its device, told before the end of the connection', async () => {
      const { journal } = await start();
      const lost = await harness.client();
      await lost.signIn('gas-1', {
        will: {
          topic: eventsTopic('gas-1'),
          payload: Buffer.from('{"event":"alarm_button"}'),
          qos: 1,
          retain: false,
        },
      });
      const polite = await harness.client();
      await polite.signIn('gas-2', { will: will(telemetryTopic('gas-2')) as never });
      polite.send({ cmd: 'disconnect' });
      await polite.untilClosed();
      lost.socket.destroy();
      await journal.until((j) => j.of('connection').length === 4);
      expect(journal.records.slice(-2)).toMatchObject([
        { kind: 'event', deviceId: 'gas-1', event: 'alarm_button', samples: [['gas-1.fault', true]] },
        { kind: 'connection', deviceId: 'gas-1', reason: 'connection_lost' },
      ]);
      expect(journal.of('reading')).toEqual([]);
    });

    it('[IN20] a client that falls silent is lost', async () => {
      const { journal } = await start();
      const device = await harness.client();
      await device.signIn('gas-1', { keepalive: 1 });
      await journal.until((j) => j.of('connection').length === 2);
      expect(told()[1]).toEqual({ connected: false, reason: 'keepalive_timeout' });
    });

    it('a device can be disconnected by the server, with a reason', async () => {
      const { journal } = await start();
      const device = await harness.device('gas-1');
      harness.gateway.disconnectDevice('gas-1', 'credential_changed');
      await device.untilClosed();
      await journal.until((j) => j.of('connection').length === 2);
      expect(told()[1]).toEqual({ connected: false, reason: 'credential_changed' });
    });
  });

  describe('the share of one device', () => {
    // Beyond what the quick way of the splitter takes, too.
    it.each([
      ['telemetry', '{"values":{"conc":1}}'],
      ['telemetry with a quality', '{"values":{"conc":1},"quality":{"conc":"bad"}}'],
    ])(
      '[IN34] of %s is held to its rate and counted, while its events and its neighbour go through',
      async (_, payload) => {
        const { journal, counters } = await start({ telemetryPerSecond: 200, maxInflight: 50 });
        const device = await harness.device('gas-1');
        const since = performance.now();
        for (let i = 1; i <= 900; i++) device.send(publishPacket(telemetryTopic('gas-1'), payload, 1, i));
        await eventually(() => journal.of('reading').length >= 650, 'more than its burst');
        const other = await harness.client();
        await other.signIn('gas-1', { clientId: 'other' });
        for (let i = 1; i <= 100; i++) {
          other.send(publishPacket(eventsTopic('gas-1'), '{"event":"alarm_button"}', 1, i));
        }
        for (let i = 1; i <= 100; i++) await other.next('puback');
        const neighbour = await harness.device('gas-2');
        neighbour.send(publishPacket(telemetryTopic('gas-2'), GOOD, 1, 7));
        await neighbour.next('puback');
        expect(journal.of('reading').length).toBeLessThan(900);
        await eventually(() => journal.of('reading').length === 901, 'all of it');
        // 600 are free, as many as may be under way come in at once, and the other 250 take their 1.25 s.
        expect(performance.now() - since).toBeGreaterThan(1_000);
        expect(counters.telemetryHeld).toBeGreaterThan(0);
      },
    );
  });

  describe('back-pressure', () => {
    it('[IN21] a client gets so many publishes in flight, the rest stays in its socket, and none is lost', async () => {
      const { journal } = await start({ maxInflight: 10 });
      const device = await harness.device('gas-1');
      journal.hold();
      for (let i = 1; i <= 1_000; i++) {
        device.send(
          publishPacket(telemetryTopic('gas-1'), `{"values":{"conc":${i % 900}}}`, (i % 2) as 0 | 1, i),
        );
      }
      await journal.until((j) => j.waitingRecords.length >= 10);
      await eventually(() => device.socket.writableLength === 0, 'all is on its way');
      expect(journal.waitingRecords).toHaveLength(10);
      journal.release();
      await journal.until((j) => j.of('reading').length === 1_000);
    });

    it('[IN21] nothing is read while the journal is behind', async () => {
      const { journal } = await start();
      const device = await harness.device('gas-1');
      journal.full = true;
      device.send(publishPacket(telemetryTopic('gas-1'), GOOD, 1, 7));
      await eventually(() => device.socket.writableLength === 0, 'all is on its way');
      expect(journal.of('reading')).toEqual([]);
      journal.drain();
      await device.next('puback');
      expect(journal.of('reading')).toHaveLength(1);
    });
  });

  describe('stop', () => {
    it('[IN22] commits and acknowledges what is in flight, then closes', async () => {
      const { journal, gateway } = await start();
      const device = await harness.client();
      await device.signIn('gas-1', { will: will(telemetryTopic('gas-1')) as never });
      journal.hold();
      device.send(publishPacket(telemetryTopic('gas-1'), GOOD, 1, 7));
      await journal.until((j) => j.waitingRecords.length === 1);
      const stopped = gateway.stop();
      await expect(harness.client()).rejects.toThrow();
      journal.release();
      expect((await device.next('puback')).messageId).toBe(7);
      await device.untilClosed();
      await stopped;
      expect(journal.of('reading')).toHaveLength(1);
      expect(journal.of('connection').at(-1)).toMatchObject({ connected: false, reason: 'server_stop' });
      expect(gateway.connections()).toBe(0);
    });
  });
});
