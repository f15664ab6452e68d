import { type FireRoom } from './fire-room.js';

export interface CentreAccount {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

const AT_ONCE = 8;

/** The centre does not let us register; the message says why in one line. */
export class RegistrationError extends Error {}

export const roomDeviceId = ({ options }: FireRoom): string => `fire-room-${options.address}`;

/** Registers rooms over REST: a site that is a fire unit for each, and its device. What is there already stays as it is. */
export async function registerRooms(rooms: readonly FireRoom[], account: CentreAccount): Promise<void> {
  const centre = new Centre(account);
  await centre.signIn();
  const isThere = await inParallel([...rooms], (room) => centre.has(`/devices/${roomDeviceId(room)}`));
  const missing = [...rooms.entries()].filter(([index]) => isThere[index] !== true);
  if (missing.length === 0) return;
  const name = '模拟消防控制室 / Simulated fire-control rooms';
  const enterpriseId = await centre.created('/enterprises', { name });
  await inParallel(missing, async ([index, room]) => {
    const siteId = await centre.created('/sites', { enterpriseId, name: `模拟消防单位 ${index + 1}` });
    await centre.send('PUT', `/fire-units/${siteId}`, { kind: 'high-fire-risk' });
    await centre.send('POST', '/devices', {
      ...{ siteId, deviceId: roomDeviceId(room), profile: 'fire.uitd', name: `消防控制室 ${index + 1}` },
      ...{ address: String(room.options.address), dialect: room.options.deviation.key },
    });
  });
}

/** A few at a time, answers in order. */
async function inParallel<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  const rest = all.entries();
  const worker = async (): Promise<void> => {
    for (const [index, one] of rest) answers[index] = await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}

class Centre {
  private token = '';

  constructor(private readonly account: CentreAccount) {}

  async signIn(): Promise<void> {
    const { username, password } = this.account;
    const reply = await this.send('POST', '/auth/login', { username, password });
    this.token = String((reply as { accessToken?: unknown }).accessToken);
  }

  async has(path: string): Promise<boolean> {
    return (await this.fetch('GET', path)).status === 200;
  }

  async created(path: string, body: object): Promise<string> {
    return String(((await this.send('POST', path, body)) as { id?: unknown }).id);
  }

  async send(method: string, path: string, body: object): Promise<unknown> {
    const response = await this.fetch(method, path, body);
    const text = await response.text();
    if (response.ok) return text === '' ? undefined : JSON.parse(text);
    throw new RegistrationError(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  }

  private async fetch(method: string, path: string, body?: object): Promise<Response> {
    try {
      return await fetch(`${this.account.url}/api/v1${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new RegistrationError(`${this.account.url} cannot be reached.`, { cause: error });
    }
  }
}
