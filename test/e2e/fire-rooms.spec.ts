import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadFireDialects } from '@watchfire/catalogue';
import { type CommandView, type DeviceView, type FireDutyCheck, type Page } from '@watchfire/contracts';
import { SystemClock } from '../../apps/simulator/src/field/clock.js';
import { Scheduler } from '../../apps/simulator/src/field/scheduler.js';
import { registerRooms, roomDeviceId } from '../../apps/simulator/src/fire/registration.js';
import { RoomFleet } from '../../apps/simulator/src/fire/room-fleet.js';
import { BAD_WIRE } from '../../apps/simulator/src/fire/wire-faults.js';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_PASSWORD, freePort } from '../support/server-process.js';

const CLOCK_LIMIT_MS = 5_000;
const COMMANDS = [
  'read_state',
  'read_version',
  'read_configuration',
  'read_clock',
  'sync_clock',
  'duty_check',
];

/** [R3] Rooms of the simulator, one of each shipped device profile, and what the centre wants of them. */
describe('a fire-control room of every device profile', () => {
  const scheduler = new Scheduler(new SystemClock());
  let centre: Centre;
  let api: ApiClient;
  let fleet: RoomFleet;
  let presses = 0;

  beforeAll(async () => {
    const firePort = await freePort();
    centre = await Centre.start({ firePort });
    api = await centre.signIn();
    const dialects = [...(await loadFireDialects('config/catalogue/fire')).values()];
    fleet = new RoomFleet({
      units: dialects.length,
      seed: 'e2e',
      deviations: dialects.map(({ deviation }) => deviation),
      scheduler,
      dutyAnswerMs: 500,
      wire: BAD_WIRE,
      onConfirmed: (_, { adu }) => void (presses += adu[0] === 24 ? 1 : 0),
    });
    await registerRooms(fleet.rooms, {
      url: centre.server.url,
      username: 'admin',
      password: ADMIN_PASSWORD,
    });
    fleet.connect({ host: '127.0.0.1', port: firePort });
    for (const room of fleet.rooms) {
      await eventually(
        () => api.get<{ connection: string }>(`/devices/${roomDeviceId(room)}`),
        ({ connection }) => connection === 'online',
        'a connected room',
      );
    }
  }, 60_000);
  afterAll(async () => {
    await fleet.stop();
    scheduler.stop();
    await centre.end();
  });

  it('[FI13] [FI15] answers what it is asked, sets its clock, and somebody presses the key', async () => {
    for (const room of fleet.rooms) {
      for (const command of COMMANDS) {
        const order = { command, params: {}, reason: 'acceptance', expires: Date.now() + 60_000 };
        await api.post(`/devices/${roomDeviceId(room)}/commands`, order);
      }
    }
    for (const room of fleet.rooms) {
      const { items } = await eventually(
        () => api.get<Page<CommandView>>(`/devices/${roomDeviceId(room)}/commands?limit=20`),
        (page) => page.items.every(({ state }) => state === 'succeeded'),
        `commands of ${room.options.deviation.key}`,
      );
      expect(items.map(({ command }) => command).sort()).toEqual([...COMMANDS].sort());
      expect(Math.abs(room.clockErrorMs)).toBeLessThan(CLOCK_LIMIT_MS);
    }
    await eventually(
      () => presses,
      (count) => count === fleet.rooms.length,
      'answers to the duty checks',
    );
  }, 40_000);

  it('[FI24] somebody was there, and a kill -9 does not change that', async () => {
    const siteIds = new Set<string>();
    for (const room of fleet.rooms)
      siteIds.add((await api.get<DeviceView>(`/devices/${roomDeviceId(room)}`)).siteId);
    const checks = async (): Promise<FireDutyCheck[]> => {
      const pages = [...siteIds].map((id) => api.get<Page<FireDutyCheck>>(`/fire-units/${id}/duty-checks`));
      return (await Promise.all(pages)).flatMap(({ items }) => items);
    };
    for (const id of siteIds) await api.request('PUT', `/fire-units/${id}`, { kind: 'other' });
    const answered = await eventually(
      checks,
      (all) => all.length === fleet.rooms.length && all.every(({ verdict }) => verdict === 'present'),
      'verdicts of the duty checks',
    );
    expect(answered.every(({ askedBy }) => askedBy === 'admin')).toBe(true);
    await centre.server.kill9();
    await centre.startAgain();
    api = await centre.signIn();
    expect(await checks()).toEqual(answered);
  }, 40_000);
});
