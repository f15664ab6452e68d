import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadFireDialects } from '@watchfire/catalogue';
import { type CommandView, type DeviceView, type Page } from '@watchfire/contracts';
import { SystemClock } from '../../apps/simulator/src/field/clock.js';
import { Scheduler } from '../../apps/simulator/src/field/scheduler.js';
import { registerRooms, roomDeviceId } from '../../apps/simulator/src/fire/registration.js';
import { type FireRoom, type ReportedFrame } from '../../apps/simulator/src/fire/fire-room.js';
import { RoomFleet, type RoomFleetOptions } from '../../apps/simulator/src/fire/room-fleet.js';
import { type Way } from '../../apps/simulator/src/fire/room-lines.js';
import { BAD_DATAGRAM_WIRE, BAD_WIRE } from '../../apps/simulator/src/fire/wire-faults.js';
import { Authority } from '../../libs/gateway/spec/certificates.js';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { fireFramesIn } from '../support/journal-count.js';
import { ADMIN_PASSWORD, freePort, temporaryFolder } from '../support/server-process.js';
import { defectsIn } from '../support/server-state.js';

const CLOCK_LIMIT_MS = 5_000;
const COMMANDS = ['read_state', 'read_version', 'sync_clock', 'duty_check'];
/** Of each room, one after the other as they are confirmed; the server is killed between them. */
const FIRES = 12;
const FIRST = { udp: 270_000_001, tls: 270_000_101, killed: 270_000_201 };

