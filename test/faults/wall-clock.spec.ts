import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NewDeviceReply, telemetryTopic } from '@watchfire/contracts';
import { SqliteJournal } from '@watchfire/journal';
import { type MqttClient } from 'mqtt';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { Preload } from '../support/preload.js';
import { Room } from '../support/room.js';
import { temporaryFolder } from '../support/server-process.js';
import { defectsIn, metric, notReadyBecause } from '../support/server-state.js';

const HOUR = 3_600_000;
const DEVICES = 20;
/** The clock of the server is looked at every second, deadlines of rules as well. */
const SETTLE_MS = 3_000;

const shim = Preload.of('shifted-clock.c');
const onShim = shim.library === undefined ? describe.skip : describe;
afterAll(() => shim.remove());

/** Somebody sets the clock of the machine, or a virtual machine comes back: nothing that a device said becomes older or newer by it. */
onShim(`[R10] the wall clock is set while the server runs${shim.skip}`, () => {
  let centre: Centre;
  let api: ApiClient;
  let room: Room;
  let shift: string;
  let removeFolder: () => Promise<void>;
  let noted = 0;
  const devices: { readonly made: NewDeviceReply; readonly client: MqttClient }[] = [];

  beforeAll(async () => {
    const folder = await temporaryFolder();
    removeFolder = folder.remove;
    shift = join(folder.path, 'milliseconds');
    centre = await Centre.start({ env: { ...shim.environment, SHIFT_CLOCK_BY: shift } });
    api = await centre.signIn();
    const { siteId } = await api.createSite();
    for (let n = 0; n < DEVICES; n++) {
      const made = await api.createDevice(siteId, 'gas.lel.point', `gas-${n}`);
      devices.push({ made, client: await centre.connect(made.credential) });
    }
    await api.putByTwo('/devices/gas-0/rules/conc-high', {
      onDelayMs: 0,
      offDelayMs: 0,
      reason: 'no waiting',
    });
    room = await Room.open(centre.server.url, api.token);
  }, 60_000);
  afterAll(async () => {
    room.close();
    for (const { client } of devices) client.end(true);
    await centre.end();
    await removeFolder();
  });

  /** Every device says a value; one of them one above its limit, and then below again. */
  async function everybodyReports(): Promise<void> {
    for (const conc of [5, 32, 6]) {
      await Promise.all(
        devices.map(({ made: { deviceId }, client }, n) =>
          client.publishAsync(
            telemetryTopic(deviceId),
            JSON.stringify({ values: { conc: n === 0 ? conc : 5 } }),
            { qos: 1 },
          ),
        ),
      );
    }
  }

  it.each([
    ['an hour back', -HOUR],
    ['two days ahead', 48 * HOUR],
    ['a month back', -30 * 24 * HOUR],
    ['right again', 0],
  ])(
    '%s: no order changes, nobody is offline, alarms come as ever',
    async (_, ms) => {
      await everybodyReports();
      await writeFile(shift, String(ms));
      await sleep(SETTLE_MS);
      await everybodyReports();
      const told = (): number => room.events.filter(({ alarm }) => alarm.deviceId === 'gas-0').length;
      for (const limit = performance.now() + 10_000; told() < noted + 4 && performance.now() < limit;)
        await sleep(20);
      noted = told();
      // Nothing but the one that crossed its limit has anything to say, although others have not been silent for long.
      expect([...new Set(room.events.map(({ alarm }) => `${alarm.deviceId} ${alarm.rule}`))]).toEqual([
        'gas-0 conc-high',
      ]);
      expect(room.events.map(({ offset }) => offset)).toEqual(
        room.events.map(({ offset }) => offset).sort((a, b) => a - b),
      );
      expect(await api.alarms('state=active')).toEqual([]);
      expect(devices.every(({ client }) => client.connected)).toBe(true);
      // Said to whoever watches the server, not acted upon.
      const offset = await metric(centre.server, 'watchfire_clock_offset_seconds');
      expect(Math.abs(offset - ms / 1_000)).toBeLessThan(5);
      expect(await notReadyBecause(centre.server)).toEqual([]);
    },
    60_000,
  );

  it('has taken everything, at times that only rise and are those of the world', async () => {
    const began = Date.now() - 600_000;
    expect(await centre.server.terminate()).toBe(0);
    expect(defectsIn(centre.server)).toEqual([]);
    const journal = await SqliteJournal.open({
      directory: join(centre.options.data, 'journal'),
      now: Date.now,
    });
    const entries = await journal.read(1, journal.head());
    await journal.close();
    const readings = entries.filter(({ record }) => record.kind === 'reading');
    expect(readings).toHaveLength(4 * 2 * 3 * DEVICES);
    let last = 0;
    for (const { at, record } of entries) {
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
      const times = record.kind === 'reading' ? [at, record.ts, record.receivedAt] : [at];
      for (const time of times) {
        expect(time).toBeGreaterThan(began);
        expect(time).toBeLessThan(Date.now() + 60_000);
      }
    }
    const losses = entries.filter(({ record }) => record.kind === 'connection' && !record.connected);
    expect(
      losses.every(({ record }) => record.kind === 'connection' && record.reason === 'server_stop'),
    ).toBe(true);
  }, 30_000);
});
