import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Alarm,
  type CommandView,
  type FireComponentView,
  type NewDeviceReply,
  type Page,
  type QuarantineView,
} from '@watchfire/contracts';
import { COMMAND, encodeAdu, type Frame, timeLabel } from '@watchfire/protocol';
import { FireClient, smokeDetector } from '../../libs/gateway/spec/fire-client.js';
import { type ApiClient } from '../support/api-client.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/server-process.js';

const ROOM = 88_889;
const EMPTY = new Uint8Array();

/** [R3] A transmission device that is already installed, over real TCP, and the alarms that the centre sees. */
describe('a fire-control room over GB/T 26875.3', () => {
  let centre: Centre;
  let api: ApiClient;
  let firePort: number;
  let siteId: string;
  let deviceId: string;
  const clients: FireClient[] = [];

  beforeAll(async () => {
    firePort = await freePort();
    centre = await Centre.start({ firePort });
    api = await centre.signIn();
    ({ siteId } = await api.createSite());
    const device = { siteId, profile: 'fire.uitd', name: '消防控制室', address: String(ROOM) };
    const made = await api.post<NewDeviceReply>('/devices', device);
    // It cannot sign in anywhere: the wire knows no credentials.
    expect(made.credential ?? null).toBeNull();
    deviceId = made.deviceId;
  }, 60_000);
  afterAll(() => centre.end());

  /** Three take-overs in ten minutes would be an alarm of their own. */
  afterEach(async () => {
    for (const client of clients.splice(0)) {
      client.socket.end();
      await client.untilClosed();
    }
  });

  async function room(source = ROOM): Promise<FireClient> {
    const client = await FireClient.open(firePort, source);
    clients.push(client);
    return client;
  }
  async function said(client: FireClient, adu: Uint8Array): Promise<Frame> {
    client.send(client.frame(adu));
    return client.next();
  }
  const alarms = async (): Promise<string[]> => {
    const { items } = await api.get<Page<Alarm>>('/alarms?state=active');
    return items
      .filter((alarm) => alarm.deviceId === deviceId)
      .map(({ class: of }) => of)
      .sort();
  };
  const seen = (wanted: readonly string[]) =>
    eventually(alarms, (found) => found.join() === wanted.join(), `the alarms ${wanted.join()}`);

  it('[FI16] a fire bit is an alarm of class fire, a fault trouble, a shield shield, and each ends with its bit', async () => {
    const client = await room();
    expect((await said(client, EMPTY)).command).toBe(COMMAND.confirm);
    expect((await said(client, smokeDetector(7, 2))).command).toBe(COMMAND.confirm);
    await seen(['fire']);
    await said(client, smokeDetector(8, 0b1_1101));
    await seen(['fire', 'shield', 'supervisory', 'trouble']);
    await said(client, smokeDetector(8, 1));
    await seen(['fire']);
    const { connection } = await api.get<{ connection: string }>(`/devices/${deviceId}`);
    expect(connection).toBe('online');
  });

  it('[FI16] what was confirmed is there after a kill -9, and one detector does not end the fire of another', async () => {
    const client = await room();
    await said(client, smokeDetector(9, 2));
    const last = client.frame(smokeDetector(10, 4));
    client.send(last);
    await client.next();
    await centre.server.kill9();
    await centre.startAgain();
    api = await centre.signIn();
    await seen(['fire', 'trouble']);
    const again = await room();
    await said(again, smokeDetector(9, 1));
    await said(again, smokeDetector(10, 1));
    await seen(['fire']);
    await said(again, smokeDetector(7, 1));
    await seen([]);
  });

  it('[FU5] a component that nobody has entered appears by itself, in the state that it told', async () => {
    await api.put(`/fire-units/${siteId}`, { kind: 'hospital' });
    const client = await room();
    await said(client, smokeDetector(0x0011_0003, 3));
    const { items } = await eventually(
      () => api.get<Page<FireComponentView>>(`/fire-units/${siteId}/components?limit=100`),
      (page) => page.items.some(({ addressText }) => addressText === '3/17'),
      'the component',
    );
    expect(items.find(({ addressText }) => addressText === '3/17')).toMatchObject({
      deviceId,
      typeName: '感烟火灾探测器',
      description: '三层走廊',
      states: [{ key: 'fire', name: '火警', nameEn: 'Fire alarm' }],
      condition: 'fire',
    });
    await said(client, smokeDetector(0x0011_0003, 1));
    await seen([]);
  });

  it('[FI20] the alarm key is a fire of the unit until it is reset', async () => {
    const client = await room();
    const key = (operations: number): Uint8Array => {
      const time = timeLabel(Date.parse('2026-11-28T10:00:00+08:00'));
      return encodeAdu('device-operation', [{ operations, operator: 1, time }]);
    };
    await said(client, key(0b100));
    await seen(['fire']);
    await said(client, key(0b1));
    await seen([]);
  });

  it('[FI21] a person asks over the API, and is told what the device answered', async () => {
    const client = await room();
    await said(client, EMPTY);
    const asked = { command: 'read_version', params: {}, reason: '巡检' };
    const { id } = await api.post<CommandView>(`/devices/${deviceId}/commands`, asked);
    const request = await client.next();
    expect([request.command, ...request.adu]).toEqual([COMMAND.request, 85, 1, 0]);
    const version = encodeAdu('device-version', [{ major: 2, minor: 5 }]);
    client.send(client.frame(version, { command: COMMAND.reply, serial: request.serial }));
    const view = await eventually(
      async () => (await api.get<Page<CommandView>>(`/devices/${deviceId}/commands`)).items[0],
      (newest) => newest?.id === id && newest.state === 'succeeded',
      'the answer',
    );
    expect(view?.reply).toMatchObject({
      ok: true,
      data: { objects: [{ kind: 'device-version', major: 2, minor: 5 }] },
    });
  });

  it('[FI18] an unknown address is in quarantine, and one registration away from being heard', async () => {
    const stranger = await room(4_711);
    stranger.send(stranger.frame(smokeDetector(1, 2)));
    const { items } = await eventually(
      () => api.get<Page<QuarantineView>>('/quarantine'),
      (page) => page.items.length > 0,
      'the quarantine',
    );
    expect(items).toMatchObject([{ wireName: '4711', gatewayId: null }]);
    const registration = { siteId, profile: 'fire.uitd', name: '第二控制室' };
    const made = await api.post<NewDeviceReply>(`/quarantine/${items[0]?.id}/register`, registration);
    stranger.send(stranger.frame(smokeDetector(1, 2)));
    expect((await stranger.next()).command).toBe(COMMAND.confirm);
    await eventually(
      () => api.get<Page<Alarm>>('/alarms?state=active'),
      (page) => page.items.some((alarm) => alarm.deviceId === made.deviceId && alarm.class === 'fire'),
      'its fire',
    );
  });
});
