import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Journal } from '@watchfire/journal';
import { GatewayCounters } from '../src/counters.js';
import {
  DeviceDirectory,
  directoryDevice,
  type DeviceShape,
  type DirectoryDevice,
} from '../src/directory.js';
import { Intake } from '../src/intake.js';
import { gatewayLimits, type GatewayLimits } from '../src/limits.js';
import { MqttGateway, type GatewayDependencies } from '../src/mqtt-gateway.js';
import { Repeats } from '../src/repeats.js';
import { HeldJournal } from './held-journal.js';
import { RawClient } from './raw-client.js';

export const DEVICES = ['gas-1', 'gas-2', 'panel-1'] as const;

const PROFILE = {
  points: [
    { key: 'conc', type: 'number', min: -1_000, max: 1_000 },
    { key: 'fault', type: 'boolean' },
    { key: 'mode', type: 'string' },
  ],
  events: { alarm_button: { fault: true, gone: 1 } },
} as const;

/** Signs in with the password `secret-of-{id}` unless it has other credentials. */
export function testDevice(id: string, shape: Partial<DeviceShape> = {}): DirectoryDevice {
  const hash = `hash-of-secret-of-${id}`;
  const credentials = [{ id: `cred-${id}`, kind: 'password', hash, expiresAt: null }] as const;
  return directoryDevice({ id, disabled: false, credentials, ...shape }, PROFILE);
}

export function testDirectory(): DeviceDirectory {
  const directory = new DeviceDirectory();
  for (const id of DEVICES) {
    directory.upsert(testDevice(id));
  }
  directory.upsert(testDevice('off-1', { disabled: true }));
  return directory;
}

/** Time that stands still until it is moved, but for what really passes when `running`. */
export class TestClock {
  wall = 1_800_000_000_000;
  skippedMs = 0;
  now(): number {
    return this.wall;
  }
  monotonicMs(): number {
    return performance.now() + this.skippedMs;
  }
}

/** Nobody has sent a command, nobody has written an attribute. */
export const NOBODY = {
  commands: { replied: () => Promise.resolve(false) },
  attributesOf: () => ({ client: {}, shared: {} }),
};

/** A gateway on a free port with three devices, closed by `close`. */
export class Harness {
  readonly counters = new GatewayCounters();
  readonly directory = testDirectory();
  readonly clock = new TestClock();
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[] = [];
  gateway!: MqttGateway;
  intake!: Intake;
  port = 0;
  private http: Server | undefined;
  private readonly clients: RawClient[] = [];

  /** What the gateways of a spec are made with: conformance runs with the splitter on and off. */
  static splitter = true;

  private constructor(readonly journal: HeldJournal) {}

  static async start(
    limits: Partial<GatewayLimits> = {},
    journal?: Journal,
    more: Partial<GatewayDependencies> = {},
  ): Promise<Harness> {
    const harness = new Harness(new HeldJournal());
    const { counters, directory, clock, logged } = harness;
    const all = { ...gatewayLimits, ...limits };
    const used = journal ?? harness.journal;
    const repeats = new Repeats(() => undefined);
    harness.intake = new Intake({
      journal: used,
      directory,
      clock: () => clock.now(),
      limits: all,
      counters,
      repeats,
      ...NOBODY,
    });
    const logger = (level: string) => (fields: object, message: string) => {
      logged.push({ level, fields, message });
    };
    harness.gateway = await MqttGateway.create({
      journal: used,
      directory,
      intake: harness.intake,
      repeats,
      splitter: Harness.splitter,
      verifyCredential: (password, hash) => hash === `hash-of-${password}`,
      clock,
      limits: all,
      counters,
      log: { info: logger('info'), warn: logger('warn'), error: logger('error') },
      ...more,
    });
    harness.port = await harness.gateway.listen(0, '127.0.0.1');
    return harness;
  }

  async client(): Promise<RawClient> {
    const client = await RawClient.open(this.port);
    this.clients.push(client);
    return client;
  }

  async device(deviceId: string): Promise<RawClient> {
    const client = await this.client();
    await client.signIn(deviceId);
    return client;
  }

  /** An HTTP server with the gateway at `/mqtt`; answers its port. */
  async webSocketPort(): Promise<number> {
    const server = createServer();
    this.http = server;
    this.gateway.attach(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  get httpServer(): Server | undefined {
    return this.http;
  }

  async close(): Promise<void> {
    this.journal.fail(undefined);
    this.journal.drain();
    this.journal.release();
    for (const client of this.clients) client.socket.destroy();
    await this.gateway.stop();
    this.http?.closeAllConnections();
    this.http?.close();
  }
}

/** Resolves when the condition holds, looked at every turn of the loop; for state that has no event. Bounded in time. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
