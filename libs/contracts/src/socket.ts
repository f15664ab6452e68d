import { type Alarm, type AlarmEvent, type Quality, type Value } from './alarm.js';
import { type CommandView } from './device-command.js';

/** Socket.IO namespace of the control room. */
export const CONTROL_ROOM_NAMESPACE = '/control-room';
/** A heartbeat is due this often; a client that misses three is blind and must say so. */
export const HEARTBEAT_MS = 5_000;

export interface SubscribeRequest {
  /** The offset of the last alarm event that the client has; without it the client gets a refresh. */
  readonly offset?: number;
  readonly filter?: { readonly siteIds?: readonly string[]; readonly classes?: readonly string[] };
}
export type SubscribeReply =
  { readonly ok: true; readonly offset: number; readonly mode: 'refresh' | 'replay' } | Refusal;
export interface Refusal {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}
export interface WatchRequest {
  readonly points: readonly string[];
}
export type WatchReply = { readonly ok: true; readonly points: number } | Refusal;

/** The latest value of one point. `receivedAt` and `ts` are epoch milliseconds. */
export interface LiveReading {
  readonly pointId: string;
  readonly value: Value;
  readonly quality: Quality;
  readonly ts: number;
  readonly receivedAt: number;
}

export interface ServerToClientEvents {
  'refresh:start': (message: { readonly offset: number }) => void;
  'refresh:alarm': (alarm: Alarm) => void;
  'refresh:end': (message: { readonly offset: number; readonly count: number }) => void;
  alarm: (message: {
    readonly offset: number;
    readonly event: Omit<AlarmEvent, 'alarm'>;
    readonly alarm: Alarm;
  }) => void;
  gap: (message: { readonly from: number; readonly to: number }) => void;
  heartbeat: (message: { readonly offset: number; readonly serverTime: number }) => void;
  readings: (readings: readonly LiveReading[]) => void;
  /** A command of a device that this person may see was accepted, or its state has changed. */
  command: (command: CommandView) => void;
  /** The session has ended (signed out, expired, disabled): the page must go back to sign-in. */
  'session:ended': (message: { readonly reason: string }) => void;
}

/** The page has drawn everything up to this offset: the last stage time of an alarm. */
export interface DrawnReport {
  readonly offset: number;
  /** The frames in which it did, oldest first, at most 64: what each had drawn, and how many milliseconds ago it was painted. Without them it is now. */
  readonly frames?: readonly { readonly offset: number; readonly ago: number }[];
}

export interface ClientToServerEvents {
  subscribe: (request: SubscribeRequest, reply?: (answer: SubscribeReply) => void) => void;
  watch: (request: WatchRequest, reply?: (answer: WatchReply) => void) => void;
  drawn: (message: DrawnReport) => void;
  /** The operator has proved that this seat can be heard. */
  'audio:armed': (message: { readonly armed: boolean }) => void;
}
