import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorsTopic, telemetryTopic } from '@watchfire/contracts';
import { generate } from 'mqtt-packet';
import { eventually, Harness } from '../spec/harness.js';
import { connectPacket, publishPacket } from '../spec/raw-client.js';

const TOPIC = telemetryTopic('gas-1');
const REPLY = 'watchfire/v1/devices/gas-1/commands/c1/reply';
const GOOD = Buffer.from('{"values":{"conc":1}}');

function connect(topic: string, qos: 0 | 1 | 2 = 1, retain = false, payload = GOOD): Buffer {
  return generate(connectPacket('gas-1', { will: { topic, payload, qos, retain } }));
}

/** The CONNECT with the last bytes of its will topic replaced. */
function poisoned(...bytes: number[]): Buffer {
  const packet = connect(TOPIC);
  const end = packet.indexOf(TOPIC) + TOPIC.length;
  packet.set(bytes, end - bytes.length);
  return packet;
}

function withoutTopic(): Buffer {
  const packet = connect('a');
  const at = packet.indexOf(Buffer.from([0, 1, 0x61]), 14);
  const shorter = Buffer.concat([packet.subarray(0, at), Buffer.from([0, 0]), packet.subarray(at + 3)]);
  shorter[1] = (shorter[1] ?? 0) - 1;
  return shorter;
}

function withFlags(change: (flags: number) => number): Buffer {
  const packet = connect(TOPIC);
  const at = packet.indexOf('MQTT') + 5;
  packet[at] = change(packet[at] ?? 0);
  return packet;
}

// Nothing may depend on who takes a publish: the splitter, or the broker.
describe.each([true, false])('[FD4] with the splitter: %s, a last will', (splitter) => {
  let harness: Harness;
  beforeEach(async () => {
    Harness.splitter = splitter;
    harness = await Harness.start();
  });
  afterEach(() => harness.close());

  it.each<[string, Buffer, string]>([
    ['with U+0000 in its topic', poisoned(0), 'text_malformed'],
    ['with ill-formed UTF-8 in its topic', poisoned(0xc3, 0x28), 'text_malformed'],
    ['with a surrogate in its topic', poisoned(0xed, 0xa0, 0x80), 'text_malformed'],
    ['with QoS 3', withFlags((flags) => flags | 0x18), 'connect_flags'],
    ['of QoS 2', connect(TOPIC, 2), 'will_forbidden'],
    ['that is retained', connect(TOPIC, 1, true), 'will_forbidden'],
    ['with a + in its topic', connect('watchfire/v1/devices/+/telemetry'), 'will_forbidden'],
    ['with a # in its topic', connect('watchfire/v1/devices/gas-1/#'), 'will_forbidden'],
    ['to everybody', connect('#'), 'will_forbidden'],
    ['without a topic', withoutTopic(), 'will_forbidden'],
    ['on the topic of another', connect(telemetryTopic('gas-2')), 'will_forbidden'],
    ['on what only the server says', connect(errorsTopic('gas-1')), 'will_forbidden'],
    ['as a reply to a command', connect(REPLY, 1, false, Buffer.from('{"ok":true}')), 'will_forbidden'],
    ['to $SYS', connect('$SYS/x'), 'will_forbidden'],
  ])('%s poisons nobody: it never gets in', async (_, packet, reason) => {
    const neighbour = await harness.device('gas-2');
    for (const topic of [errorsTopic('gas-2'), 'watchfire/v1/devices/gas-2/commands/#']) {
      neighbour.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic, qos: 1 }] });
      await neighbour.next('suback');
    }
    const client = await harness.client();
    client.send(packet);
    await client.untilClosed();
    await eventually(() => harness.gateway.connections() === 1, 'it is gone');
    expect(harness.counters.connectionsRefused).toEqual({ [reason]: 1 });
    expect(harness.gateway.connectedDevices()).toEqual(['gas-2']);
    neighbour.send(publishPacket(telemetryTopic('gas-2'), GOOD));
    await neighbour.next('puback');
    expect(neighbour.heard).toEqual([]);
    expect(harness.journal.of('reading').map(({ deviceId }) => deviceId)).toEqual(['gas-2']);
    expect(harness.counters.internalErrors).toEqual({});
  });

  it('whose payload is nonsense is a dead letter like any other', async () => {
    const client = await harness.client();
    const will = { topic: TOPIC, payload: Buffer.from([0, 0xff]), qos: 1 as const, retain: false };
    await client.signIn('gas-1', { will });
    client.socket.destroy();
    await harness.journal.until((j) => j.of('connection').length === 2);
    expect(harness.journal.of('dead-letter')).toMatchObject([{ deviceId: 'gas-1', topic: TOPIC }]);
  });
});
