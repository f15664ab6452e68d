import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runFlood } from '../bench/flood-load.js';
import { type Credential } from '../bench/mqtt-frames.js';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { defectsIn, metric } from '../support/server-state.js';

const DEVICES = 10;
const PROBES = 5;
/** Of one device: mqtt.telemetryPerSecond. */
const SHARE = 5_000;
/** Each device has more to send than its share, and all together more than the disk takes. */
const PER_SECOND = 80_000;
const DURATION_MS = 20_000;
const MEGABYTE = 1_048_576;

/** Telemetry waits; alarms do not; nothing that was acknowledged is missing, and memory has an end. */
describe('a flood of telemetry', () => {
  let centre: Centre;
  let api: ApiClient;
  beforeAll(async () => {
    centre = await Centre.start();
    api = await centre.signIn();
  }, 60_000);
  afterAll(() => centre.end());

  async function createDevices(siteId: string, prefix: string, count: number): Promise<Credential[]> {
    const made: Credential[] = [];
    for (let n = 0; n < count; n++) {
      const { deviceId, credential } = await api.createDevice(siteId, 'gas.lel.point', `${prefix}-${n}`);
      made.push({ clientId: deviceId, ...credential });
    }
    return made;
  }

  it('[R6] [R7] leaves alarms under a second, costs bounded memory, and is counted', async () => {
    const { siteId } = await api.createSite();
    const devices = await createDevices(siteId, 'flood', DEVICES);
    const probes = await createDevices(siteId, 'probe', PROBES);
    for (const { clientId } of probes) {
      const body = { onDelayMs: 0, offDelayMs: 0, reason: 'every crossing is an event at once' };
      await api.putByTwo(`/devices/${clientId}/rules/conc-high`, body);
    }
    const { server } = centre;
    const result = await runFlood({
      port: centre.options.mqttPort,
      serverPid: server.pid,
      devices,
      perSecond: PER_SECOND,
      durationMs: DURATION_MS,
      patienceMs: 60_000,
      probes,
      crossings: 20,
      boot: 'flood',
      alarms: { kind: 'control-room', url: server.url, token: api.token },
    });
    const held = await metric(server, 'watchfire_mqtt_telemetry_held_total');
    const { acknowledged, residentStart, residentMax, p99, missing, received, heldBack } = result;
    process.stderr.write(
      `flood: ${Math.round(result.acknowledgedPerSecond)} of ${PER_SECOND} a second, alarm p99 ${p99.toFixed(0)} ms, ` +
        `memory ${Math.round((residentMax - residentStart) / MEGABYTE)} MB more, held ${held} times\n`,
    );
    expect(missing).toBe(0);
    expect(received).toBeGreaterThan((20 * DURATION_MS) / 1_000 / 2);
    expect(p99).toBeLessThan(1_000);
    expect(residentMax - residentStart).toBeLessThan(200 * MEGABYTE);
    // What could not be taken stayed with the devices, and is told.
    expect(heldBack).toBeGreaterThan(0);
    if (result.acknowledgedPerSecond > DEVICES * SHARE) expect(held).toBeGreaterThan(0);
    for (const { deviceId, messages, fromTs, toTs } of acknowledged) {
      await eventually(
        () => storedReadings(deviceId, fromTs, toTs),
        (count) => count >= messages,
        `history of ${deviceId}`,
        60_000,
      );
      expect(await storedReadings(deviceId, fromTs, toTs)).toBe(messages);
    }
    expect(await server.terminate()).toBe(0);
    expect(defectsIn(server)).toEqual([]);
  }, 240_000);

  async function storedReadings(deviceId: string, fromTs: number, toTs: number): Promise<number> {
    const every = toTs - fromTs + 2;
    const { points } = await api.history(`${deviceId}.conc`, fromTs, toTs + 1, `&every=${every}&fn=count`);
    return points.reduce((sum, [, count]) => sum + Number(count), 0);
  }
});
