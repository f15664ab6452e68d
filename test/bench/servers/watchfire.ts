import { existsSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from '../child-process.js';
import { freePort } from '../free-port.js';
import { type Acknowledged } from '../ingest-load.js';
import { type Credential } from '../mqtt-frames.js';
import { cpuMicros } from '../process-cpu.js';
import { type ServerUnderTest, type Verification } from './server-under-test.js';
import { WatchfireApi } from './watchfire-api.js';

const MAIN = fileURLToPath(new URL('../../../apps/server/src/main.js', import.meta.url));
const STORED_WITHIN_MS = 60_000;
const POLL_MS = 20;
/** Names of counters that say what the server did not just take. */
const REFUSAL =
  /refused|failures|dead_letters|suppressed|timeouts|paused|waited|held|shed|errors|mqtt_closed/;

export function watchfireIsBuilt(): boolean {
  return existsSync(MAIN);
}

/** The built server with its default configuration, on an empty data folder. */
export async function startWatchfire(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Watchfire> {
  const password = randomBytes(18).toString('base64url');
  const [http, mqtt] = [await freePort(), await freePort()];
  const child = await Child.start({
    command: process.execPath,
    args: ['--enable-source-maps', MAIN],
    env: {
      WATCHFIRE_DATA: join(folder, 'watchfire'),
      WATCHFIRE_HTTP_PORT: String(http),
      WATCHFIRE_MQTT_PORT: String(mqtt),
      WATCHFIRE_FIRE_PORT: '0',
      WATCHFIRE_ADMIN_PASSWORD: password,
      WATCHFIRE_LOG_LEVEL: 'warn',
      ...environment,
    },
    ready: /^Watchfire ready /,
  });
  try {
    const url = `http://127.0.0.1:${http}`;
    const api = await WatchfireApi.signIn(url, 'admin', password);
    return new Watchfire(child, mqtt, { url, api, siteId: await api.createSite() });
  } catch (error) {
    await child.stop();
    throw error;
  }
}

interface Access {
  readonly url: string;
  readonly api: WatchfireApi;
  readonly siteId: string;
}

export class Watchfire implements ServerUnderTest {
  readonly name = 'watchfire';
  /** `maxConnectionsPerDevice` of the server: no more are let in. */
  readonly connectionsPerDevice = 4;
  readonly promise =
    'on disk (fsync) before PUBACK, and decoded, evaluated by the alarm engine, stored in history';
  readonly #devices = new Map<string, Credential>();
  readonly #sensitive = new Set<string>();

  constructor(
    private readonly child: Child,
    readonly mqttPort: number,
    private readonly access: Access,
  ) {}

  get pid(): number {
    return this.child.pid;
  }

  async devices(prefix: string, count: number): Promise<readonly Credential[]> {
    const ids = Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`);
    const missing = ids.filter((id) => !this.#devices.has(id));
    for (const credential of await this.access.api.createDevices(this.access.siteId, missing))
      this.#devices.set(credential.clientId, credential);
    return ids.map((id) => this.#devices.get(id) as Credential);
  }

  /** Without the delay of a minute that a gas alarm has before it returns, so that each crossing is an event at once. */
  async alarmsOf(probes: readonly Credential[]) {
    for (const { clientId } of probes) {
      if (this.#sensitive.has(clientId)) continue;
      await this.access.api.removeDelays(clientId);
      this.#sensitive.add(clientId);
    }
    return { kind: 'control-room', url: this.access.url, token: this.access.api.token } as const;
  }

  /** Records that InfluxDB has not taken; 0 where there is none. */
  async backlog(): Promise<number> {
    return (await this.access.api.gauge('influx_backlog_records')) ?? 0;
  }

  refusals(): Promise<ReadonlyMap<string, number>> {
    return this.access.api.counters(REFUSAL);
  }

  async verify(acknowledged: readonly Acknowledged[], patienceMs = STORED_WITHIN_MS): Promise<Verification> {
    const from = performance.now();
    const sample = [0.1, 0.5, 0.9].map((share) => acknowledged[Math.floor(share * acknowledged.length)]);
    for (const device of sample) {
      if (device === undefined) continue;
      while ((await this.access.api.storedReadings(device)) < device.messages) {
        if (performance.now() - from > patienceMs) break;
        await sleep(POLL_MS);
      }
    }
    const caughtUpMs = performance.now() - from;
    const cpuMicrosAtStored = cpuMicros(this.pid) ?? null;
    const stored = await this.access.api.countAll(acknowledged);
    let lost = 0;
    let surplus = 0;
    for (const [index, { messages }] of acknowledged.entries()) {
      lost += Math.max(0, messages - (stored[index] ?? 0));
      surplus += Math.max(0, (stored[index] ?? 0) - messages);
    }
    return { lost, surplus, caughtUpMs, cpuMicrosAtStored };
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
