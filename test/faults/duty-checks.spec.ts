import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Alarm,
  type DeviceView,
  type DutyBoard,
  type DutyGroupReply,
  type Page,
} from '@watchfire/contracts';
import { STANDARD } from '@watchfire/protocol';
import { SystemClock } from '../../apps/simulator/src/field/clock.js';
import { Scheduler } from '../../apps/simulator/src/field/scheduler.js';
import { registerRooms, roomDeviceId } from '../../apps/simulator/src/fire/registration.js';
import { RoomFleet } from '../../apps/simulator/src/fire/room-fleet.js';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { Preload } from '../support/preload.js';
import { ADMIN_PASSWORD, freePort, temporaryFolder } from '../support/server-process.js';

const MINUTE = 60_000;
const DUTY_ANSWER = 1 << 5;
const shim = Preload.of('shifted-clock.c');
const onShim = shim.library === undefined ? describe.skip : describe;
afterAll(() => shim.remove());

/** A room over real TCP whose key is pressed when the test says so; the minutes of a check pass while the server is dead. */
onShim(`[FI27] a duty check that nobody answers${shim.skip}`, () => {
  const scheduler = new Scheduler(new SystemClock());
  let centre: Centre;
  let api: ApiClient;
  let fleet: RoomFleet;
  let deviceId: string;
  let shift: string;
  let removeFolder: () => Promise<void>;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    removeFolder = folder.remove;
    shift = join(folder.path, 'milliseconds');
    const firePort = await freePort();
    centre = await Centre.start({ firePort, env: { ...shim.environment, SHIFT_CLOCK_BY: shift } });
    api = await centre.signIn();
    fleet = new RoomFleet({ units: 1, seed: 'duty', deviations: [STANDARD], scheduler, dutyAnswerMs: null });
    const admin = { url: centre.server.url, username: 'admin', password: ADMIN_PASSWORD };
    await registerRooms(fleet.rooms, admin);
    fleet.connect({ host: '127.0.0.1', port: firePort });
    for (const room of fleet.rooms) deviceId = roomDeviceId(room);
    await online();
    const { siteId } = await api.get<DeviceView>(`/devices/${deviceId}`);
    await api.put(`/fire-units/${siteId}`, { kind: 'hospital' });
  }, 60_000);
  afterAll(async () => {
    await fleet.stop();
    scheduler.stop();
    await centre.end();
    await removeFolder();
  });

  const online = () =>
    eventually(
      () => api.get<DeviceView>(`/devices/${deviceId}`),
      ({ connection }) => connection === 'online',
      'a connected room',
    );
  const killed = async (aheadMs: number): Promise<void> => {
    await centre.server.kill9();
    await writeFile(shift, String(aheadMs));
    await centre.startAgain();
    api = await centre.signIn();
    await online();
  };
  const ask = () => api.post<DutyGroupReply>('/duty-checks', { scope: {}, minutes: 1, reason: 'acceptance' });
  const guardAlarms = async (state: string): Promise<Alarm[]> =>
    (await api.alarms(`state=${state}`)).filter((alarm) => alarm.class === 'guard');
  const board = async (): Promise<DutyBoard['checks']> => {
    const now = Date.now();
    return (await api.get<DutyBoard>(`/duty-checks?from=${now - 10 * MINUTE}&to=${now + 60 * MINUTE}`))
      .checks;
  };
  const events = async (alarmId: string): Promise<readonly unknown[]> =>
    (await api.get<Page<unknown>>(`/alarms/${alarmId}/events`)).items;

  it('raises one guard alarm that says which, although the server was dead when it closed', async () => {
    const { results } = await ask();
    expect(results).toMatchObject([{ deviceId, result: 'sent' }]);
    const [asked] = await eventually(board, ([check]) => check?.askedAt != null, 'a check that went out');
    await killed(4 * MINUTE);
    const [alarm] = await eventually(
      () => guardAlarms('active'),
      ({ length }) => length === 1,
      'a guard alarm',
    );
    expect(alarm).toMatchObject({ deviceId, rule: 'guard-absent', active: true });
    expect(await board()).toMatchObject([{ verdict: 'absent' }]);
    const points = await api.get<{ key: string; latest: { value: unknown } | null }[]>(
      `/devices/${deviceId}/points`,
    );
    const told = points.find(({ key }) => key === 'guard_check')?.latest?.value;
    const local = new Date((asked?.askedAt ?? 0) + 480 * MINUTE).toISOString();
    expect(told).toBe(`${local.slice(0, 10)} ${local.slice(11, 16)} +08:00, 1 min`);
    expect(alarm?.message).toContain(told);
    const before = (await events(alarm?.id ?? '')).length;
    await killed(4 * MINUTE);
    expect(await guardAlarms('active')).toMatchObject([{ id: alarm?.id, eventId: alarm?.eventId }]);
    expect((await events(alarm?.id ?? '')).length).toBe(before + 1);
  }, 60_000);

  it('and the next one that is answered ends it', async () => {
    await ask();
    await eventually(board, ([check]) => check?.askedAt != null, 'a check that went out');
    for (const room of fleet.rooms) room.press(DUTY_ANSWER);
    await eventually(
      () => guardAlarms('active'),
      ({ length }) => length === 0,
      'the end of the guard alarm',
    );
    expect(await board()).toMatchObject([{ verdict: 'present' }, { verdict: 'absent', lateAt: null }]);
    expect(await guardAlarms('all')).toMatchObject([{ active: false, acked: false }]);
  }, 30_000);
});
