import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type AlarmView, type LoadLimits } from '@watchfire/alarm';
import { BackTests } from '@watchfire/back-test';
import { Catalogue } from '@watchfire/catalogue';
import { DeviceCommands } from '@watchfire/commands';
import { Commissioning, DEFAULT_PROVISIONING } from '@watchfire/commissioning';
import {
  type ClientToServerEvents,
  CONTROL_ROOM_NAMESPACE,
  type IssuedCredential,
  type LoginReply,
  type Role,
  ROLES,
  type ServerToClientEvents,
  type UserView,
} from '@watchfire/contracts';
import { EngineHost } from '@watchfire/engine';
import {
  type CallbackIntegration,
  DeviceDirectory,
  GatewayCounters,
  gatewayLimits,
  Intake,
  PlatformCallbacks,
  Repeats,
} from '@watchfire/gateway';
import { EmbeddedHistory } from '@watchfire/history';
import { SqliteJournal } from '@watchfire/journal';
import { hashPassword, newId, Registry } from '@watchfire/registry';
import { pino } from 'pino';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { type ControlRoom, createControlRoom } from '../control-room.js';
import {
  type ControlRoomDependencies,
  type ControlRoomSettings,
  DEFAULT_FIGURES,
  DEFAULT_LIMITS,
} from '../dependencies.js';
import { SteeredTimers, StubDevices } from './stub-devices.js';

export const PASSWORD = 'correct horse battery';

const hashes = new Map<string, Promise<string>>();

/** A hash costs what a guess is to cost; everybody here has the same password, and it is hashed once. */
function hashOnce(password: string): Promise<string> {
  const hash = hashes.get(password) ?? hashPassword(password);
  hashes.set(password, hash);
  return hash;
}

/** Fields that answers have; a test knows which of them are there. */
export interface Body {
  readonly code: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly total: number;
  readonly nextCursor: string | null;
  readonly errors: readonly { readonly path: string }[];
  readonly user: UserView;
  readonly credential: IssuedCredential;
  readonly eventId: string;
  readonly points: unknown;
  readonly override: unknown;
  readonly replayedAt: unknown;
  readonly id: string;
  readonly state: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

export interface Request {
  readonly as?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type PageSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** A clock that stands still until a test moves it. */
export interface SteeredClock {
  readonly now: () => number;
  readonly monotonicMs: () => number;
  advance(ms: number): void;
}

/** What a centre cannot make itself: time, and the devices. */
export interface Outside {
  readonly clock: SteeredClock;
  readonly devices: StubDevices;
  readonly timers: SteeredTimers;
}

export interface CentreOptions {
  readonly settings?: Partial<ControlRoomSettings>;
  readonly callbacks?: readonly CallbackIntegration[];
  readonly load?: LoadLimits;
  readonly deps?: (real: ControlRoomDependencies) => ControlRoomDependencies;
}

/**
 * A whole centre but for its gateway, in a temporary folder: real stores, engine, catalogue, HTTP and sockets. Two
 * enterprises, `a` and `b`, each with a site and a gas detector; a person of every role, and one of each enterprise.
 */
export class Centre {
  readonly tokens = new Map<string, string>();
  readonly #sockets: PageSocket[] = [];

  private constructor(
    readonly outside: Outside,
    readonly deps: ControlRoomDependencies,
    readonly room: ControlRoom,
    readonly url: string,
    readonly folder: string,
  ) {}

  static async open(
    clock: SteeredClock,
    { settings = {}, callbacks = [], load, deps: change = (real) => real }: CentreOptions = {},
  ): Promise<Centre> {
    const folder = await mkdtemp(join(tmpdir(), 'watchfire-room-'));
    const { now } = clock;
    const log = pino({ level: 'silent' });
    const journal = await SqliteJournal.open({ directory: join(folder, 'journal'), now });
    const history = await EmbeddedHistory.open({ directory: join(folder, 'history'), now });
    const registry = await Registry.open({
      directory: join(folder, 'registry'),
      now,
      hashPassword: hashOnce,
    });
    const catalogue = await Catalogue.load(resolve('config/catalogue'));
    const engine = await EngineHost.start({
      journal,
      history,
      clock,
      log,
      ...(load !== undefined && { load }),
    });
    const directory = new DeviceDirectory();
    const commissioning = new Commissioning({
      registry,
      catalogue,
      journal,
      directory,
      engine,
      clock,
      provisioning: DEFAULT_PROVISIONING,
      fireDialects: new Set(['standard', 'dahua']),
    });
    await commissioning.reconcile();
    const outside = {
      clock,
      devices: new StubDevices(),
      timers: new SteeredTimers(() => clock.monotonicMs()),
    };
    const commands = new DeviceCommands({
      journal,
      store: registry.deviceCommands,
      carrier: outside.devices,
      timers: outside.timers,
      clock,
      newId: () => newId('cmd'),
      log,
    });
    await commands.start();
    const counters = new GatewayCounters();
    const intake = new Intake({
      journal,
      directory,
      clock: now,
      limits: gatewayLimits,
      counters,
      repeats: new Repeats(() => undefined),
      commands,
      attributesOf: () => ({ client: {}, shared: {} }),
    });
    const { maxLateMs, maxAheadMs } = gatewayLimits;
    const backTests = new BackTests({ history, clock, newId: () => newId('bkt'), maxLateMs, maxAheadMs });
    const deps = change({
      commands,
      backTests,
      registry,
      catalogue,
      engine,
      history,
      journal,
      commissioning,
      replayDeadLetter: () => Promise.resolve({ ok: true }),
      callbacks: new PlatformCallbacks({
        integrations: callbacks,
        journal,
        directory,
        intake,
        events: registry.callbackEvents,
        clock,
        limits: gatewayLimits,
        counters,
        log,
      }),
      clock,
      log,
      settings: {
        version: '1.2.3',
        mqttPort: () => 1883,
        secureCookie: false,
        trustProxy: false,
        sessionLifetimeMs: 3_600_000,
        samplesKeptMs: 90 * 86_400_000,
        allowedOrigins: ['https://wall.example'],
        pageDirectory: null,
        demoAccounts: null,
        figures: DEFAULT_FIGURES,
        ...settings,
        limits: { ...DEFAULT_LIMITS, signInDelayMs: 0, ...settings.limits },
      },
    });
    const room = await createControlRoom(deps);
    const port = await room.listen(0, '127.0.0.1');
    const centre = new Centre(outside, deps, room, `http://127.0.0.1:${port}`, folder);
    await centre.#furnish();
    return centre;
  }

