import { type BackTests } from '@watchfire/back-test';
import { type Catalogue, type FireDialect } from '@watchfire/catalogue';
import { type DeviceCommands } from '@watchfire/commands';
import { type Commissioning } from '@watchfire/commissioning';
import { type InfluxHealth, type Role } from '@watchfire/contracts';
import { type DutyDispatch } from '@watchfire/duty';
import { type Clock, type EngineHost } from '@watchfire/engine';
import {
  FIGURE_LIMITS,
  type FigureLimits,
  type FigureWithTarget,
  type Target,
  TARGETS,
} from '@watchfire/figures';
import { type History } from '@watchfire/history';
import { type Journal } from '@watchfire/journal';
import {
  type CallbackEcho,
  type CallbackRefusal,
  type CallbackTaken,
  type IncomingCallback,
} from '@watchfire/protocol';
import { type DeadLetterRow, type Registry } from '@watchfire/registry';
import { type Logger } from 'pino';
import { type MetricSource } from './health/metrics.js';

/** What one client may cost. Each is refused by name when it is exceeded. */
export interface ControlRoomLimits {
  /** Of a request body. */
  readonly bodyBytes: number;
  /** Of what a platform pushes to a callback address. */
  readonly callbackBytes: number;
  /** Of one message from a page. */
  readonly messageBytes: number;
  /** Live pages of all users, and of one user. */
  readonly sockets: number;
  readonly socketsPerUser: number;
  readonly watchedPoints: number;
  /** A page that has not read what it was sent for so long is cut. */
  readonly slowSocketMs: number;
  /** Wrong passwords for one name from one address before that pair must wait `signInLockMs`. */
  readonly signInFailures: number;
  /** Wrong passwords from one address, whatever the name. */
  readonly signInFailuresPerAddress: number;
  readonly signInLockMs: number;
  /** The answer to the first wrong password waits so long, each further one twice as long, up to sixteen times. */
  readonly signInDelayMs: number;
}

export const DEFAULT_LIMITS: ControlRoomLimits = {
  bodyBytes: 64 * 1024,
  callbackBytes: 256 * 1024,
  messageBytes: 96 * 1024,
  sockets: 1_000,
  socketsPerUser: 32,
  watchedPoints: 500,
  slowSocketMs: 20_000,
  signInFailures: 5,
  signInFailuresPerAddress: 50,
  signInLockMs: 300_000,
  signInDelayMs: 250,
};

export interface FigureSettings {
  /** Operator positions that share the alarms: means are divided by it. */
  readonly positions: number;
  readonly limits: FigureLimits;
  readonly targets: Readonly<Record<FigureWithTarget, Target>>;
}

export const DEFAULT_FIGURES: FigureSettings = { positions: 1, limits: FIGURE_LIMITS, targets: TARGETS };

export interface ControlRoomSettings {
  readonly version: string;
  /** Where devices connect over TCP; `null` while they may not yet. */
  readonly mqttPort: () => number | null;
  /** Send the cookie over TLS only, and tell browsers to come back over TLS only. */
  readonly secureCookie: boolean;
  /** One reverse proxy stands in front: take the client's address from it. */
  readonly trustProxy: boolean;
  readonly sessionLifetimeMs: number;
  /** How long samples stay in the history; what is older is there as roll-ups only. */
  readonly samplesKeptMs: number;
  /** Origins besides our own whose pages may act with a person's cookie, for example `https://wall.example`. */
  readonly allowedOrigins: readonly string[];
  /** The built page; `null` serves the API alone. */
  readonly pageDirectory: string | null;
  /** Shown on the sign-in page. `null` everywhere but in a demo. */
  readonly demoAccounts:
    null | readonly { readonly username: string; readonly password: string; readonly role: Role }[];
  readonly limits: ControlRoomLimits;
  readonly figures: FigureSettings;
}

export type ReplayAnswer =
  { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string };

/** Gives a dead letter to the intake again. Resolves when it is durable, or says why it was refused once more. */
export type DeadLetterReplay = (letter: DeadLetterRow) => Promise<ReplayAnswer>;

export type CommandsOf = (profile: string) => readonly string[] | undefined;

/** Who judges what platforms push to callback addresses, and takes it. */
export interface CallbackDoor {
  tryOut(integration: string, request: IncomingCallback): CallbackEcho | CallbackRefusal;
  /** Resolves when everything of it is on disk; rejects when a store did not take it. */
  take(integration: string, request: IncomingCallback): Promise<CallbackTaken | CallbackRefusal>;
}

/** Device profiles of GB/T 26875.3 by name. */
export type FireDialects = ReadonlyMap<string, FireDialect>;

export interface ControlRoomDependencies {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly engine: EngineHost;
  readonly history: History;
  readonly journal: Journal;
  readonly commissioning: Commissioning;
  readonly commands: DeviceCommands;
  readonly backTests: BackTests;
  /** Who asks groups of units for the guard; absent: one of its own. */
  readonly dutyDispatch?: DutyDispatch;
  /** Commands that a profile declares; `undefined` where it declares none, and takes the standard ones. */
  readonly commandsOf?: CommandsOf;
  /** Without them every fire device speaks as the standard does. */
  readonly fireDialects?: FireDialects;
  readonly replayDeadLetter: DeadLetterReplay;
  readonly callbacks: CallbackDoor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: ControlRoomSettings;
  /** Counters of the other parts, read at each scrape. */
  readonly metrics?: readonly MetricSource[];
  /** How far a history on another machine is behind; absent where there is none. */
  readonly influx?: () => InfluxHealth | null;
  /** Further reasons why the server is not ready; none when it is. */
  readonly readiness?: () => readonly string[];
}

/** Injection tokens of what has no class of its own. */
export const SETTINGS = Symbol('ControlRoomSettings');
export const LOG = Symbol('Log');
export const REPLAY_DEAD_LETTER = Symbol('DeadLetterReplay');
export const COMMANDS_OF = Symbol('CommandsOf');
export const CALLBACKS = Symbol('CallbackDoor');
export const READINESS = Symbol('Readiness');
export const FIRE_DIALECTS = Symbol('FireDialects');
export const INFLUX_HEALTH = Symbol('InfluxHealth');
