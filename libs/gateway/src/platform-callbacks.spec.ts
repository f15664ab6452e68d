import { createHash, createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type CallbackRefusal, type CallbackTaken, type IncomingCallback } from '@watchfire/protocol';
import { ManualClock } from '@watchfire/testing';
import { NOBODY, testDevice } from '../spec/harness.js';
import { HeldJournal } from '../spec/held-journal.js';
import { GatewayCounters } from './counters.js';
import { DeviceDirectory } from './directory.js';
import { Intake } from './intake.js';
import { gatewayLimits } from './limits.js';
import { PlatformCallbacks, type CallbackEvents } from './platform-callbacks.js';
import { Repeats } from './repeats.js';

/** Event ids in memory; `failing` refuses both ways. */
class MemoryEvents implements CallbackEvents {
  readonly ids = new Set<string>();
  failing = false;

  async known(integration: string, eventIds: readonly string[]): Promise<ReadonlySet<string>> {
    await Promise.resolve();
    if (this.failing) throw new Error('the store is away');
    return new Set(eventIds.filter((id) => this.ids.has(`${integration} ${id}`)));
  }

  async record(integration: string, eventIds: readonly string[]): Promise<void> {
    await Promise.resolve();
    if (this.failing) throw new Error('the store is away');
    for (const id of eventIds) this.ids.add(`${integration} ${id}`);
  }
}

const SECRET = 'secret-of-the-platform';
let clock: ManualClock;
let journal: HeldJournal;
let counters: GatewayCounters;
let directory: DeviceDirectory;
let events: MemoryEvents;
let intake: Intake;
let callbacks: PlatformCallbacks;