  get clock(): SteeredClock {
    return this.outside.clock;
  }

  async close(): Promise<void> {
    const { backTests, commands, engine, journal, history, registry } = this.deps;
    for (const socket of this.#sockets) socket.disconnect();
    await this.room.stop();
    await backTests.stop();
    await commands.stop();
    await engine.stop();
    await registry.close();
    await history.close();
    await journal.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async request(method: string, path: string, { as, body, headers = {} }: Request = {}): Promise<Answer> {
    const token = as === undefined ? undefined : this.tokens.get(as);
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    const parsed = (json ? JSON.parse(text) : {}) as Body;
    return { status: response.status, headers: response.headers, body: parsed, text };
  }

  get(path: string, as?: string): Promise<Answer> {
    return this.request('GET', `/api/v1/${path}`, { as });
  }

  post(
    path: string,
    as: string | undefined,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer> {
    return this.request('POST', `/api/v1/${path}`, {
      as,
      body,
      ...(headers === undefined ? {} : { headers }),
    });
  }

  put(path: string, as: string, body: unknown): Promise<Answer> {
    return this.request('PUT', `/api/v1/${path}`, { as, body });
  }

  /** A reading that the gateway has taken; resolves when the engine has applied it. */
  async reading(deviceId: string, samples: Readonly<Record<string, number | boolean>>): Promise<void> {
    const at = this.outside.clock.now();
    const { offset } = await this.deps.journal.append({
      kind: 'reading',
      deviceId,
      receivedAt: at,
      ts: at,
      samples: Object.entries(samples).map(([key, value]) => [`${deviceId}.${key}`, value] as const),
    });
    while (this.deps.engine.status().appliedOffset < offset) await new Promise(setImmediate);
  }

  /** Brings the gas detector of an enterprise into alarm. */
  async raise(deviceId: string, conc = 60): Promise<AlarmView> {
    await this.reading(deviceId, { conc });
    const alarm = this.deps.engine
      .alarms()
      .find((each) => each.deviceId === deviceId && each.class === 'gas');
    if (alarm === undefined) throw new Error(`${deviceId} did not raise an alarm`);
    return alarm;
  }

  /** Resolves when the history has everything up to now. */
  async recorded(): Promise<void> {
    const { engine, journal } = this.deps;
    while (engine.status().historyOffset < journal.head()) await new Promise(setImmediate);
  }

  /** A live page of this person, connected; `as` undefined comes without a token. */
  socket(as: string | undefined, options: Partial<ManagerOptions & SocketOptions> = {}): PageSocket {
    const token = as === undefined ? undefined : this.tokens.get(as);
    const socket: PageSocket = io(`${this.url}${CONTROL_ROOM_NAMESPACE}`, {
      auth: token === undefined ? {} : { token },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      ...options,
    });
    this.#sockets.push(socket);
    return socket;
  }

  async signIn(username: string, name = username): Promise<string> {
    const answer = await this.post('auth/login', undefined, { username, password: PASSWORD });
    const { accessToken } = answer.body as unknown as LoginReply;
    this.tokens.set(name, accessToken);
    return accessToken;
  }

  async #furnish(): Promise<void> {
    const { commissioning, registry } = this.deps;
    for (const id of ['a', 'b']) {
      await commissioning.createEnterprise({ id: `ent-${id}`, name: `Enterprise ${id}` });
      await commissioning.createSite({ id: `site-${id}`, enterpriseId: `ent-${id}`, name: `Site ${id}` });
      await commissioning.createDevice({
        siteId: `site-${id}`,
        profile: 'gas.lel.point',
        name: `Detector ${id}`,
        deviceId: `dev-${id}`,
      });
    }
    const people: [string, Role, string?][] = [
      ...ROLES.filter((role) => role !== 'enterprise').map((role): [string, Role] => [role, role]),
      ['owner-a', 'enterprise', 'ent-a'],
      ['owner-b', 'enterprise', 'ent-b'],
    ];
    const lifetimeMs = this.deps.settings.sessionLifetimeMs;
    for (const [username, role, enterpriseId] of people) {
      const person = { username, displayName: username, role, password: PASSWORD, enterpriseId };
      const { id: userId } = await registry.users.create(person);
      this.tokens.set(username, (await registry.sessions.create({ userId, lifetimeMs })).token);
    }
  }
}
