import { type AlarmSource } from '../alarm-receiver.js';
import { type Acknowledged } from '../ingest-load.js';
import { type Credential } from '../mqtt-frames.js';

export const SERVER_NAMES = ['watchfire', 'aedes', 'mosquitto', 'floor'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** What was found after a round. */
export interface Verification {
  /** Acknowledged readings that are not in history. */
  readonly lost: number;
  /** Readings that are in history more than once. */
  readonly surplus: number;
  /** From the last acknowledgement until everything could be read back, ms. */
  readonly caughtUpMs: number;
  /** CPU time of the server at that moment, µs; before the counting began. */
  readonly cpuMicrosAtStored: number | null;
}

/** A server of the comparison, started by the bench on free ports and ended by it. */
export interface ServerUnderTest {
  readonly name: ServerName;
  /** What an acknowledgement of this server is worth, in words for the table. */
  readonly promise: string;
  readonly pid: number;
  readonly mqttPort: number;
  /** How many connections one device may have. */
  readonly connectionsPerDevice: number;
  /** Credentials of devices `<prefix>-0000` and so on; registers them where the server asks for that. */
  devices(prefix: string, count: number): Promise<readonly Credential[]>;
  /** Where readings of the probe devices that cross the limit come out; for servers in the latency comparison. */
  alarmsOf?(probes: readonly Credential[]): Promise<AlarmSource>;
  /** Compares what was acknowledged with what can be read back, within so many ms; for servers that keep anything. */
  verify?(acknowledged: readonly Acknowledged[], patienceMs?: number): Promise<Verification>;
  /** Counters of what was refused, closed or made to wait, by name; for servers that count it. */
  refusals?(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

/** For servers that know nobody and let everybody in. */
export function anonymousDevices(prefix: string, count: number): readonly Credential[] {
  return Array.from({ length: count }, (_, index) => {
    const clientId = `${prefix}-${String(index).padStart(4, '0')}`;
    return { clientId, username: clientId, password: 'nobody-checks-this' };
  });
}
