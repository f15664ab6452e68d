import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { readingsIn } from '../support/journal-count.js';
import { defectsIn } from '../support/server-state.js';
import { StubbornDevice } from '../support/stubborn-device.js';

const DEVICES = 12;
const READINGS = 10_000;
/** With the four of kill-9.spec.ts, twenty. */
const KILLS = 16;

/**
 * [R1] [R2] Devices that number their readings and send again, with DUP, whatever was not acknowledged, to a server that is killed
 * again and again. Counted is in the journal itself: history would hide a second copy that has the same time.
 */
describe('kill -9 under load with retransmission', () => {
  let centre: Centre;
  const devices: StubbornDevice[] = [];
  const base = Date.now() - 3_600_000;
  const names = Array.from({ length: DEVICES }, (_, n) => `gas-${n}`);

  beforeAll(async () => {
    centre = await Centre.start();
    const api = await centre.signIn();
    const { siteId } = await api.createSite();
    for (const [n, deviceId] of names.entries()) {
      const { credential } = await api.createDevice(siteId, 'gas.lel.point', deviceId);
      if (credential === null || credential === undefined) throw new Error('no credential');
      // Half of them have no clock: their readings get the receive time, and only the number tells a repetition.
      const time = (seq: number): string => (n % 2 === 0 ? `"ts":${base + seq},` : '');
      devices.push(
        new StubbornDevice({
          port: centre.options.mqttPort,
          deviceId,
          credential,
          readings: READINGS,
          window: 50,
          payload: (seq) =>
            `{${time(seq)}"boot":"b1","seq":${seq},"values":{"conc":${10 + (seq % 10_000) / 1_000}}}`,
        }),
      );
    }
  }, 120_000);
  afterAll(async () => {
    for (const device of devices) device.stop();
    await centre.end();
  });

  it(`${KILLS} kills, ${DEVICES * READINGS} readings: each is there, and there once`, async () => {
    const count = (): number => devices.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
    for (let kill = 1; kill <= KILLS; kill++) {
      const due = (kill * DEVICES * READINGS) / (KILLS + 1);
      await eventually(count, (acknowledged) => acknowledged >= due, `readings before kill ${kill}`, 60_000);
      await centre.server.kill9();
      expect(defectsIn(centre.server)).toEqual([]);
      await centre.startAgain();
    }
    await eventually(
      () => devices.every(({ isDone }) => isDone),
      (done) => done,
      'the last readings',
      60_000,
    );
    expect(devices.reduce((sum, { repeated }) => sum + repeated, 0)).toBeGreaterThan(KILLS);
    const api = await centre.signIn();
    for (const [n, deviceId] of names.entries()) {
      if (n % 2 !== 0) continue;
      const { points } = await eventually(
        () => api.history(`${deviceId}.conc`, base, base + READINGS),
        (reply) => reply.points.length >= READINGS,
        `history of ${deviceId}`,
      );
      expect(points).toHaveLength(READINGS);
    }
    expect(await centre.server.terminate()).toBe(0);
    expect(defectsIn(centre.server)).toEqual([]);
    const stored = await readingsIn(centre.options.data);
    expect([...stored.keys()].sort()).toEqual([...names].sort());
    for (const [deviceId, times] of stored) {
      expect([deviceId, times.size]).toEqual([deviceId, READINGS]);
      expect([...times].filter(([, copies]) => copies !== 1)).toEqual([]);
    }
  }, 300_000);
});
