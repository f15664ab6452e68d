import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AcceptanceView, type Alarm, type NewDeviceReply, type Page } from '@watchfire/contracts';
import { FireClient, smokeDetector } from '../../libs/gateway/spec/fire-client.js';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { Room } from '../support/room.js';
import { freePort } from '../support/server-process.js';

const ROOM = 88_890;
const at = (loop: number, point: number): number => (point << 16) | loop;

/** [R3] A second detector on fire, after somebody took the first one for a false alarm. */
describe('another place on fire while the first alarm stands', () => {
  let centre: Centre;
  let api: ApiClient;
  let firePort: number;
  let deviceId: string;
  let first: Alarm;

  beforeAll(async () => {
    firePort = await freePort();
    centre = await Centre.start({ firePort });
    api = await centre.signIn();
    const { siteId } = await api.createSite();
    const device = { siteId, profile: 'fire.uitd', name: '消防控制室', address: String(ROOM) };
    ({ deviceId } = await api.post<NewDeviceReply>('/devices', device));
  }, 60_000);
  afterAll(() => centre.end());

  /** Over a connection of its own: what it says is on disk. */
  async function says(...adus: readonly Uint8Array[]): Promise<void> {
    const client = await FireClient.open(firePort, ROOM);
    for (const adu of adus) {
      client.send(client.frame(adu));
      await client.next();
    }
    client.socket.end();
    await client.untilClosed();
  }
  const fire = async (): Promise<Alarm | undefined> =>
    (await api.alarms('state=all')).find((alarm) => alarm.deviceId === deviceId && alarm.class === 'fire');
  const seen = async (message: string): Promise<Alarm> => {
    const found = await eventually(fire, (alarm) => alarm?.message === message, message);
    if (found === undefined) throw new Error(message);
    return found;
  };

  it('[AL146] [FI25] says where it is, is to be acknowledged anew, and sounds', async () => {
    await says(smokeDetector(at(10, 2), 2));
    first = await seen('火警：三层走廊 感烟火灾探测器 1-1-10/2');
    await api.post(`/alarms/${first.id}/acknowledge`, { eventId: first.eventId, comment: '误报' });
    const page = await Room.open(centre.server.url, api.token);
    await says(smokeDetector(at(10, 3), 2));
    const { event, alarm } = await page.event(({ event: { type } }) => type === 'reoccurred', 'the second');
    page.close();
    expect(event.annunciation).toBe('own');
    expect(alarm).toMatchObject({
      id: first.id,
      state: 'UNACK',
      ackedBy: null,
      message: '火警：三层走廊 感烟火灾探测器 1-1-10/3（共 2 处）',
      messageEn: 'Fire alarm: 三层走廊 感烟火灾探测器 1-1-10/3 (2 places)',
    });
    expect(alarm.eventId).not.toBe(first.eventId);
  }, 30_000);

  it('[FU9] [AL146] what was made of the first is nothing of the second, and a kill -9 changes neither', async () => {
    await centre.server.kill9();
    await centre.startAgain();
    api = await centre.signIn();
    const second = await seen('火警：三层走廊 感烟火灾探测器 1-1-10/3（共 2 处）');
    expect([second.state, second.id]).toEqual(['UNACK', first.id]);
    const path = `/alarms/${first.id}/acceptance`;
    const found = { eventId: first.eventId, confirmation: 'false', result: '油烟' };
    const record = await api.post<AcceptanceView>(path, found);
    expect(record).toMatchObject({ firstAlarmAt: first.raisedAt, information: first.message });
    expect(record.acceptedAt).not.toBeNull();
    const { items } = await api.get<Page<AcceptanceView>>(path);
    expect(items.map(({ eventId }) => eventId)).toEqual([first.eventId]);
    expect(await fire()).toMatchObject({ state: 'UNACK', eventId: second.eventId });

    // A third, after the restart and before anybody has seen the second: both wait.
    await says(smokeDetector(at(11, 1), 2));
    const third = await seen('火警：三层走廊 感烟火灾探测器 1-1-11/1（共 3 处）');
    expect(third.olderOccurrences.map(({ eventId }) => eventId)).toEqual([second.eventId]);
    await api.post(`/alarms/${first.id}/acknowledge`, { eventId: third.eventId });
    await api.post(`/alarms/${first.id}/acknowledge`, { eventId: second.eventId });
    expect(await fire()).toMatchObject({ state: 'ACKED', olderOccurrences: [] });
  }, 40_000);
});
