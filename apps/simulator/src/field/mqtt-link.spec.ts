import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { Random } from '../random.js';
import { SystemClock } from './clock.js';
import { DeviceClient } from './device-client.js';
import { MqttLink } from './mqtt-link.js';
import { Scheduler } from './scheduler.js';

/** A server on a real socket that says yes to everybody and acknowledges what the test lets it. */
class YesServer {
  readonly #server: Server = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();
  readonly received: { topic: string; payload: unknown }[] = [];
  readonly connects: { clientId: string; username: string | undefined; password: string | undefined }[] = [];
  acknowledges = true;
  #changed: () => void = () => undefined;

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when so many messages have come in. */
  async messages(count: number): Promise<void> {
    while (this.received.length < count) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const parser = mqttPacket.parser();
    parser.on('packet', (packet: Packet) => this.#answer(socket, packet));
    socket.on('data', (chunk) => parser.parse(chunk));
  }

  #answer(socket: Socket, packet: Packet): void {
    const send = (answer: Packet): void => void socket.write(mqttPacket.generate(answer));
    if (packet.cmd === 'connect') {
      const { clientId, username, password } = packet;
      this.connects.push({ clientId, username, password: password?.toString() });
      send({ cmd: 'connack', returnCode: 0, sessionPresent: false });
    }
    if (packet.cmd === 'subscribe') send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [1] });
    if (packet.cmd !== 'publish') return;
    this.received.push({ topic: packet.topic, payload: JSON.parse(packet.payload.toString()) as unknown });
    if (this.acknowledges) send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
    this.#changed();
  }
}

let server: YesServer;
let scheduler: Scheduler;
let client: DeviceClient;
let told: (what: string) => void = () => undefined;

const hearing = (wanted: string): Promise<void> =>
  new Promise((resolve) => {
    told = (what) => {
      if (what === wanted) resolve();
    };
  });

beforeEach(async () => {
  server = new YesServer();
  const url = await server.listen();
  scheduler = new Scheduler(new SystemClock());
  client = new DeviceClient(
    { deviceId: 'dev-1', boot: 'boot-1', random: new Random('x') },
    new MqttLink({ url, deviceId: 'dev-1', password: 'secret' }),
    scheduler,
    {
      connected: () => told('connected'),
      disconnected: () => told('disconnected'),
      acknowledged: () => told('acknowledged'),
      refused: () => told('refused'),
    },
  );
});

afterEach(async () => {
  scheduler.stop();
  const stopped = client.stop();
  await server.close();
  await stopped;
});

test('connects with the credential of the device', async () => {
  const connected = hearing('connected');
  client.start();
  await connected;
  expect(server.connects).toEqual([{ clientId: 'dev-1', username: 'dev-1', password: 'secret' }]);
});

test('what the server took without a word comes again as history when the line is back, and only so', async () => {
  const connected = hearing('connected');
  client.start();
  await connected;
  server.acknowledges = false;
  client.telemetry(1_000, { conc: 1 });
  await server.messages(1);

  const gone = hearing('disconnected');
  server.cut();
  await gone;
  client.telemetry(2_000, { conc: 2 });
  server.acknowledges = true;
  await server.messages(2);
  const acknowledged = hearing('acknowledged');
  await acknowledged;

  const telemetry = 'watchfire/v1/devices/dev-1/telemetry';
  const reading = (n: number): object => ({ values: { conc: n }, ts: n * 1_000, seq: n, boot: 'boot-1' });
  expect(server.received).toEqual([
    { topic: telemetry, payload: reading(1) },
    { topic: telemetry, payload: [1, 2].map((n) => ({ ...reading(n), hist: true })) },
  ]);
  expect(client.waiting).toBe(0);
});
