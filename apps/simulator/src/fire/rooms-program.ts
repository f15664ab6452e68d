import { readFile } from 'node:fs/promises';
import { loadFireDialects } from '@watchfire/catalogue';
import { SystemClock } from '../field/clock.js';
import { Scheduler } from '../field/scheduler.js';
import { registerRooms } from './registration.js';
import { RoomFleet } from './room-fleet.js';
import { ROOM_SCENARIOS } from './room-scenarios.js';
import { type RoomsOptions } from './rooms-arguments.js';
import { BAD_DATAGRAM_WIRE, BAD_DATAGRAMS, BAD_WIRE, CLEAN_DATAGRAMS, CLEAN_WIRE } from './wire-faults.js';

const POLL_MS = 250;

/** `npm run simulate -- --rooms`: fire-control rooms until `stopped`. */
export async function simulateRooms(
  options: RoomsOptions,
  stopped: Promise<void>,
  say: (line: string) => void,
  refuse: (message: string) => Error,
): Promise<void> {
  const { units, seed, at, caFile, account, dutyAnswerMs, badWire } = options;
  const scenario = named(ROOM_SCENARIOS, options.scenario, ({ key }) => key, '--scenario', refuse);
  const dialects = [...(await loadFireDialects(options.dialectsFolder)).values()];
  const dialect = named(dialects, options.dialect, ({ key }) => key, '--dialect', refuse);
  const deviations = (dialect === undefined ? dialects : [dialect]).map(({ deviation }) => deviation);
  const scheduler = new Scheduler(new SystemClock());
  const bad = at.over === 'udp' ? BAD_DATAGRAM_WIRE : BAD_WIRE;
  const wire = badWire ? bad : CLEAN_WIRE;
  const faults = badWire ? BAD_DATAGRAMS : CLEAN_DATAGRAMS;
  const tls = caFile === undefined ? {} : { tls: { ca: await readFile(caFile) } };
  const fleet = new RoomFleet({ units, seed, deviations, scheduler, dutyAnswerMs, wire });
  if (account !== undefined) {
    say(`正在登记 ${units} 个消防控制室 / registering ${units} fire-control rooms: ${account.url}`);
    await registerRooms(fleet.rooms, account);
  }
  say(
    `${units} 个消防控制室正在连接 / fire-control rooms connecting: ${at.over ?? 'tcp'} ${at.host}:${at.port} (seed ${seed})`,
  );
  fleet.connect({ ...at, ...tls, faults });
  if (scenario !== undefined) {
    const title = `${scenario.title.zh} / ${scenario.title.en}`;
    const begin = (): void => {
      if (fleet.connected < units) return void scheduler.at(scheduler.now() + POLL_MS, begin);
      say(`情景开始 / scenario starts: ${title}`);
      const endAt = fleet.play(scenario, options.speed);
      scheduler.at(endAt, () => say(`情景结束 / scenario is over: ${title}`));
    };
    begin();
  }
  await stopped;
  await fleet.stop();
  scheduler.stop();
}

function named<T>(
  all: readonly T[],
  wanted: string | undefined,
  keyOf: (one: T) => string,
  option: string,
  refuse: (message: string) => Error,
): T | undefined {
  if (wanted === undefined) return undefined;
  const found = all.find((one) => keyOf(one) === wanted);
  if (found === undefined)
    throw refuse(`${option}: there is no "${wanted}"; there are: ${all.map(keyOf).join(', ')}.`);
  return found;
}
