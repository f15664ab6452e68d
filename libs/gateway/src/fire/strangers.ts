import { type Journal } from '@watchfire/journal';
import { TokenBucket } from '../token-bucket.js';

const REMEMBERED = 1_000;
const QUIET_MS = 60_000;
const PER_SECOND = 20;
const BURST = 200;
const MAX_SAMPLE_BYTES = 1_054;

/** A frame of an address that nobody has registered. */
export interface Sighting {
  /** Decimal wire address; the network address where the frame has none. */
  readonly name: string;
  readonly peer: string;
  readonly bytes: Uint8Array;
}

/**
 * Puts unknown addresses where people find them (dead letter, quarantine), each at most once a minute, and all of them together in
 * bounds: whoever makes addresses up must not fill the disk.
 */
export class Strangers {
  /** When they were noted last, oldest first. */
  private readonly noted = new Map<string, number>();
  private readonly rate: TokenBucket;

  constructor(
    private readonly journal: Journal,
    private readonly monotonicMs: () => number,
  ) {
    this.rate = new TokenBucket(PER_SECOND, BURST, monotonicMs());
  }

  /** `undefined`: it is known as unknown, or there are too many. */
  note({ name, peer, bytes }: Sighting): Promise<unknown> | undefined {
    const now = this.monotonicMs();
    const last = this.noted.get(name);
    if (last !== undefined && now - last < QUIET_MS) return undefined;
    if (!this.rate.tryTake(now)) return undefined;
    this.noted.delete(name);
    this.noted.set(name, now);
    if (this.noted.size > REMEMBERED) {
      const [oldest] = this.noted.keys();
      if (oldest !== undefined) this.noted.delete(oldest);
    }
    return this.journal.append({
      kind: 'dead-letter',
      deviceId: null,
      topic: `gb26875/${peer}`,
      code: 'unknown_address',
      message: `no device is registered with the address ${name}`,
      payload: Buffer.from(bytes.subarray(0, MAX_SAMPLE_BYTES)).toString('base64'),
      unknownChildren: [name],
    });
  }
}