beforeEach(() => {
  clock = new ManualClock();
  journal = new HeldJournal();
  counters = new GatewayCounters();
  directory = new DeviceDirectory();
  events = new MemoryEvents();
  directory.upsert(testDevice('platform'));
  directory.upsert(testDevice('gas-1', { gatewayId: 'platform', wireName: 'nb-17', credentials: [] }));
  const limits = gatewayLimits;
  intake = new Intake({
    journal,
    directory,
    clock: clock.now,
    limits,
    counters,
    repeats: new Repeats(() => undefined),
    ...NOBODY,
  });
  const own = { secret: SECRET, gatewayId: 'platform', requestsPerSecond: 2 };
  callbacks = new PlatformCallbacks({
    integrations: [
      { id: 'own', format: 'watchfire', ...own },
      { id: 'studio', format: 'onenet', ...own },
    ],
    journal,
    directory,
    intake,
    events,
    clock,
    limits,
    counters,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
});

function signed(body: unknown, secret = SECRET): IncomingCallback {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const timestamp = String(clock.now());
  const signature = createHmac('sha256', secret).update(`${timestamp}.`).update(bytes).digest('hex');
  const headers = { 'x-watchfire-timestamp': timestamp, 'x-watchfire-signature': signature };
  return { headers, query: {}, body: bytes };
}
const report = (eventId: string, conc = 1, deviceId = 'nb-17') => ({
  eventId,
  deviceId,
  telemetry: { values: { conc } },
});
const push = (body: unknown, id = 'own'): Promise<CallbackTaken | CallbackRefusal> =>
  callbacks.take(id, signed(body));
const readings = () => journal.of('reading').map(({ samples }) => samples[0]);
const taken = (reports: number, repeated = 0, refused = 0) => ({ kind: 'taken', reports, repeated, refused });

describe('callbacks of platforms', () => {
  it('[CB7] are answered when everything is on disk, and not before', async () => {
    journal.hold();
    let answered = false;
    const answer = push([report('e1'), report('e2', 2)]).then((it) => ((answered = true), it));
    await journal.until(
      ({ waitingRecords }) => waitingRecords.filter(({ kind }) => kind === 'reading').length === 2,
    );
    await new Promise(setImmediate);
    expect([answered, events.ids.size]).toEqual([false, 0]);
    journal.release();
    expect(await answer).toEqual(taken(2));
    expect(readings()).toEqual([
      ['gas-1.conc', 1],
      ['gas-1.conc', 2],
    ]);
    expect(journal.of('connection')).toMatchObject([
      { deviceId: 'platform', connected: true, reason: 'callback' },
      { deviceId: 'gas-1', connected: true, reason: 'gateway' },
    ]);
  });

  it('[CB7] are journalled once for each event id, in one request and over several', async () => {
    expect(await push([report('e1'), report('e1', 9)])).toEqual(taken(2, 1));
    expect(await push([report('e1'), report('e2', 2)])).toEqual(taken(2, 1));
    expect(await push(report('e1'))).toEqual(taken(1, 1));
    expect(readings()).toEqual([
      ['gas-1.conc', 1],
      ['gas-1.conc', 2],
    ]);
    expect(journal.of('dead-letter')).toEqual([]);
  });

  it('[CB7] that come again while the first is on its way wait for what becomes of it', async () => {
    journal.hold();
    const both = [push(report('e1')), push(report('e1'))];
    await journal.until(({ waitingRecords }) => waitingRecords.some(({ kind }) => kind === 'reading'));
    await new Promise(setImmediate);
    journal.release();
    expect(await Promise.all(both)).toEqual([taken(1), taken(1, 1)]);
    expect(readings()).toHaveLength(1);
  });

  it('[CB8] that the journal refuses are not noted: they are taken when they come again', async () => {
    await push([]);
    events.ids.clear();
    journal.fail(new Error('disk full'));
    await expect(push(report('e1'))).rejects.toThrow('disk full');
    expect([events.ids.size, counters.callbacks]).toEqual([0, { undecodable: 1, not_taken: 1 }]);
    journal.fail(undefined);
    expect(await push(report('e1'))).toEqual(taken(1));
    // Whom the refused request announced was not on disk either.
    const announced = journal.of('connection').map(({ deviceId }) => deviceId);
    expect(announced).toEqual(['platform', 'platform', 'gas-1']);
  });

  it('[CB8] do not wait for the store of event ids: rather twice than never', async () => {
    events.failing = true;
    expect(await push(report('e1'))).toEqual(taken(1));
    events.failing = false;
    expect(await push(report('e1'))).toEqual(taken(1));
    expect(readings()).toHaveLength(2);
    expect(counters.callbacks).toMatchObject({ events_unavailable: 2, taken: 2 });
  });

  it('[CB9] of devices that nobody knows are a dead letter with their names, and replayable', async () => {
    const request = [report('e1', 1, 'nb-99'), report('e2', 2)];
    expect(await push(request)).toEqual(taken(2, 0, 1));
    expect(readings()).toEqual([['gas-1.conc', 2]]);
    const [letter] = journal.of('dead-letter');
    expect(letter).toMatchObject({
      deviceId: 'platform',
      topic: 'callbacks/watchfire/own',
      code: 'unknown_child',
      unknownChildren: ['nb-99'],
    });
    directory.upsert(testDevice('gas-9', { gatewayId: 'platform', wireName: 'nb-99', credentials: [] }));
    const payload = Buffer.from(letter?.payload ?? '', 'base64');
    const { deviceId, topic } = letter!;
    expect(await intake.replay({ deviceId, topic, payload, at: clock.now() })).toMatchObject({
      refusals: [],
    });
    expect(journal.of('reading').at(-2)).toMatchObject({ deviceId: 'gas-9', hist: true });
  });

  it('[CB9] of two products with a device of the same name are of two devices', async () => {
    const message = (productId: string) => ({
      messageType: 'lifeCycle',
      productId,
      deviceName: 'gas',
      data: { status: 'online' },
    });
    const hash = (text: string) => createHash('md5').update(text).digest('base64');
    const studio = (productId: string): IncomingCallback => {
      const msg = JSON.stringify(message(productId));
      const body = JSON.stringify({ msg, nonce: 'n', signature: hash(`${SECRET}n${msg}`) });
      return { headers: {}, query: {}, body: Buffer.from(body) };
    };
    directory.upsert(testDevice('gas-a', { gatewayId: 'platform', wireName: 'A.gas', credentials: [] }));
    expect(await callbacks.take('studio', studio('A'))).toEqual(taken(1));
    expect(await callbacks.take('studio', studio('B'))).toEqual(taken(1, 0, 1));
    expect(journal.of('connection').at(-1)).toMatchObject({ deviceId: 'gas-a', reason: 'platform_online' });
    expect(journal.of('dead-letter')).toMatchObject([{ unknownChildren: ['B.gas'] }]);
  });

  it('[CB9] that cannot be read are one dead letter, however often they are sent again', async () => {
    const undecodable = { kind: 'undecodable', code: 'malformed_json' };
    expect(await push('{"eventId":')).toMatchObject(undecodable);
    expect(await push('{"eventId":')).toMatchObject(undecodable);
    expect(journal.of('dead-letter')).toMatchObject([{ deviceId: 'platform', code: 'malformed_json' }]);
  });

  it('[CB2] leave no trace but a count where they are not believed', async () => {
    const body = report('e1');
    expect(await callbacks.take('own', signed(body, 'of-somebody-else'))).toEqual({
      kind: 'distrusted',
      reason: 'signature_wrong',
    });
    expect(await callbacks.take('nobody', signed(body))).toEqual({ kind: 'unknown' });
    expect(callbacks.tryOut('nobody', signed(body))).toEqual({ kind: 'unknown' });
    expect(callbacks.tryOut('own', signed(body))).toEqual({ kind: 'no_handshake' });
    expect([journal.records, events.ids.size]).toEqual([[], 0]);
    expect(counters.callbacks).toEqual({ signature_wrong: 1, unknown: 2, no_handshake: 1 });
  });

  it('[CB10] have a share, which strangers cannot use up', async () => {
    const stranger = signed(report('e0'), 'of-somebody-else');
    for (let n = 0; n < 50; n++) await callbacks.take('own', stranger);
    const kinds = [];
    for (let n = 0; n < 7; n++) kinds.push((await push(report(`e${n}`))).kind);
    expect(kinds).toEqual([...Array<string>(6).fill('taken'), 'too_many']);
    clock.advance(1_000);
    expect((await push(report('e7'))).kind).toBe('taken');
  });

  it('[CB10] are not taken while the device that stands for the platform is out of service', async () => {
    expect(callbacks.withoutDevice()).toEqual([]);
    directory.upsert(testDevice('platform', { disabled: true }));
    expect(callbacks.withoutDevice()).toEqual(['own', 'studio']);
    expect(await push(report('e1'))).toEqual({ kind: 'disabled' });
    directory.remove('platform');
    expect(await push(report('e1'))).toEqual({ kind: 'disabled' });
    expect(journal.records).toEqual([]);
  });
});
