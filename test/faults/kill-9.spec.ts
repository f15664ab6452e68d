import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Alarm,
  type AlarmEvent,
  type NewDeviceReply,
  type Page,
  telemetryTopic,
} from '@watchfire/contracts';
import { connectAsync, type MqttClient } from 'mqtt';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';

const DEVICES = 100;
const ROUNDS = 3;
const READINGS = 2_000;
const IN_FLIGHT = 20;
/** Of each hundred readings, these cross the first and then the second set-point of the detector. */
const HIGH = { from: 40, to: 50 };
const HIGH_HIGH = { from: 50, to: 60 };

const valueOf = (index: number): number => {
  const phase = index % 100;
  if (phase >= HIGH.from && phase < HIGH.to) return 32;
  if (phase >= HIGH_HIGH.from && phase < HIGH_HIGH.to) return 61;
  return 5 + (index % 7) / 10;
};
const EXCURSIONS = READINGS / 100;

interface Device {
  readonly id: string;
  readonly client: MqttClient;
  readonly acknowledged: Set<number>;
}

/** [R1] 200,000 readings of 100 clients with kill -9 in the middle, three times over. */
describe('kill -9 under load', () => {
  let centre: Centre;
  let api: ApiClient;
  const devices: Device[] = [];
  const base = Date.now() - 3_600_000;

  beforeAll(async () => {
    centre = await Centre.start();
    api = await centre.signIn();
    const { siteId } = await api.createSite();
    for (let n = 0; n < DEVICES; n++) {
      const made: NewDeviceReply = await api.createDevice(siteId, 'gas.lel.point', `gas-${n}`);
      // Without an off-delay every excursion ends with the reading that ends it, so that each can be counted.
      await api.putByTwo(`/devices/${made.deviceId}/rules/conc-high`, {
        offDelayMs: 0,
        reason: 'test of kill -9',
      });
      const client = await connectAsync(centre.server.mqttUrl, { ...made.credential, reconnectPeriod: 200 });
      client.on('error', () => undefined);
      devices.push({ id: made.deviceId, client, acknowledged: new Set() });
    }
  }, 120_000);
  afterAll(async () => {
    for (const { client } of devices) client.end(true);
    await centre.end();
  });

  async function publishRound(device: Device, round: number): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < READINGS) {
        const index = next++;
        const ts = base + round * READINGS + index;
        const message = JSON.stringify({ ts, values: { conc: valueOf(index) } });
        await device.client.publishAsync(telemetryTopic(device.id), message, { qos: 1 });
        device.acknowledged.add(ts);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  }

  it.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'round %d: every acknowledged reading is in history, no alarm twice, none missing',
    async (round) => {
      const publishing = Promise.all(devices.map((device) => publishRound(device, round)));
      const middle = (round + 0.5) * READINGS * DEVICES;
      const count = (): number => devices.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
      await eventually(count, (done) => done >= middle, 'half of the readings acknowledged', 120_000);
      await centre.server.kill9();
      const promised = count();
      await centre.startAgain();
      api = await centre.signIn();
      await publishing;
      expect(promised).toBeLessThan((round + 1) * READINGS * DEVICES);

      for (const device of devices) {
        const from = base + round * READINGS;
        const { points } = await eventually(
          () => api.history(`${device.id}.conc`, from, from + READINGS),
          (reply) => reply.points.length >= READINGS,
          `history of ${device.id}`,
        );
        const expected = Array.from({ length: READINGS }, (_, index) => [from + index, valueOf(index)]);
        expect(points).toEqual(expected);
      }

      const alarms = await api.alarms('state=unacknowledged&class=gas');
      expect(alarms).toHaveLength(DEVICES);
      const offsets = new Set<number>();
      for (const alarm of alarms) {
        const { items } = await api.get<Page<AlarmEvent>>(`/alarms/${alarm.id}/events?limit=1000`);
        // What was not acknowledged at a kill is restated by the next start: announced again, and nothing new.
        const own = items.filter(({ type }) => type !== 'restated');
        expect(own.map(({ type }) => type)).toEqual(expectedEvents((round + 1) * EXCURSIONS));
        for (const { offset } of own) offsets.add(offset);
      }
      expect(offsets.size).toBe(DEVICES * 3 * EXCURSIONS * (round + 1));
    },
    240_000,
  );
});

/** Nobody acknowledges: the alarm is raised once and comes back with each further excursion. */
function expectedEvents(excursions: number): AlarmEvent['type'][] {
  return Array.from({ length: excursions }, (_, n): AlarmEvent['type'][] => [
    n === 0 ? 'raised' : 'reoccurred',
    'level-changed',
    'returned',
  ]).flat();
}

/** The server carries the time of its start on by its monotonic clock, and we read the wall clock: whole ms, each of them. */
const CLOCKS_APART_MS = 20;

/** [R5] A restart is part of the same alarm: what was pending stays pending, with its own clock. */
describe('kill -9 with a pending delay', () => {
  let centre: Centre;
  let api: ApiClient;

  beforeAll(async () => {
    centre = await Centre.start();
    api = await centre.signIn();
  }, 60_000);
  afterAll(() => centre.end());

  it('fires at the time it would have fired', async () => {
    const onDelayMs = 8_000;
    const { siteId } = await api.createSite();
    const device = await api.createDevice(siteId, 'gas.lel.point', 'gas-d');
    await api.putByTwo('/devices/gas-d/rules/conc-high', { onDelayMs, reason: 'test of a pending delay' });
    const mqtt = await centre.connect(device.credential);
    const before = Date.now();
    await mqtt.publishAsync(telemetryTopic('gas-d'), '{"values":{"conc":32}}', { qos: 1 });
    const after = Date.now();
    mqtt.end(true);
    await centre.server.kill9();
    await centre.startAgain();
    api = await centre.signIn();
    const ofDevice = async (): Promise<Alarm | undefined> =>
      (await api.alarms()).find(({ rule }) => rule === 'conc-high');
    expect(await ofDevice()).toBeUndefined();
    const alarm = await eventually(ofDevice, (found) => found !== undefined, 'the delayed alarm');
    expect(alarm?.raisedAt).toBeGreaterThanOrEqual(before + onDelayMs - CLOCKS_APART_MS);
    expect(alarm?.raisedAt).toBeLessThanOrEqual(after + onDelayMs + CLOCKS_APART_MS);
  }, 60_000);
});
