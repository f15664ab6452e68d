import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CommandView,
  type DeadLetterView,
  type NewDeviceReply,
  type Page,
  type Value,
} from '@watchfire/contracts';
import { type IClientOptions, connectAsync, type MqttClient } from 'mqtt';
import { Authority } from '../../../libs/gateway/spec/certificates.js';
import { type ApiClient } from '../../support/api-client.js';
import { Centre } from '../../support/centre.js';
import { historyOf } from '../../support/device-stream.js';
import { eventually } from '../../support/eventually.js';
import { freePort, temporaryFolder } from '../../support/server-process.js';

/** A centre with a TLS port, the splitter on or off, and a site for gas detectors that speak anything. */
export class ClientsCentre {
  readonly #clients: MqttClient[] = [];

  private constructor(
    readonly centre: Centre,
    public api: ApiClient,
    private readonly siteId: string,
    /** The port, and the file of the CA that has issued the server's certificate. */
    readonly tls: { readonly port: number; readonly caFile: string },
    private readonly remove: () => Promise<void>,
  ) {}

  static async start(splitter: boolean): Promise<ClientsCentre> {
    const folder = await temporaryFolder();
    const file = (name: string): string => join(folder.path, name);
    const authority = await Authority.create('CA of a test');
    const { cert, key } = await authority.server();
    const tlsPort = await freePort();
    await writeFile(file('ca.pem'), authority.pem);
    await writeFile(file('server.pem'), cert);
    await writeFile(file('server.key'), key);
    const tls = `{ port: ${tlsPort}, certificate: ${file('server.pem')}, key: ${file('server.key')} }`;
    await writeFile(file('watchfire.yaml'), `mqtt:\n  splitter: ${splitter}\n  tls: ${tls}\n`);
    const centre = await Centre.start({ env: { WATCHFIRE_CONFIG: file('watchfire.yaml') } });
    const api = await centre.signIn();
    const { siteId } = await api.createSite();
    return new ClientsCentre(centre, api, siteId, { port: tlsPort, caFile: file('ca.pem') }, folder.remove);
  }

  get mqttPort(): string {
    return String(this.centre.options.mqttPort);
  }

  get webSocketUrl(): string {
    return `ws://127.0.0.1:${this.centre.options.httpPort}/mqtt`;
  }

  ca(): Promise<Buffer> {
    return readFile(this.tls.caFile);
  }

  device(deviceId: string, more: object = {}): Promise<NewDeviceReply> {
    const body = { siteId: this.siteId, profile: 'gas.lel.point', name: deviceId, deviceId, ...more };
    return this.api.post<NewDeviceReply>('/devices', body);
  }

  /** A client of MQTT.js that ends with the test. */
  async connect(options: IClientOptions, url = this.centre.server.mqttUrl): Promise<MqttClient> {
    const client = await connectAsync(url, { reconnectPeriod: 0, connectTimeout: 10_000, ...options });
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** The whole history of a point, when it has so many values. */
  history(pointId: string, count: number): Promise<readonly (readonly [number, Value])[]> {
    return historyOf(this.api, pointId, count);
  }

  /** Readings and events that the server has put on disk since it started. */
  async journalled(): Promise<number> {
    const text = await (await fetch(`${this.centre.server.url}/metrics`)).text();
    return Number(/^watchfire_mqtt_journalled_total (\d+)$/m.exec(text)?.[1]);
  }

  async deadLetters(deviceId: string): Promise<readonly DeadLetterView[]> {
    const { items } = await this.api.get<Page<DeadLetterView>>('/dead-letters?limit=1000');
    return items.filter((letter) => letter.deviceId === deviceId);
  }

  command(deviceId: string, command: string, params: object = {}): Promise<CommandView> {
    return this.api.post<CommandView>(`/devices/${deviceId}/commands`, { command, params, reason: 'a test' });
  }

  /** The command when it has reached a state in which it stays. */
  ended({ id, deviceId }: CommandView): Promise<CommandView> {
    const ask = async (): Promise<CommandView> => {
      const { items } = await this.api.get<Page<CommandView>>(`/devices/${deviceId}/commands`);
      const found = items.find((each) => each.id === id);
      if (found === undefined) throw new Error(`no command ${id}`);
      return found;
    };
    return eventually(ask, ({ state }) => state !== 'accepted' && state !== 'sent', 'the end of a command');
  }

  endClients(): void {
    for (const client of this.#clients.splice(0)) client.end(true);
  }

  async end(): Promise<void> {
    this.endClients();
    await this.centre.end();
    await this.remove();
  }
}

/** Everything that a client hears, as text, by topic in order. */
export class Heard {
  readonly messages: { readonly topic: string; readonly payload: string }[] = [];

  constructor(client: MqttClient) {
    client.on('message', (topic, payload) => this.messages.push({ topic, payload: payload.toString() }));
  }

  /** The first message on a topic that matches, as JSON. */
  async on(topic: RegExp): Promise<{ readonly topic: string; readonly body: Record<string, unknown> }> {
    const find = (): { topic: string; payload: string } | undefined =>
      this.messages.find((message) => topic.test(message.topic));
    await eventually(find, (message) => message !== undefined, `a message on ${topic.source}`);
    const message = find() ?? { topic: '', payload: 'null' };
    return { topic: message.topic, body: JSON.parse(message.payload) as Record<string, unknown> };
  }
}
