import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Alarm,
  type AlarmEvent,
  type NewDeviceReply,
  type Page,
  telemetryTopic,
} from '@watchfire/contracts';
import { type MqttClient } from 'mqtt';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { Room } from '../support/room.js';

/** One reading goes from a device to a screen, an operator acts on it, and the server may die at any moment. */
describe('the main job', () => {
  let centre: Centre;
  let api: ApiClient;
  let room: Room;
  let detector: NewDeviceReply;
  let mqtt: MqttClient;

  beforeAll(async () => {
    centre = await Centre.start();
    api = await centre.signIn();
    const { siteId } = await api.createSite();
    detector = await api.createDevice(siteId, 'gas.lel.point', 'gas-1');
    mqtt = await centre.connect(detector.credential);
    room = await Room.open(centre.server.url, api.token);
  }, 60_000);
  afterAll(async () => {
    room.close();
    mqtt.end(true);
    await centre.end();
  });

  const publish = (conc: number): Promise<unknown> =>
    mqtt.publishAsync(telemetryTopic('gas-1'), JSON.stringify({ values: { conc } }), { qos: 1 });
  const gasEvent = (type: AlarmEvent['type'], level: string) =>
    room.event(
      ({ event, alarm }) => event.type === type && alarm.deviceId === 'gas-1' && alarm.level === level,
      `${type} ${level}`,
    );

  it('shows an alarm within a second, with everything an operator needs', async () => {
    const sent = performance.now();
    await publish(32);
    const { alarm, offset, at } = await gasEvent('raised', 'H');
    expect(at - sent).toBeLessThan(1_000);
    expect(offset).toBeGreaterThan(0);
    expect(alarm).toMatchObject({
      deviceId: 'gas-1',
      pointId: 'gas-1.conc',
      class: 'gas',
      state: 'UNACK',
      priority: 'orange',
      value: 32,
      limit: 25,
      unit: '%LEL',
      siteName: 'Test site',
      active: true,
      acked: false,
      shelvedUntil: null,
    });
    expect(alarm.message).toContain('32');
  });

  it('acknowledges by event id only', async () => {
    const [alarm] = await api.alarms('state=unacknowledged');
    if (alarm === undefined) throw new Error('no alarm');
    const stale = await api.request('POST', `/alarms/${alarm.id}/acknowledge`, { eventId: 'another' });
    expect(stale).toMatchObject({ status: 409, body: { code: 'event_id_unknown' } });
    const acknowledged = await api.post<Alarm>(`/alarms/${alarm.id}/acknowledge`, { eventId: alarm.eventId });
    expect(acknowledged).toMatchObject({ state: 'ACKED', ackedBy: 'admin', acked: true });
    await gasEvent('acknowledged', 'H');
  });

  it('raises it again when it gets worse after the acknowledgement', async () => {
    await publish(61);
    const { alarm } = await gasEvent('level-changed', 'HH');
    expect(alarm).toMatchObject({ state: 'UNACK', priority: 'red', limit: 50 });
  });

  it('keeps alarms, ids and acknowledgements over kill -9, and sends a page what it missed', async () => {
    const before = await api.alarms();
    const seen = room.offset;
    if (seen === undefined) throw new Error('the page has no offset');
    await centre.server.kill9();
    await centre.startAgain();
    const after = await api.alarms();
    const [alarm] = before;
    const [restated] = after;
    if (alarm === undefined || restated === undefined) throw new Error('no alarm');
    // What nobody has acknowledged is announced again after a restart, marked as restated, and counts from then on.
    const { restatedAt, reAlarmAt } = restated;
    expect(restatedAt).toEqual(expect.any(Number));
    expect(after).toEqual([{ ...alarm, restatedAt, reAlarmAt }, ...before.slice(1)]);

    await api.post(`/alarms/${alarm.id}/acknowledge`, { eventId: alarm.eventId });
    room = await Room.open(centre.server.url, api.token, seen);
    const missed = await room.event(({ event }) => event.type === 'acknowledged', 'the missed event');
    // Behind the one that restated it.
    expect(missed.offset).toBe(seen + 2);
    expect(room.gaps).toEqual([]);
    expect(room.refreshed.size).toBe(0);
  });

  it('serves the history of the point and of the alarm, with stage times', async () => {
    const now = Date.now();
    const { points } = await api.history('gas-1.conc', now - 600_000, now + 600_000);
    expect(points.map(([, value]) => value)).toEqual([32, 61]);
    const [alarm] = await api.alarms();
    const events = await api.get<Page<AlarmEvent & { stages?: Record<string, number> }>>(
      `/alarms/${alarm?.id}/events`,
    );
    expect(events.items.map(({ type }) => type)).toEqual([
      'raised',
      'acknowledged',
      'level-changed',
      'restated',
      'acknowledged',
    ]);
  });

  it('ends with exit code 0 on SIGTERM', async () => {
    expect(await centre.server.terminate()).toBe(0);
  });
});
