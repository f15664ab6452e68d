import { type Acknowledged } from '../ingest-load.js';
import { type Credential } from '../mqtt-frames.js';
import { POINT_KEY } from '../telemetry-frames.js';

const AT_ONCE = 8;
const PROFILE = 'gas.lel.point';
/** 25 and 50 %LEL on the point that the load publishes. */
const RULE = 'conc-high';
const TIMEOUT_MS = 30_000;

/** The few calls of the REST interface that the bench needs: put devices into service, read back what was stored. */
export class WatchfireApi {
  #second: Promise<WatchfireApi> | undefined;

  private constructor(
    private readonly url: string,
    readonly token: string,
  ) {}

  static async signIn(url: string, username: string, password: string): Promise<WatchfireApi> {
    const anonymous = new WatchfireApi(url, '');
    const reply = (await anonymous.#call('POST', '/auth/login', { username, password })) as {
      accessToken: string;
    };
    return new WatchfireApi(url, reply.accessToken);
  }

  async createSite(): Promise<string> {
    const enterprise = (await this.#call('POST', '/enterprises', { name: 'Bench' })) as { id: string };
    const site = (await this.#call('POST', '/sites', { enterpriseId: enterprise.id, name: 'Bench' })) as {
      id: string;
    };
    return site.id;
  }

  async createDevices(siteId: string, ids: readonly string[]): Promise<readonly Credential[]> {
    return inLanes(ids, async (deviceId) => {
      const body = { siteId, profile: PROFILE, name: deviceId, deviceId };
      const reply = (await this.#call('POST', '/devices', body)) as {
        credential: { username: string; password: string };
      };
      return { clientId: deviceId, ...reply.credential };
    });
  }

  /** Lets the gas alarm of the device raise and return without delay: that takes two people. */
  async removeDelays(deviceId: string): Promise<void> {
    const body = { onDelayMs: 0, offDelayMs: 0, reason: 'Bench: every crossing is an event at once.' };
    const request = await this.#call('PUT', `/devices/${deviceId}/rules/${RULE}`, body);
    this.#second ??= this.#secondPerson();
    const second = await this.#second;
    await second.#call('POST', `/approvals/${(request as { id: string }).id}/approve`, {});
  }

  async #secondPerson(): Promise<WatchfireApi> {
    const person = { username: 'bench-second', password: 'agrees-in-a-bench' };
    await this.#call('POST', '/users', { ...person, displayName: 'Second', role: 'supervisor' });
    return WatchfireApi.signIn(this.url, person.username, person.password);
  }

  /** How many readings of that device and time are in history. */
  async storedReadings({ deviceId, fromTs, toTs }: Acknowledged): Promise<number> {
    const every = toTs - fromTs + 2;
    const query = `from=${fromTs}&to=${toTs + 1}&every=${every}&fn=count`;
    const reply = (await this.#call('GET', `/points/${deviceId}.${POINT_KEY}/history?${query}`)) as {
      points: readonly (readonly [number, number])[];
    };
    return reply.points.reduce((sum, [, count]) => sum + count, 0);
  }

  /** The server's own counters with such a name, labels included. */
  async counters(name: RegExp): Promise<ReadonlyMap<string, number>> {
    const response = await fetch(`${this.url}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`GET /metrics: ${response.status}`);
    const lines = (await response.text()).matchAll(/^watchfire_(\w+_total(?:\{.*\})?) (\d+)$/gm);
    const found = new Map<string, number>();
    for (const [, counter = '', value] of lines) if (name.test(counter)) found.set(counter, Number(value));
    return found;
  }

  /** One of the server's own gauges, without its labels. */
  async gauge(name: string): Promise<number | undefined> {
    const response = await fetch(`${this.url}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const value = new RegExp(`^watchfire_${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(await response.text())?.[1];
    return value === undefined ? undefined : Number(value);
  }

  countAll(acknowledged: readonly Acknowledged[]): Promise<readonly number[]> {
    return inLanes(acknowledged, (device) => this.storedReadings(device));
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++)
      results[index] = await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}
