import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorsTopic, telemetryTopic } from '@watchfire/contracts';
import { type IConnectPacket, type Packet } from 'mqtt-packet';
import { Harness, testDevice } from '../spec/harness.js';
import { connectPacket, publishPacket, type RawClient } from '../spec/raw-client.js';

/** Of another enterprise, signed in, listening, with a device behind it. */
const THERE = 'gas-2';
/** Of nobody; as long as the name above. */
const NOWHERE = 'gas-9';
const BEHIND = { [THERE]: 'tank-2', [NOWHERE]: 'tank-9' } as const;
type Name = typeof THERE | typeof NOWHERE;

/** A Buffer, as it says of itself in JSON. */
function isBytes(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
}

/** What was heard, with the name that was asked about taken out, and what differs by itself. */
function withoutName(packets: readonly Packet[], name: Name): string {
  return JSON.stringify(packets, (key, value: unknown) => {
    if (key === 'at' || key === 'length') return undefined;
    return isBytes(value) ? Buffer.from(value.data).toString() : value;
  })
    .replaceAll(name, '?')
    .replaceAll(BEHIND[name], '?');
}

// Nothing may depend on who takes a publish: the splitter, or the broker.
describe.each([true, false])(
  '[R8] with the splitter: %s, a device learns nothing of another enterprise',
  (splitter) => {
    let harness: Harness;
    let there: RawClient;
    beforeEach(async () => {
      Harness.splitter = splitter;
      harness = await Harness.start({ signInFailuresPerMinute: 1e6 });
      harness.directory.upsert(testDevice(BEHIND[THERE], { gatewayId: THERE, wireName: null }));
      there = await harness.device(THERE);
      for (const topic of [errorsTopic(THERE), `watchfire/v1/devices/${THERE}/commands/#`]) {
        there.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic, qos: 1 }] });
        await there.next('suback');
      }
    });
    afterEach(() => harness.close());

    /** What a device hears until it is answered to a ping, or cut off. */
    async function heardBy(say: readonly Packet[]): Promise<readonly Packet[]> {
      const device = await harness.device('gas-1');
      device.send({
        cmd: 'subscribe',
        messageId: 8,
        subscriptions: [{ topic: errorsTopic('gas-1'), qos: 0 }],
      });
      await device.next('suback');
      device.send(...say);
      const expected = say.length * 2;
      await device.until(() => device.heard.length >= expected || device.closed);
      device.socket.destroy();
      return device.heard;
    }

    const told = (name: Name): Packet[][] => [
      [publishPacket(telemetryTopic(name), '{"values":{"conc":1}}')],
      [publishPacket(errorsTopic(name), '{}')],
      [publishPacket(`watchfire/v1/devices/${name}/commands/c1/reply`, '{"ok":true}')],
      [publishPacket('v1/gateway/telemetry', `{"${BEHIND[name]}":[{"ts":1,"values":{"conc":1}}]}`)],
      [publishPacket('v1/gateway/connect', `{"device":"${BEHIND[name]}"}`)],
      [{ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: errorsTopic(name), qos: 1 }] }],
      [
        {
          cmd: 'subscribe',
          messageId: 7,
          subscriptions: [{ topic: `watchfire/v1/devices/${name}/#`, qos: 1 }],
        },
      ],
    ];

    it.each(told(THERE).map((packets, n) => [JSON.stringify(packets).slice(0, 110), n] as const))(
      'by %s',
      async (_, n) => {
        const known = await heardBy(told(THERE)[n] ?? []);
        const unknown = await heardBy(told(NOWHERE)[n] ?? []);
        expect(known.length).toBeGreaterThan(1);
        expect(withoutName(known, THERE)).toBe(withoutName(unknown, NOWHERE));
        there.send({ cmd: 'pingreq' });
        await there.next('pingresp');
        expect(there.heard).toEqual([]);
        expect(harness.journal.of('reading')).toEqual([]);
      },
    );

    it.each<[string, (name: Name) => Partial<IConnectPacket>]>([
      ['a wrong password', (name) => ({ username: name, clientId: 'c', password: Buffer.from('wrong') })],
      ['no password', (name) => ({ username: name, clientId: 'c', password: undefined as never })],
      [
        'its own password',
        (name) => ({ username: name, clientId: 'c', password: Buffer.from('secret-of-gas-1') }),
      ],
      [
        'a signed login',
        (name) => ({ username: `${name}|1`, clientId: name, password: Buffer.from('0'.repeat(32)) }),
      ],
      ['the client id of the other', (name) => ({ clientId: `client-of-${name}` })],
      [
        'a last will on the topic of the other',
        (name) => ({
          will: { topic: telemetryTopic(name), payload: Buffer.from('{}'), qos: 1 as const, retain: false },
        }),
      ],
    ])('by signing in with %s', async (_, more) => {
      const answers: string[] = [];
      for (const name of [THERE, NOWHERE] as const) {
        const client = await harness.client();
        const answer = client.next('connack');
        client.send(connectPacket('gas-1', more(name)));
        answers.push(withoutName([await answer], name));
        client.socket.destroy();
      }
      expect(answers[0]).toBe(answers[1]);
      there.send({ cmd: 'pingreq' });
      await there.next('pingresp');
      expect(there.heard).toEqual([]);
    });
  },
);
