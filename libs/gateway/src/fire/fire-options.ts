import { gatewayLimits } from '../limits.js';
import { type ClockOptions } from './clock-watch.js';
import { type PollOptions } from './poll-schedule.js';

/** Every bound of the door for fire-control rooms. */
export interface FireOptions extends PollOptions, ClockOptions {
  readonly maxConnections: number;
  /** Devices behind one NAT share an address: generous. */
  readonly maxConnectionsPerAddress: number;
  readonly connectsPerSecond: number;
  /** Frames of one device, with bursts of ten seconds' worth; above it they are not answered. A fire is always taken. */
  readonly framesPerSecond: number;
  /** Frames of one connection between its socket and the disk; the rest waits in the socket. */
  readonly maxInflight: number;
  /** Frames of all datagrams between the socket and the disk; beyond half of it only fires are taken, beyond it nothing is. */
  readonly maxDatagramFrames: number;
  /** From the beginning of a TLS handshake to its end, and how long a new connection waits for its turn. */
  readonly firstPacketMs: number;
  /** Networks that are heard, over TCP, TLS and UDP; `null`: all. */
  readonly allowFrom: readonly string[] | null;
  /** Whoever has not said by then who it is, is cut off. */
  readonly unidentifiedMs: number;
  /** A frame that began and does not go on for so long was none. */
  readonly partialFrameMs: number;
  /** What the points say is said again at most so often while the device gives signs of life and no states. */
  readonly restateMs: number;
  /** For frames under way and closing sockets at `stop`. */
  readonly stopTimeoutMs: number;
}

export const fireOptions: FireOptions = {
  maxConnections: 5_000,
  maxConnectionsPerAddress: 5_000,
  connectsPerSecond: 500,
  framesPerSecond: 50,
  maxInflight: 64,
  maxDatagramFrames: 8_192,
  firstPacketMs: gatewayLimits.firstPacketMs,
  allowFrom: null,
  unidentifiedMs: 120_000,
  partialFrameMs: 5_000,
  restateMs: 60_000,
  stopTimeoutMs: 5_000,
  pollMs: 3_600_000,
  settleMs: 30_000,
  pollSpreadMs: 300_000,
  pollsPerSecond: 20,
  clockLimitMs: 5_000,
  clockEveryMs: 600_000,
};
