import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { loadFireDialects } from '@watchfire/catalogue';
import {
  type Alarm,
  type AlarmEventView,
  type FireComponentView,
  type Page,
  type StageTimesView,
} from '@watchfire/contracts';
import { type Deviation, type Frame, readTimeLabel, timeReading } from '@watchfire/protocol';
import { SystemClock } from '../../apps/simulator/src/field/clock.js';
import { Scheduler } from '../../apps/simulator/src/field/scheduler.js';
import { registerRooms, roomDeviceId } from '../../apps/simulator/src/fire/registration.js';
import { RoomFleet, type RoomFleetOptions } from '../../apps/simulator/src/fire/room-fleet.js';
import { ROOM_SCENARIOS } from '../../apps/simulator/src/fire/room-scenarios.js';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { Room } from '../support/room.js';
import { ADMIN_PASSWORD, freePort } from '../support/server-process.js';
import { defectsIn } from '../support/server-state.js';

/** Units that GB 50440 wants taken at the same time. */
const UNITS = 185;
/** GB 50440: from the alarm to the centre, and the error of the clock. */
const ALARM_LIMIT_MS = 10_000;
const CLOCK_LIMIT_MS = 5_000;
/** Ours is 1 s; machines that run tests are busy with others, and this finds what is broken and not what is slow. */
const P99_LIMIT_MS = 5_000;
/** Of each unit, one after the other as they are confirmed: the server is killed between them. */
const FIRES = 4;

