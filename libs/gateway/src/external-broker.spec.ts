import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorsTopic, telemetryTopic } from '@watchfire/contracts';
import { eventually, Harness, testDevice } from '../spec/harness.js';
import { ScriptedBroker } from '../spec/scripted-broker.js';
import { ExternalBrokerGateway, type ExternalBrokerOptions } from './external-broker.js';
import { gatewayLimits, type GatewayLimits } from './limits.js';

const GOOD = '{"values":{"conc":12.5}}';

describe('behind the broker of others', () => {
  let broker: ScriptedBroker;
  let harness: Harness;
  let gateway: ExternalBrokerGateway;
  const ready: string[] = [];

  beforeEach(async () => {
    ready.length = 0;
    broker = await ScriptedBroker.start();
    harness = await Harness.start();
  });
  afterEach(async () => {
    await gateway.stop();
    broker.close();
    await harness.close();
  });

  function start(more: Partial<ExternalBrokerOptions> = {}, limits: Partial<GatewayLimits> = {}): void {
    const { journal, directory, intake, clock, counters } = harness;
    const quiet = (): void => undefined;
    gateway = ExternalBrokerGateway.start({
      journal,
      directory,
      intake,
      clock,
      counters,
      limits: { ...gatewayLimits, ...limits },
      log: { info: quiet, warn: quiet, error: quiet },
      onListening: (deviceId) => ready.push(deviceId),
      options: {
        url: broker.url,
        username: null,
        password: null,
        clientId: 'watchfire',
        shareGroup: 'centre',
        filters: [telemetryTopic('+')],
        ...more,
      },
    });
  }
  const acknowledged = (): unknown[] => broker.of('puback').map(({ messageId }) => messageId);
  const command = { commandId: 'cmd-1', command: 'silence', params: {}, expires: 1_900_000_000_000 };

  it('[IN50] subscribes with its group in a session that is kept, and acknowledges after the disk', async () => {
    start();
    await broker.subscribed(1);
    expect(broker.of('connect')).toMatchObject([{ clean: false, clientId: 'watchfire' }]);
    expect(broker.of('subscribe')[0]?.subscriptions).toMatchObject([
      { topic: `$share/centre/${telemetryTopic('+')}`, qos: 1 },
    ]);
    harness.journal.hold();
    broker.publish(telemetryTopic('gas-1'), GOOD, 7);
    await harness.journal.until((j) => j.waitingRecords.some(({ kind }) => kind === 'reading'));
    // What is written later arrives later: no acknowledgement is on its way.
    expect(await gateway.send('gas-1', command)).toBe('sent');
    await eventually(() => broker.of('publish').length > 0, 'the command');
    expect(acknowledged()).toEqual([]);
    harness.journal.release();
    await eventually(() => acknowledged().length > 0, 'an acknowledgement');
    expect(acknowledged()).toEqual([7]);
  });

  it('[IN50] acknowledges nothing on another connection than the one that it came on', async () => {
    start();
    await broker.subscribed(1);
    harness.journal.hold();
    broker.publish(telemetryTopic('gas-1'), GOOD, 7);
    await harness.journal.until((j) => j.waitingRecords.some(({ kind }) => kind === 'reading'));
    broker.cut();
    await broker.subscribed(2);
    // A broker that has forgotten its session gives the same number to another message.
    harness.journal.release();
    await harness.journal.until((j) => j.of('reading').length === 1);
    broker.publish(telemetryTopic('gas-2'), GOOD, 8);
    await eventually(() => acknowledged().length > 0, 'an acknowledgement');
    expect(acknowledged()).toEqual([8]);
  });

  it('[IN50] gives the connection back when the journal refuses, and takes the message when it comes again', async () => {
    start();
    await broker.subscribed(1);
    harness.journal.fail(new Error('disk full'));
    broker.publish(telemetryTopic('gas-1'), GOOD, 7);
    await broker.subscribed(2);
    expect(broker.connections[0]?.some(({ cmd }) => cmd === 'puback')).toBe(false);
    harness.journal.fail(undefined);
    broker.publish(telemetryTopic('gas-1'), GOOD, 7);
    await eventually(() => acknowledged().length > 0, 'an acknowledgement');
    expect(harness.journal.of('reading')).toHaveLength(1);
  });

  it('[IN52] tells why it is not connected, and comes in as soon as it may', async () => {
    broker.connacks.push(5);
    start();
    await eventually(() => /Not authorized/i.test(gateway.health().reason ?? ''), 'the reason');
    await broker.subscribed(2);
    await eventually(() => gateway.health().ok, 'health');
  });

  it('[IN53] knows a device from its first message on, with those behind it, and sends at QoS 0', async () => {
    harness.directory.upsert(testDevice('child-1', { gatewayId: 'gas-1', wireName: 'c' }));
    start();
    await broker.subscribed(1);
    expect(await gateway.send('gas-1', command)).toBe('absent');
    broker.publish(telemetryTopic('gas-1'), GOOD, 7);
    await eventually(() => ready.length === 2, 'both are ready');
    expect(ready).toEqual(['gas-1', 'child-1']);
    expect(await gateway.send('gas-1', command)).toBe('sent');
    await eventually(() => broker.of('publish').length > 0, 'the command');
    // Kept by nobody on the way: neither for an absent device nor for another connection.
    expect(broker.of('publish')).toMatchObject([{ qos: 0, retain: false }]);
    broker.cut();
    await eventually(() => !gateway.health().ok, 'the loss');
    expect(await gateway.send('gas-1', command)).toBe('absent');
    await broker.subscribed(2);
    await eventually(() => ready.length === 4, 'both are ready again');
    expect(broker.of('publish')).toEqual([]);
  });

  it('[IN13] answers on errors, so many times a second', async () => {
    start();
    await broker.subscribed(1);
    for (let n = 1; n <= 30; n++) broker.publish(telemetryTopic('gas-1'), '{"values":{"nonsense":1}}', n);
    await eventually(() => acknowledged().length === 30, 'all are acknowledged');
    const answers = broker.of('publish');
    expect(new Set(answers.map(({ topic }) => topic))).toEqual(new Set([errorsTopic('gas-1')]));
    expect(answers.length).toBeLessThan(30);
    expect(harness.counters.errorAnswersSuppressed).toBe(30 - answers.length);
  });

  it('[IN54] is the host of Sparkplug where it hears edge nodes: retained, with a will that says the opposite', async () => {
    start({ filters: ['spBv1.0/+/NDATA/+'] });
    await broker.subscribed(1);
    const [connect] = broker.of('connect');
    expect(connect?.will).toMatchObject({ topic: 'spBv1.0/STATE/watchfire', qos: 1, retain: true });
    await eventually(() => broker.of('publish').length > 0, 'the state');
    const [state] = broker.of('publish');
    expect(state).toMatchObject({ topic: 'spBv1.0/STATE/watchfire', qos: 1, retain: true });
    const timestamp = harness.clock.now();
    expect(JSON.parse(String(state?.payload))).toEqual({ online: true, timestamp });
    expect(JSON.parse(String(connect?.will?.payload))).toEqual({ online: false, timestamp });
    await gateway.stop();
    const told = broker.of('publish').map(({ payload }): unknown => JSON.parse(String(payload)));
    expect(told.at(-1)).toEqual({ online: false, timestamp });
    expect(broker.of('disconnect')).toHaveLength(1);
  });

  it('stops although the broker acknowledges nothing', async () => {
    broker.acknowledges = false;
    start({ filters: ['spBv1.0/+/NDATA/+'] }, { stopTimeoutMs: 50 });
    await broker.subscribed(1);
    await gateway.stop();
    expect(broker.of('publish').length).toBeGreaterThan(0);
  });
});
