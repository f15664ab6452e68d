import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Alarm,
  type AlarmEventView,
  type FireComponentView,
  type Page,
  type StageTimesView,
} from '@watchfire/contracts';
import { type Deviation, type Frame, readTimeLabel, timeReading } from '@watchfire/protocol';
import { type Browser } from 'playwright-core';
import { roomDeviceId } from '../../apps/simulator/src/fire/registration.js';
import { type RoomFleet } from '../../apps/simulator/src/fire/room-fleet.js';
import { ROOM_SCENARIOS } from '../../apps/simulator/src/fire/room-scenarios.js';
import { fireOptions } from '../../libs/gateway/src/fire/fire-options.js';
import { PollSchedule } from '../../libs/gateway/src/fire/poll-schedule.js';
import { AlarmScreen, type SeenAlarm } from '../support/alarm-screen.js';
import { type ApiClient } from '../support/api-client.js';
import { chromiumMissing, launchBrowser } from '../support/browser.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { RoomFleets } from '../support/room-fleets.js';
import { freePort } from '../support/server-process.js';
import { defectsIn } from '../support/server-state.js';
import { median, percentile, spreadOf, tableOf } from '../support/spread.js';

/** GB 50440: units at once; from the alarm to the centre; between two polls; the error of the clock. */
const UNITS = 185;
const ALARM_LIMIT_MS = 10_000;
const POLL_LIMIT_MS = 7_200_000;
const CLOCK_LIMIT_MS = 5_000;
/**
 * Ours, on a machine that shows one alarm alone within the second figure and gives us a core when we want one; on a slower or busier one it
 * is as much longer as that.
 */
const TARGET_MS = 1_000;
const ALONE_MS = 150;
/** Alarms one after the other, before the burst and after it. */
const ALONE = 6;
/** Of each unit, one after the other as they are confirmed: the server is killed between them. */
const FIRES = 4;

const onScreen = chromiumMissing === undefined ? it : it.skip;
const withoutScreen = chromiumMissing === undefined ? '' : ` (skipped: ${chromiumMissing})`;

interface Raised {
  readonly alarm: Alarm;
  readonly events: readonly AlarmEventView[];
}

