import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Harness } from '../spec/harness.js';
import { connectPacket, publishPacket, type RawClient } from '../spec/raw-client.js';

let harness: Harness;
const asked: unknown[] = [];
const provision = (document: unknown): Promise<unknown> => {
  asked.push(document);
  return Promise.resolve({ status: 'SUCCESS', credentialsValue: 'secret' });
};
beforeEach(() => {
  asked.length = 0;
});
afterEach(() => harness.close());

async function applicant(): Promise<RawClient> {
  harness = await Harness.start({}, undefined, { provision });
  const client = await harness.client();
  client.send(connectPacket('new-1', { username: 'provision' }));
  expect(await client.next('connack')).toMatchObject({ returnCode: 0 });
  return client;
}

describe('[IN49] a device without a credential', () => {
  it('asks with its claim code and hears the answer', async () => {
    const client = await applicant();
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [
        { topic: '/provision/response', qos: 0 },
        { topic: '#', qos: 0 },
      ],
    });
    expect((await client.next('suback')).granted).toEqual([0, 128]);
    client.send(publishPacket('/provision/request', '{"provisionDeviceKey":"k"}', 1, 7));
    expect((await client.next('puback')).messageId).toBe(7);
    const answer = await client.next('publish');
    expect(answer.topic).toBe('/provision/response');
    expect(JSON.parse(answer.payload.toString())).toEqual({ status: 'SUCCESS', credentialsValue: 'secret' });
    expect(asked).toEqual([{ provisionDeviceKey: 'k' }]);
    expect(harness.journal.entries).toEqual([]);
  });

  it.each([
    ['telemetry', publishPacket('v1/devices/me/telemetry', '{}', 1, 7)],
    ['at QoS 2', publishPacket('/provision/request', '{}', 2, 7)],
  ])('may do nothing else: %s', async (_, packet) => {
    const client = await applicant();
    client.send(packet);
    await client.untilClosed();
    expect(asked).toEqual([]);
    expect(harness.journal.entries).toEqual([]);
    expect(harness.counters.connectionsClosed).toEqual({ provisioning_forbidden: 1 });
  });

  it('asks a few times at most', async () => {
    const client = await applicant();
    for (let id = 1; id <= 6; id++) client.send(publishPacket('/provision/request', 'no json', 1, id));
    await client.untilClosed();
    expect(asked.length).toBe(5);
  });
});
