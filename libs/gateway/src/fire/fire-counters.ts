import { type CountByCode } from '../counters.js';

/** What the door for fire-control rooms has done since it started. Plain numbers that only rise, but for what is open now and `notAnswering`. */
export class FireCounters {
  /** Open now, over TCP and TLS. */
  connections = 0;
  /** Those among them over TLS. */
  tlsConnections = 0;
  tlsHandshakes = 0;
  /** Addresses and ports that devices speak from over UDP. */
  datagramLines = 0;
  datagrams = 0;
  /** Datagrams that were not read, by why. */
  readonly datagramsDropped: CountByCode = {};
  /** What was not sent because more bytes would have gone to an address than came from it. */
  datagramsWithheld = 0;
  readonly connectionsRefused: CountByCode = {};
  readonly connectionsClosed: CountByCode = {};
  /** Whole frames, by what they meant. */
  readonly frames: CountByCode = {};
  /** Frames of devices that are on disk. */
  journalled = 0;
  /** Frames with a wrong sum or an unknown command. */
  readonly checkErrors: CountByCode = {};
  /** Bytes between frames. */
  garbageBytes = 0;
  /** Frames that were neither used nor answered, by why; the device sends them again. */
  readonly unanswered: CountByCode = {};
  /** Questions of the poll, by how they ended. */
  readonly polls: CountByCode = {};
  /** Clocks of devices that were set by themselves, by how that ended. */
  readonly clockSyncs: CountByCode = {};
  /** Connected devices that left the last poll unanswered. */
  notAnswering = 0;
  readonly journalFailures: CountByCode = {};
  /** Exceptions that were caught: each one is a defect. */
  readonly internalErrors: CountByCode = {};
}
