import { type GatewayLimits } from './limits.js';
import { TokenBucket } from './token-bucket.js';

export type AdmissionRefusal =
  | 'connections_total'
  | 'connections_per_address'
  | 'connects_per_second'
  /** No TLS came of it: another protocol, a version or certificate that one side does not take, or silence. */
  | 'tls_handshake'
  | 'certificate_required';

/** Counts sockets before anything is read from them. */
export class Admission {
  private total = 0;
  private readonly perAddress = new Map<string, number>();
  private readonly rate: TokenBucket;

  constructor(
    private readonly limits: GatewayLimits,
    private readonly monotonicMs: () => number,
  ) {
    // A district that comes back after a power cut is no attack: two seconds' worth at once, the rest in order.
    this.rate = new TokenBucket(limits.connectsPerSecond, limits.connectsPerSecond * 2, monotonicMs());
  }

  /** Ms after which the socket may be read, or why it may not stay. Whoever is let in must `leave`. */
  enter(address: string): number | AdmissionRefusal {
    const fromThere = this.perAddress.get(address) ?? 0;
    if (this.total >= this.limits.maxConnections) return 'connections_total';
    if (fromThere >= this.limits.maxConnectionsPerAddress) return 'connections_per_address';
    const waitMs = this.rate.reserve(this.monotonicMs());
    if (waitMs > this.limits.firstPacketMs) {
      this.rate.release();
      return 'connects_per_second';
    }
    this.total++;
    this.perAddress.set(address, fromThere + 1);
    return waitMs;
  }

  leave(address: string): void {
    this.total--;
    const left = (this.perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.perAddress.delete(address);
    else this.perAddress.set(address, left);
  }
}
