import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorsTopic, eventsTopic, telemetryTopic } from '@watchfire/contracts';
import { eventually, Harness } from '../spec/harness.js';
import { HeldJournal } from '../spec/held-journal.js';
import { publishPacket, type RawClient } from '../spec/raw-client.js';

const GOOD = '{"values":{"conc":12.5}}';

/** A journal whose methods throw instead of answering with a rejected promise. */
class ThrowingJournal extends HeldJournal {
  broken = false;

  override append(record: Parameters<HeldJournal['append']>[0]): ReturnType<HeldJournal['append']> {
    if (this.broken) throw new Error('append has thrown');
    return super.append(record);
  }

  override appendReadings(
    readings: Parameters<HeldJournal['appendReadings']>[0],
  ): ReturnType<HeldJournal['appendReadings']> {
    if (this.broken) throw new Error('appendReadings has thrown');
    return super.appendReadings(readings);
  }
}

function throws(): never {
  throw new Error('a hook has thrown');
}

describe.each([true, false])('[FD2] with the splitter: %s, whatever is called', (splitter) => {
  let harness: Harness;
  beforeEach(() => {
    Harness.splitter = splitter;
  });
  afterEach(() => harness.close());

  const publish = (id: string, messageId = 1): ReturnType<typeof publishPacket> =>
    publishPacket(telemetryTopic(id), GOOD, 1, messageId);
  async function subscribe(client: RawClient, topic: string): Promise<number> {
    client.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic, qos: 1 }] });
    return (await client.next('suback')).granted[0] as number;
  }

  it('may throw at a device that comes, listens and is answered, and nobody notices', async () => {
    harness = await Harness.start({}, undefined, {
      onListening: throws,
      awaited: throws,
      credentialUsed: throws,
      onDelivered: throws,
    });
    const device = await harness.device('gas-1');
    expect(await subscribe(device, errorsTopic('gas-1'))).toBe(1);
    expect(await subscribe(device, 'watchfire/v1/devices/gas-1/commands/#')).toBe(1);
    expect(
      await harness.gateway.send('gas-1', { commandId: 'c1', command: 'read', params: {}, expires: 1 }),
    ).toBe('sent');
    await device.next('publish');
    device.send(publish('gas-1'));
    await device.next('puback');
    expect(harness.counters.internalErrors).toMatchObject({
      credential_used: 1,
      subscribed: expect.any(Number),
    });
  });

  it('may throw under a publish: it is not acknowledged, and the neighbour is', async () => {
    const journal = new ThrowingJournal();
    harness = await Harness.start({}, journal);
    const device = await harness.device('gas-1');
    const odd = await harness.device('gas-2');
    const neighbour = await harness.device('panel-1');
    journal.broken = true;
    device.send(publish('gas-1'));
    odd.send(publishPacket(eventsTopic('gas-2'), '{"event":"alarm_button"}'));
    await Promise.all([device.untilClosed(), odd.untilClosed()]);
    expect([...device.heard, ...odd.heard]).toEqual([]);
    journal.broken = false;
    neighbour.send(publish('panel-1', 7));
    expect((await neighbour.next('puback')).messageId).toBe(7);
    expect(journal.of('reading').map(({ deviceId }) => deviceId)).toEqual(['panel-1']);
  });

  it('may throw at the end of a connection, its last will included, and the connection is gone all the same', async () => {
    const journal = new ThrowingJournal();
    harness = await Harness.start({}, journal);
    const device = await harness.client();
    const will = {
      topic: telemetryTopic('gas-1'),
      payload: Buffer.from(GOOD),
      qos: 1 as const,
      retain: false,
    };
    await device.signIn('gas-1', { will });
    journal.broken = true;
    device.socket.destroy();
    await eventually(() => harness.gateway.connections() === 0, 'the connection is gone');
    expect(harness.gateway.connectedDevices()).toEqual([]);
    journal.broken = false;
    const again = await harness.device('gas-1');
    again.send(publish('gas-1'));
    await again.next('puback');
  });

  it('may never answer: the socket is not held for ever, and nobody else waits', async () => {
    harness = await Harness.start({ hookTimeoutMs: 80 });
    const { journal, counters } = harness;
    const device = await harness.device('gas-1');
    const neighbour = await harness.device('gas-2');
    journal.hold();
    const newcomer = await harness.client();
    const refused = newcomer.signIn('panel-1');
    device.send(publish('gas-1'));
    await expect(refused).rejects.toThrow('refused with 3');
    await device.untilClosed();
    neighbour.send({ cmd: 'pingreq' });
    await neighbour.next('pingresp');
    expect(device.heard).toEqual([]);
    expect(counters.hookTimeouts).toBe(1);
  });
});