/** The capacity of GB 50440, over real TCP, in every shipped device profile. */
describe(`${UNITS} fire-control rooms`, () => {
  let centre: Centre;
  let api: ApiClient;
  let fleets: RoomFleets;
  let browser: Browser | undefined;
  /** Figure, required, measured, what proved it. */
  const figures: [string, string, string, string][] = [];

  beforeAll(async () => {
    const firePort = await freePort();
    centre = await Centre.start({ firePort });
    api = await centre.signIn();
    fleets = new RoomFleets(centre, firePort);
    if (chromiumMissing === undefined) browser = await launchBrowser();
  }, 60_000);
  afterEach(() => fleets.disconnect());
  afterAll(async () => {
    const head = ['GB 50440', 'required', 'measured', 'proved by'];
    process.stderr.write(`\n${tableOf([head, ...figures])}\n`);
    await browser?.close();
    await fleets.end();
    await centre.end();
  });

  /** Alarms of a class of the rooms, in their order, each with its transitions. */
  async function raisedBy(rooms: RoomFleet, alarmClass = 'fire'): Promise<Raised[]> {
    const devices = rooms.rooms.map(roomDeviceId);
    const alarms = (await api.alarms('state=all')).filter((alarm) => alarm.class === alarmClass);
    const found: Raised[] = [];
    for (const alarm of alarms.filter(({ deviceId }) => devices.includes(deviceId))) {
      const { items } = await api.get<Page<AlarmEventView>>(`/alarms/${alarm.id}/events`);
      found.push({ alarm, events: items });
    }
    return found;
  }
  const stagesOf = ({ events }: Raised): StageTimesView | undefined =>
    events.find(({ type }) => type === 'raised')?.stages;
  const isDrawn = (raised: Raised): boolean => typeof stagesOf(raised)?.drawnAt === 'number';

  onScreen(
    `[FU20] [FU19] [FI16] all alarm at once: drawn within the limits, each raised once, and the clocks agree${withoutScreen}`,
    async () => {
      if (browser === undefined) throw new Error('no browser');
      const sentAt = new Map<string, number>();
      const clockErrors: number[] = [];
      const rooms = await fleets.connected({
        units: UNITS,
        seed: 'capacity',
        firstAddress: 260_000_001,
        onSent: (room, { attempt }) => {
          if (attempt === 1) sentAt.set(roomDeviceId(room), performance.timeOrigin + performance.now());
        },
        onHeard: (room, frame) => clockErrors.push(clockError(frame, room.options.deviation)),
      });
      const screen = await AlarmScreen.open(browser, centre.server.url);
      const sinceSent = ({ alarm }: Raised, at: number | null | undefined): number =>
        (at ?? NaN) - (sentAt.get(alarm.deviceId) ?? NaN);
      /** How long one alarm takes that has the machine to itself. */
      const alone = async (from: number): Promise<number[]> => {
        const delays: number[] = [];
        for (const room of rooms.rooms.slice(from, from + ALONE)) {
          const [component] = room.options.panel.components;
          if (component === undefined) throw new Error('a panel has components');
          room.happens(component, ['supervisory']);
          const drawn = await eventually(
            () => raisedBy({ rooms: [room] } as unknown as RoomFleet, 'supervisory'),
            ([one]) => one !== undefined && isDrawn(one),
            'one alarm that is drawn',
          );
          delays.push(...drawn.map((one) => sinceSent(one, stagesOf(one)?.drawnAt)));
        }
        return delays;
      };

      const before = await alone(0);
      const busyBefore = waitForCore();
      const fireAll = ROOM_SCENARIOS.find(({ key }) => key === 'fire-all');
      if (fireAll === undefined) throw new Error('no such scenario');
      rooms.play(fireAll);
      await eventually(
        async () =>
          Object.values(await screen.seen()).filter(({ paintedAt }) => paintedAt !== undefined).length,
        (count) => count >= UNITS + ALONE,
        'rows that are painted',
      );
      const fires = await eventually(
        () => raisedBy(rooms),
        (all) => all.length >= UNITS && all.every(isDrawn),
        'fires that are drawn',
      );
      const seen = await screen.seen();
      const delays = fires.map((fire) => sinceSent(fire, stagesOf(fire)?.drawnAt));
      const busyAfter = waitForCore();
      const after = await alone(ALONE);
      await screen.close();

      const aloneMs = Math.max(median(before), median(after));
      const busy = Math.max(busyBefore, busyAfter);
      const target = TARGET_MS * Math.max(1, aloneMs / ALONE_MS, busy);
      const stages: [string, (fire: Raised) => number | null | undefined][] = [
        ['socket of the centre', (fire) => stagesOf(fire)?.receivedAt],
        ['journal', (fire) => stagesOf(fire)?.journalledAt],
        ['alarm engine', (fire) => stagesOf(fire)?.evaluatedAt],
        ['pushed', (fire) => stagesOf(fire)?.pushedAt],
        ['received by the page', ({ alarm }) => seen[alarm.id]?.receivedAt],
        ['drawn (limit 10 s, target 1 s)', (fire) => stagesOf(fire)?.drawnAt],
      ];
      const lines = stages.map(([stage, at]) => [
        stage,
        ...spreadOf(fires.map((fire) => sinceSent(fire, at(fire)))),
      ]);
      const title = [`${UNITS} at once, since sent by the device`, 'p50', 'p95', 'p99'];
      process.stderr.write(
        `${tableOf([title, ...lines, ['one alone, drawn', ...spreadOf([...before, ...after])]])}\n` +
          `target at the speed of this machine now: p99 ${target.toFixed(0)} ms; a core is had for ${(100 / busy).toFixed(0)} % of the time\n`,
      );
      const p99 = percentile(delays, 0.99).toFixed(0);
      const most = Math.max(...delays);
      const error = Math.round(Math.max(...clockErrors.map(Math.abs)));
      figures.push(
        [
          'units alarming at once',
          `≥ ${UNITS}`,
          String(fires.length),
          'real TCP, every device profile; each raised once',
        ],
        [
          'alarm to drawn page',
          '≤ 10 s (target p99 1 s)',
          `p99 ${p99} ms, max ${most.toFixed(0)} ms`,
          'frames painted by Chromium',
        ],
        [
          'error of the clock',
          '≤ 5 s',
          `${error} ms`,
          'time labels of the centre; rooms that asked have set theirs by it',
        ],
      );

      expect(fires.map(({ alarm }) => alarm.deviceId).sort()).toEqual(rooms.rooms.map(roomDeviceId).sort());
      for (const { events } of fires) expect(events.map(({ type }) => type)).toEqual(['raised']);
      expect(most).toBeLessThan(ALARM_LIMIT_MS);
      expect(percentile(delays, 0.99)).toBeLessThan(target);
      // The page has not said so of a row that was not there.
      for (const fire of fires) expect(isEarly(stagesOf(fire), seen[fire.alarm.id])).toBe(false);
      expect(screen.errors).toEqual([]);
      // What the centre says of the time, and what those made of it who asked.
      expect(error).toBeLessThan(CLOCK_LIMIT_MS);
      const asked = rooms.rooms.filter(({ options }) =>
        options.deviation.habits.some(({ means }) => means === 'clock-request'),
      );
      expect(asked.length).toBeGreaterThan(0);
      for (const { clockErrorMs } of asked) expect(Math.abs(clockErrorMs)).toBeLessThan(CLOCK_LIMIT_MS);
    },
    120_000,
  );

  it('[FU20] [FI22] a day of the poll, by a clock that is turned by hand: nobody waits longer than two hours', () => {
    let chance = 7;
    const schedule = new PollSchedule(
      fireOptions,
      () => (chance = (chance * 16_807) % 2_147_483_647) / 2_147_483_647,
    );
    const polledAt = new Map<string, number>();
    for (let room = 0; room < UNITS; room++) {
      schedule.arrived(`room-${room}`, 0);
      polledAt.set(`room-${room}`, 0);
    }
    let longest = 0;
    for (let now = 0; now <= 86_400_000; now += 1_000) {
      for (const room of schedule.take(now)) {
        longest = Math.max(longest, now - (polledAt.get(room) ?? NaN));
        polledAt.set(room, now);
      }
    }
    longest = Math.max(longest, ...[...polledAt.values()].map((at) => 86_400_000 - at));
    const minutes = (longest / 60_000).toFixed(1);
    figures.push([
      'between two polls',
      '≤ 2 h',
      `${minutes} min`,
      `a day of ${UNITS} units, clock turned by hand`,
    ]);
    expect(longest).toBeLessThanOrEqual(POLL_LIMIT_MS);
  });

  it('[FU20] [FI16] [FI14] a kill -9 in the middle loses nothing that was confirmed; repetitions bring the rest, and each fire is raised once', async () => {
    let confirmed = 0;
    const rooms = await fleets.connected({
      units: UNITS,
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
    const fires = await raisedBy(rooms);
    expect(fires.map(({ alarm }) => alarm.deviceId).sort()).toEqual(rooms.rooms.map(roomDeviceId).sort());
    // The first fire of a unit is its alarm, and each of the others an occurrence of it. [AL146]
    const occurrences = ['raised', ...Array.from({ length: FIRES - 1 }, () => 'reoccurred')];
    for (const { alarm, events } of fires) {
      const own = events.filter(({ type }) => occurrences.includes(type));
      expect(own.map(({ type }) => type)).toEqual(occurrences);
      expect(alarm.message).toContain(`（共 ${FIRES} 处）`);
    }
    let found = 0;
    for (const room of rooms.rooms) {
      const { siteId } = await api.get<{ siteId: string }>(`/devices/${roomDeviceId(room)}`);
      const { items } = await eventually(
        () => api.get<Page<FireComponentView>>(`/fire-units/${siteId}/components?limit=100`),
        (page) => page.items.length >= FIRES,
        'components',
      );
      found += items.filter(({ condition }) => condition === 'fire').length;
    }
    const lost = UNITS * FIRES - found;
    figures.push([
      'reports lost by a kill -9',
      '0',
      String(lost),
      `killed after ${before} of ${UNITS * FIRES} were confirmed`,
    ]);
    expect(lost).toBe(0);
  }, 60_000);
});

/** How many times as long as its own time of a core something takes here, because others have the cores: 1 on a machine of our own. */
function waitForCore(cpuMs = 300): number {
  const [began, used] = [performance.now(), process.cpuUsage()];
  const spent = (): number => {
    const { user, system } = process.cpuUsage(used);
    return (user + system) / 1_000;
  };
  while (spent() < cpuMs);
  return Math.max(1, (performance.now() - began) / spent());
}

/** Whether the page has told of the row before it was in the document. */
function isEarly(stages: StageTimesView | undefined, seen: SeenAlarm | undefined): boolean {
  // Times of the page are told in whole milliseconds.
  return (stages?.drawnAt ?? NaN) + 1 < (seen?.inDocumentAt ?? NaN);
}

/** How far the time in a frame of the centre is from ours. */
function clockError(frame: Frame, deviation: Deviation): number {
  const now = Date.now();
  return (readTimeLabel(frame.sentAt, timeReading(deviation, now)).at ?? NaN) - now;
}