/** [R3] The capacity of GB 50440, over real TCP, in every shipped device profile. */
describe(`${UNITS} fire-control rooms`, () => {
  let centre: Centre;
  let api: ApiClient;
  let firePort: number;
  let deviations: Deviation[];
  let fleet: RoomFleet | undefined;
  const scheduler = new Scheduler(new SystemClock());

  beforeAll(async () => {
    firePort = await freePort();
    centre = await Centre.start({ firePort });
    api = await centre.signIn();
    deviations = [...(await loadFireDialects('config/catalogue/fire')).values()].map(
      ({ deviation }) => deviation,
    );
  }, 60_000);
  afterEach(() => fleet?.stop());
  afterAll(async () => {
    scheduler.stop();
    await centre.end();
  });

  async function connected(
    more: Pick<RoomFleetOptions, 'seed' | 'firstAddress'> & Partial<RoomFleetOptions>,
  ): Promise<RoomFleet> {
    const rooms = new RoomFleet({ units: UNITS, deviations, scheduler, dutyAnswerMs: null, ...more });
    fleet = rooms;
    await registerRooms(rooms.rooms, {
      url: centre.server.url,
      username: 'admin',
      password: ADMIN_PASSWORD,
    });
    rooms.connect({ host: '127.0.0.1', port: firePort });
    await eventually(
      () => rooms.connected,
      (count) => count === UNITS,
      'connections',
    );
    return rooms;
  }

  /** Fires of the rooms, in their order, each with its transitions. */
  async function firesOf(rooms: RoomFleet): Promise<{ alarm: Alarm; events: readonly AlarmEventView[] }[]> {
    const devices = rooms.rooms.map(roomDeviceId);
    const alarms = (await api.alarms('state=all')).filter((alarm) => alarm.class === 'fire');
    const own = alarms.filter(({ deviceId }) => devices.includes(deviceId));
    expect(own.map(({ deviceId }) => deviceId).sort()).toEqual([...devices].sort());
    const found: { alarm: Alarm; events: readonly AlarmEventView[] }[] = [];
    for (const alarm of own) {
      const { items } = await api.get<Page<AlarmEventView>>(`/alarms/${alarm.id}/events`);
      found.push({ alarm, events: items });
    }
    return found;
  }

  it('[FI16] all alarm at once: within the limits on the screen, each raised once, and the clocks agree', async () => {
    const sentAt = new Map<string, number>();
    const clockErrors: number[] = [];
    const rooms = await connected({
      seed: 'capacity',
      firstAddress: 260_000_001,
      onSent: (room, { attempt }) => {
        if (attempt === 1) sentAt.set(roomDeviceId(room), performance.now());
      },
      onHeard: (room, frame) => clockErrors.push(clockError(frame, room.options.deviation)),
    });
    const screen = await Room.open(centre.server.url, api.token);
    screen.draws = true;
    const fireAll = ROOM_SCENARIOS.find(({ key }) => key === 'fire-all');
    if (fireAll === undefined) throw new Error('no such scenario');
    rooms.play(fireAll);
    const raised = () =>
      screen.events.filter(({ event, alarm }) => event.type === 'raised' && alarm.class === 'fire');
    await eventually(
      () => raised().length,
      (count) => count >= UNITS,
      'fires on the screen',
    );
    const delays = raised().map(({ alarm, at }) => at - (sentAt.get(alarm.deviceId) ?? NaN));
    const fires = await eventually(
      () => firesOf(rooms),
      (all) => all.every(({ events }) => events[0]?.stages.drawnAt !== null),
      'fires that are drawn',
    );
    screen.close();
    process.stderr.write(
      `${UNITS} fires at once: socket to screen ${spread(delays)}; since received: ` +
        `${stageSpread(fires.map(({ events }) => events[0]?.stages))}; ` +
        `clocks within ${Math.round(Math.max(...clockErrors.map(Math.abs)))} ms\n`,
    );
    expect(delays).toHaveLength(UNITS);
    expect(Math.max(...delays)).toBeLessThan(ALARM_LIMIT_MS);
    expect(percentile(delays, 0.99)).toBeLessThan(P99_LIMIT_MS);
    for (const { events } of fires) expect(events.map(({ type }) => type)).toEqual(['raised']);
    // What the centre says of the time, and what those made of it who asked.
    expect(Math.max(...clockErrors.map(Math.abs))).toBeLessThan(CLOCK_LIMIT_MS);
    const asked = rooms.rooms.filter(({ options }) =>
      options.deviation.habits.some(({ means }) => means === 'clock-request'),
    );
    expect(asked.length).toBeGreaterThan(0);
    for (const { clockErrorMs } of asked) expect(Math.abs(clockErrorMs)).toBeLessThan(CLOCK_LIMIT_MS);
  }, 60_000);

  it('[FI16] [FI14] a kill -9 in the middle loses nothing that was confirmed; repetitions bring the rest, and each fire is raised once', async () => {
    let confirmed = 0;
    const rooms = await connected({
      seed: 'kill',
      firstAddress: 260_001_001,
      onConfirmed: () => void confirmed++,
    });
    for (const room of rooms.rooms) {
      for (const component of room.options.panel.components.slice(0, FIRES))
        room.happens(component, ['fire']);
    }
    await eventually(
      () => confirmed,
      (count) => count >= (UNITS * FIRES) / 3,
      'a third of the reports',
    );
    await centre.server.kill9();
    const before = confirmed;
    expect(rooms.unconfirmed).toBeGreaterThan(0);
    expect(before + rooms.unconfirmed).toBe(UNITS * FIRES);
    expect(defectsIn(centre.server)).toEqual([]);
    await centre.startAgain();
    api = await centre.signIn();
    await eventually(
      () => rooms.unconfirmed,
      (count) => count === 0,
      'confirmations',
    );
    process.stderr.write(`kill -9 after ${before} of ${UNITS * FIRES} confirmed reports: nothing lost\n`);
    for (const { events } of await firesOf(rooms)) {
      expect(events.filter(({ type }) => type === 'raised')).toHaveLength(1);
    }
    for (const room of rooms.rooms) {
      const { siteId } = await api.get<{ siteId: string }>(`/devices/${roomDeviceId(room)}`);
      const { items } = await eventually(
        () => api.get<Page<FireComponentView>>(`/fire-units/${siteId}/components?limit=100`),
        (page) => page.items.length >= FIRES,
        'components',
      );
      expect(items.filter(({ condition }) => condition === 'fire')).toHaveLength(FIRES);
    }
  }, 60_000);
});

/** How far the time in a frame of the centre is from ours. */
function clockError(frame: Frame, deviation: Deviation): number {
  const now = Date.now();
  return (readTimeLabel(frame.sentAt, timeReading(deviation, now)).at ?? NaN) - now;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

const spread = (values: readonly number[]): string =>
  `p50 ${percentile(values, 0.5).toFixed(0)} ms, p99 ${percentile(values, 0.99).toFixed(0)} ms`;

function stageSpread(all: readonly (StageTimesView | undefined)[]): string {
  return (['journalledAt', 'evaluatedAt', 'pushedAt', 'drawnAt'] as const)
    .map((stage) => {
      const passed = all.map((stages) => (stages?.[stage] ?? NaN) - (stages?.receivedAt ?? NaN));
      return `${stage.replace('At', '')} ${spread(passed)}`;
    })
    .join(', ');
}
