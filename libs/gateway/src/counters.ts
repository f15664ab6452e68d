/** Counts by a code; codes are ours, never names from the wire, so the map cannot be grown from outside. */
export type CountByCode = Record<string, number>;

export function count(into: CountByCode, code: string): void {
  into[code] = (into[code] ?? 0) + 1;
}

/** What the front door has done since it started. Plain numbers that only rise, but for `connections`. */
export class GatewayCounters {
  /** Connections that are open now, signed in or not. */
  connections = 0;
  connectionsAccepted = 0;
  /** Sign-ins and sockets that were turned away, by reason. */
  readonly connectionsRefused: CountByCode = {};
  /** Connections that have ended, by the reason of the connection record; without sign-in by that of the guard. */
  readonly connectionsClosed: CountByCode = {};
  /** Messages of devices: publishes on telemetry and events, and last wills. */
  received = 0;
  /** Readings and events that are on disk. */
  journalled = 0;
  /** Dead letters that are on disk, by code. */
  readonly deadLettered: CountByCode = {};
  /** Messages that the journal did not take; none of them was acknowledged. */
  readonly journalFailures: CountByCode = {};
  /** Device times that were not believed. */
  clockRefused = 0;
  /** Messages that were sent again and recognised: acknowledged, not journalled again. */
  duplicates = 0;
  retainStripped = 0;
  readonly subscriptionsRefused: CountByCode = {};
  errorAnswers = 0;
  errorAnswersSuppressed = 0;
  hookTimeouts = 0;
  /** Times that a connection was not read for a while, because its device sent more than its share. */
  telemetryHeld = 0;
  /** Messages of dialects that are understood and of no use here, by what they are. */
  readonly ignored: CountByCode = {};
  /** Requests of platforms that push over HTTP, by what was answered. */
  readonly callbacks: CountByCode = {};
  /** Exceptions inside the gateway or its broker that were caught: each one is a defect. */
  readonly internalErrors: CountByCode = {};
}
