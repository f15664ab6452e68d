import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { errorsTopic, type NewDeviceReply, telemetryTopic } from '@watchfire/contracts';
import { type MqttClient } from 'mqtt';
import { ClientsCentre, Heard } from './support/clients-centre.js';

/** Devices that exist already, with the client and in the dialect that they have. */
describe.each([
  ['in front of the broker', true],
  ['through the broker', false],
])('publishes taken %s', (_where, splitter) => {
  let centre: ClientsCentre;
  const base = Date.now() - 3_600_000;
  const says = (client: MqttClient, topic: string, body: object): Promise<unknown> =>
    client.publishAsync(topic, JSON.stringify(body), { qos: 1 });

  beforeAll(async () => {
    centre = await ClientsCentre.start(splitter);
  }, 90_000);
  afterEach(() => centre.endClients());
  afterAll(async () => {
    await centre?.end();
  });

  describe.each(['TCP', 'TLS', 'WebSocket'] as const)('MQTT.js over %s', (transport) => {
    const id = `mqttjs-${transport}`;
    let device: NewDeviceReply;
    beforeAll(async () => {
      device = await centre.device(id);
    });
    const connect = async (): Promise<MqttClient> => {
      const { username, password } = device.credential;
      switch (transport) {
        case 'TCP':
          return centre.connect({ username, password });
        case 'TLS': {
          const url = `mqtts://localhost:${centre.tls.port}`;
          return centre.connect({ username, password, ca: await centre.ca() }, url);
        }
        case 'WebSocket':
          return centre.connect({ username, password }, centre.webSocketUrl);
      }
    };

    it('publishes at QoS 0, 1 and 2, hears what is refused, and answers a command', async () => {
      const before = await centre.journalled();
      const client = await connect();
      const heard = new Heard(client);
      const commands = `watchfire/v1/devices/${id}/commands`;
      await client.subscribeAsync([errorsTopic(id), `${commands}/#`], { qos: 1 });
      for (const qos of [0, 1, 2] as const) {
        const message = { ts: base + qos, values: { conc: qos } };
        await client.publishAsync(telemetryTopic(id), JSON.stringify(message), { qos });
      }
      expect(await centre.history(`${id}.conc`, 3)).toEqual([0, 1, 2].map((n) => [base + n, n]));
      expect(await centre.journalled()).toBe(before + 3);

      await says(client, telemetryTopic(id), { values: { nonsense: 1 } });
      expect((await heard.on(/errors$/)).body).toMatchObject({ code: 'unknown_point' });

      const command = await centre.command(id, 'close_valve');
      const { topic, body } = await heard.on(/commands/);
      expect(topic).toBe(`${commands}/${command.id}`);
      expect(body).toEqual({ command: 'close_valve', params: {}, expires: command.expires });
      await says(client, `${topic}/reply`, { ok: false, data: { why: 'stuck' } });
      expect(await centre.ended(command)).toMatchObject({
        state: 'failed',
        reply: { data: { why: 'stuck' } },
      });
    });
  });

  describe('ThingsBoard', () => {
    it('signs in with its token, tells telemetry and attributes, asks for them, and answers RPC', async () => {
      const { credential } = await centre.device('tb', { dialect: 'thingsboard' });
      const before = await centre.journalled();
      const client = await centre.connect({ username: credential.username });
      const heard = new Heard(client);
      await client.subscribeAsync(
        ['v1/devices/me/rpc/request/+', 'v1/devices/me/attributes', 'v1/devices/me/attributes/response/+'],
        { qos: 1 },
      );
      await says(client, 'v1/devices/me/telemetry', { ts: base, values: { conc: 1 } });
      await says(client, 'v1/devices/me/telemetry', [{ ts: base + 1, values: { conc: 2 } }]);
      const from = Date.now();
      await says(client, 'v1/devices/me/telemetry', { conc: 3 });
      const points = await centre.history('tb.conc', 3);
      expect(points.slice(0, 2)).toEqual([
        [base, 1],
        [base + 1, 2],
      ]);
      expect(points[2]?.[1]).toBe(3);
      expect(points[2]?.[0]).toBeGreaterThanOrEqual(from - 1_000);
      expect(await centre.journalled()).toBe(before + 3);

      await says(client, 'v1/devices/me/attributes', { firmware: '1.2.0' });
      await says(client, 'v1/devices/me/attributes/request/1', { clientKeys: 'firmware' });
      const { topic, body } = await heard.on(/attributes\/response/);
      expect({ topic, body }).toEqual({
        topic: 'v1/devices/me/attributes/response/1',
        body: { client: { firmware: '1.2.0' } },
      });

      const command = await centre.command('tb', 'silence', { seconds: 60 });
      const request = await heard.on(/rpc\/request/);
      expect(request.body).toEqual({ method: 'silence', params: { seconds: 60 } });
      await says(client, request.topic.replace('request', 'response'), { silenced: true });
      expect(await centre.ended(command)).toMatchObject({
        state: 'succeeded',
        reply: { data: { silenced: true } },
      });

      // The protocol knows no reply to a shared attribute: what has been written is done.
      const write = await centre.command('tb', 'write_attributes', { limit: 40 });
      expect((await heard.on(/me\/attributes$/)).body).toEqual({ limit: 40 });
      expect(await centre.ended(write)).toMatchObject({ state: 'succeeded' });
    });

    it('speaks as a gateway for the devices behind it, and a command waits for the gateway', async () => {
      const { credential } = await centre.device('tb-gateway', { dialect: 'thingsboard' });
      const behind = { gatewayId: 'tb-gateway', wireName: 'Gas 17', dialect: 'thingsboard' };
      await centre.device('tb-child', behind);
      const command = await centre.command('tb-child', 'silence');
      expect(command).toMatchObject({ state: 'accepted' });

      const client = await centre.connect({ username: credential.username });
      const heard = new Heard(client);
      await client.subscribeAsync(['v1/gateway/rpc', 'v1/gateway/attributes'], { qos: 1 });
      const request = await heard.on(/gateway\/rpc/);
      expect(request.body).toMatchObject({ device: 'Gas 17', data: { method: 'silence' } });
      const { id } = request.body['data'] as { id: number };
      await says(client, 'v1/gateway/rpc', { device: 'Gas 17', id, data: { ok: true } });
      expect(await centre.ended(command)).toMatchObject({ state: 'succeeded' });

      await says(client, 'v1/gateway/connect', { device: 'Gas 17' });
      await says(client, 'v1/gateway/telemetry', { 'Gas 17': [{ ts: base, values: { conc: 4 } }] });
      expect(await centre.history('tb-child.conc', 1)).toEqual([[base, 4]]);
      await says(client, 'v1/gateway/telemetry', { Stranger: [{ ts: base, values: { conc: 4 } }] });
      const [letter] = await centre.deadLetters('tb-gateway');
      expect(letter).toMatchObject({ code: 'unknown_child' });
    });
  });

  it('JetLinks signs its login, reports, and invokes functions without having subscribed', async () => {
    const { credential } = await centre.device('jl', { dialect: 'jetlinks' });
    const before = await centre.journalled();
    const username = `${credential.username}|${Date.now()}`;
    const password = createHash('md5').update(`${username}|${credential.password}`).digest('hex');
    const client = await centre.connect({ clientId: 'jl', username, password });
    const heard = new Heard(client);
    await says(client, '/gas/jl/properties/report', {
      messageId: '1',
      timestamp: base,
      properties: { conc: 5 },
    });
    expect(await centre.history('jl.conc', 1)).toEqual([[base, 5]]);
    expect(await centre.journalled()).toBe(before + 1);
    const command = await centre.command('jl', 'silence', { seconds: 60 });
    const { topic, body } = await heard.on(/function\/invoke/);
    expect(topic).toBe('/gas/jl/function/invoke');
    expect(body).toMatchObject({ functionId: 'silence', inputs: [{ name: 'seconds', value: 60 }] });
    await says(client, `${topic}/reply`, { messageId: body['messageId'], success: true, output: 'ok' });
    expect(await centre.ended(command)).toMatchObject({ state: 'succeeded' });
  });

  it('Alibaba posts properties and is replied, refused too, and serves a service', async () => {
    const { credential } = await centre.device('ali');
    const { username, password } = credential;
    const before = await centre.journalled();
    const client = await centre.connect({ username, password });
    const heard = new Heard(client);
    const thing = '/sys/pk/ali/thing';
    await client.subscribeAsync([`${thing}/event/property/post_reply`, `${thing}/service/silence`]);
    const post = { id: '123', version: '1.0', params: { conc: { value: 6, time: base } } };
    await says(client, `${thing}/event/property/post`, post);
    expect((await heard.on(/post_reply$/)).body).toMatchObject({ id: '123', code: 200 });
    expect(await centre.history('ali.conc', 1)).toEqual([[base, 6]]);
    expect(await centre.journalled()).toBe(before + 1);
    heard.messages.length = 0;
    await says(client, `${thing}/event/property/post`, { ...post, id: '124', params: { nonsense: 1 } });
    expect((await heard.on(/post_reply$/)).body).toMatchObject({ id: '124', code: 460 });
    const command = await centre.command('ali', 'silence', { seconds: 60 });
    const { topic, body } = await heard.on(/service/);
    expect(topic).toBe(`${thing}/service/silence`);
    expect(body).toMatchObject({ params: { seconds: 60 } });
    await says(client, `${topic}_reply`, { id: body['id'], code: 200, data: {} });
    expect(await centre.ended(command)).toMatchObject({ state: 'succeeded' });
  });

  it('Huawei reports properties and responds to a command', async () => {
    const { credential } = await centre.device('hw');
    const { username, password } = credential;
    const before = await centre.journalled();
    const client = await centre.connect({ username, password });
    const heard = new Heard(client);
    const sys = '$oc/devices/hw/sys';
    await client.subscribeAsync(`${sys}/commands/#`, { qos: 1 });
    const at = Math.floor(base / 1_000) * 1_000;
    const eventTime = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
    const service = { service_id: 'gas', properties: { conc: 7 }, event_time: eventTime };
    await says(client, `${sys}/properties/report`, { services: [service] });
    expect(await centre.history('hw.conc', 1)).toEqual([[at, 7]]);
    expect(await centre.journalled()).toBe(before + 1);
    const command = await centre.command('hw', 'silence', { service_id: 'gas', seconds: 60 });
    const { topic, body } = await heard.on(/request_id=/);
    expect(body).toMatchObject({ command_name: 'silence', service_id: 'gas', paras: { seconds: 60 } });
    const response = topic.replace('commands/request_id', 'commands/response/request_id');
    await says(client, response, { result_code: 0, response_name: 'COMMAND_RESPONSE', paras: {} });
    expect(await centre.ended(command)).toMatchObject({ state: 'succeeded' });
  });

  it('OneNET posts properties and is replied, refused too, and is invoked', async () => {
    const { credential } = await centre.device('onenet');
    const { username, password } = credential;
    const before = await centre.journalled();
    const client = await centre.connect({ username, password });
    const heard = new Heard(client);
    const thing = '$sys/pid/onenet/thing';
    await client.subscribeAsync([`${thing}/property/post/reply`, `${thing}/service/+/invoke`]);
    const post = { id: '123', version: '1.0', params: { conc: { value: 8, time: base } } };
    await says(client, `${thing}/property/post`, post);
    expect((await heard.on(/post\/reply$/)).body).toMatchObject({ id: '123', code: 200 });
    expect(await centre.history('onenet.conc', 1)).toEqual([[base, 8]]);
    expect(await centre.journalled()).toBe(before + 1);
    heard.messages.length = 0;
    await says(client, `${thing}/property/post`, { ...post, id: '124', params: { nonsense: { value: 1 } } });
    expect((await heard.on(/post\/reply$/)).body).toMatchObject({ id: '124', code: 400 });
    const command = await centre.command('onenet', 'silence');
    const { topic, body } = await heard.on(/invoke$/);
    expect(topic).toBe(`${thing}/service/silence/invoke`);
    await says(client, `${topic}_reply`, { id: body['id'], code: 200, msg: 'success', data: {} });
    expect(await centre.ended(command)).toMatchObject({ state: 'succeeded' });
  });
});