/** Rooms of the simulator, one of each shipped device profile, over UDP and TLS. */
describe('fire-control rooms over UDP and TLS', () => {
  const scheduler = new Scheduler(new SystemClock());
  const fleets: RoomFleet[] = [];
  let centre: Centre;
  let api: ApiClient;
  let authority: Authority;
  let port: Readonly<Record<Exclude<Way, 'tcp'>, number>>;
  let removeFiles: () => Promise<void>;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    removeFiles = folder.remove;
    const file = (name: string): string => join(folder.path, name);
    authority = await Authority.create('CA of a test');
    const { cert, key } = await authority.server();
    await writeFile(file('server.pem'), cert);
    await writeFile(file('server.key'), key);
    port = { udp: await freePort(), tls: await freePort() };
    const tls = `{ port: ${port.tls}, certificate: ${file('server.pem')}, key: ${file('server.key')} }`;
    await writeFile(file('watchfire.yaml'), `fire: { allowFrom: [127.0.0.0/8], tls: ${tls} }\n`);
    centre = await Centre.start({
      firePort: port.udp,
      env: { WATCHFIRE_CONFIG: file('watchfire.yaml'), WATCHFIRE_FIRE_UDP: 'true' },
    });
    api = await centre.signIn();
  }, 60_000);
  afterAll(async () => {
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    scheduler.stop();
    await centre.end();
    await removeFiles();
  });

  async function connected(over: Exclude<Way, 'tcp'>, more: Partial<RoomFleetOptions>): Promise<RoomFleet> {
    const dialects = [...(await loadFireDialects('config/catalogue/fire')).values()];
    const deviations = dialects.map(({ deviation }) => deviation);
    const fleet = new RoomFleet({
      ...{ units: dialects.length, seed: 'ways', deviations, scheduler, dutyAnswerMs: 500 },
      ...more,
    });
    fleets.push(fleet);
    await registerRooms(fleet.rooms, {
      url: centre.server.url,
      username: 'admin',
      password: ADMIN_PASSWORD,
    });
    const host = over === 'tls' ? 'localhost' : '127.0.0.1';
    const faults = { lost: 0, doubled: 0.5 };
    fleet.connect({ host, port: port[over], over, faults, tls: { ca: authority.pem } });
    for (const room of fleet.rooms) {
      await eventually(
        () => api.get<{ connection: string }>(`/devices/${roomDeviceId(room)}`),
        ({ connection }) => connection === 'online',
        'a connected room',
      );
    }
    return fleet;
  }

  it.each([
    ['udp', BAD_DATAGRAM_WIRE],
    ['tls', BAD_WIRE],
  ] as const)(
    '[FI33] [FI34] [FI35] [FI39] over %s answers what it is asked, sets its clock, and somebody presses the key',
    async (over, wire) => {
      let presses = 0;
      const fleet = await connected(over, {
        firstAddress: FIRST[over],
        wire,
        onConfirmed: (_, { adu }) => void (presses += adu[0] === 24 ? 1 : 0),
      });
      // As when they are switched on; whoever has said nothing yet is not asked much over UDP.
      for (const room of fleet.rooms) room.tell();
      await eventually(
        () => fleet.unconfirmed,
        (count) => count === 0,
        'confirmations',
      );
      for (const room of fleet.rooms) {
        for (const command of COMMANDS) {
          const order = { command, params: {}, reason: 'acceptance', expires: Date.now() + 60_000 };
          await api.post(`/devices/${roomDeviceId(room)}/commands`, order);
        }
      }
      for (const room of fleet.rooms) {
        await eventually(
          () => api.get<Page<CommandView>>(`/devices/${roomDeviceId(room)}/commands?limit=20`),
          (page) => page.items.length === COMMANDS.length && page.items.every(isDone),
          `commands of ${room.options.deviation.key}`,
        );
        expect(Math.abs(room.clockErrorMs)).toBeLessThan(CLOCK_LIMIT_MS);
      }
      await eventually(
        () => presses,
        (count) => count === fleet.rooms.length,
        'answers to the duty checks',
      );
      // They were up to thirty seconds off when they told their states.
      for (const room of fleet.rooms) {
        await eventually(
          () => api.get<DeviceView>(`/devices/${roomDeviceId(room)}`),
          ({ clockSkewMs }) => clockSkewMs !== null && Math.abs(clockSkewMs) < CLOCK_LIMIT_MS,
          'the skew of a clock that was set',
        );
      }
    },
    60_000,
  );

  it('[FI16] [FI33] over UDP nothing that was confirmed is lost over a kill -9, and what was sent again is there once', async () => {
    /** How often they were sent, and those that are confirmed, by device and bytes. */
    const sent = new Map<string, number>();
    const confirmed = new Set<string>();
    const keyOf = (room: FireRoom, { serial, adu }: ReportedFrame): string =>
      `${roomDeviceId(room)} ${serial} ${Buffer.from(adu).toString('hex')}`;
    // Whoever says who he is only once waits for forty seconds before he says it again.
    const dialects = [...(await loadFireDialects('config/catalogue/fire')).values()];
    const deviations = dialects.flatMap(({ deviation }) =>
      deviation.identifiedBy === 'source' ? [deviation] : [],
    );
    const fleet = await connected('udp', {
      ...{ deviations, units: deviations.length, firstAddress: FIRST.killed },
      onSent: (room, report) => {
        const key = keyOf(room, report);
        sent.set(key, (sent.get(key) ?? 0) + 1);
      },
      onConfirmed: (room, report) => void confirmed.add(keyOf(room, report)),
    });
    for (const room of fleet.rooms)
      for (let n = 0; n < FIRES; n++) {
        const component = room.options.panel.components[n];
        if (component !== undefined) room.happens(component, ['fire']);
      }
    const all = fleet.rooms.length * FIRES;
    await eventually(
      () => confirmed.size,
      (count) => count > 0,
      'the first confirmations',
    );
    await centre.server.kill9();
    await centre.startAgain();
    await eventually(
      () => confirmed.size,
      (count) => count >= all,
      'the last confirmations',
      60_000,
    );
    api = await centre.signIn();
    const fires = (await api.alarms('state=all')).filter(
      (alarm) => alarm.class === 'fire' && fleet.rooms.some((room) => roomDeviceId(room) === alarm.deviceId),
    );
    expect(fires).toHaveLength(fleet.rooms.length);
    expect(await centre.server.terminate()).toBe(0);
    expect(defectsIn(centre.server)).toEqual([]);
    const frames = await fireFramesIn(centre.options.data);
    expect([...confirmed].filter((key) => !frames.has(key))).toEqual([]);
    const sentOnce = [...confirmed].filter((key) => sent.get(key) === 1);
    expect(sentOnce.filter((key) => frames.get(key) !== 1)).toEqual([]);
  }, 120_000);
});

function isDone({ state }: CommandView): boolean {
  return state === 'succeeded';
}
