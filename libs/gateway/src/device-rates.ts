import { type GatewayLimits } from './limits.js';
import { TokenBucket, TokenBuckets } from './token-bucket.js';

/** What is longer counts as several dead letters: kept whole, it costs disk and memory in several places. */
const LETTER_BYTES = 4_096;
/** So many seconds of a rate may come at once. */
const BURST_SECONDS = 3;

interface Rates {
  readonly signIns: TokenBucket;
  /** Its place. */
  readonly telemetry: number;
  readonly answers: TokenBucket;
  readonly deadLetters: TokenBucket;
}

/** What one device may use up, over all its connections. As many entries as devices have ever signed in. */
export class DeviceRates {
  private readonly rates = new Map<string, Rates>();
  private readonly telemetry: TokenBuckets;

  constructor(
    private readonly limits: GatewayLimits,
    private readonly monotonicMs: () => number,
  ) {
    this.telemetry = new TokenBuckets(limits.telemetryPerSecond, limits.telemetryPerSecond * BURST_SECONDS);
  }

  /** Ms that the sign-in has to wait; `undefined` when it would wait longer than a client does. */
  signInWait(deviceId: string): number | undefined {
    const { signIns } = this.of(deviceId);
    const waitMs = signIns.reserve(this.monotonicMs());
    if (waitMs <= this.limits.firstPacketMs) return waitMs;
    signIns.release();
    return undefined;
  }

  /** Where its share of telemetry is kept; the same for the life of the process. */
  telemetryPlace(deviceId: string): number {
    return this.of(deviceId).telemetry;
  }

  /** For one more message of telemetry, ms that its device should be quiet; alarms and events are not counted. */
  telemetryWait(place: number, now: number): number {
    return this.telemetry.reserve(place, now);
  }

  mayAnswer(deviceId: string): boolean {
    return this.of(deviceId).answers.tryTake(this.monotonicMs());
  }

  /** Ms that the acknowledgement of a message of so many bytes that became a dead letter has to wait. */
  deadLetterWait(deviceId: string, bytes: number): number {
    const letters = Math.max(1, bytes / LETTER_BYTES);
    return this.of(deviceId).deadLetters.reserve(this.monotonicMs(), letters);
  }

  private of(deviceId: string): Rates {
    let rates = this.rates.get(deviceId);
    if (rates === undefined) {
      const now = this.monotonicMs();
      const bucket = (perSecond: number): TokenBucket =>
        new TokenBucket(perSecond, perSecond * BURST_SECONDS, now);
      rates = {
        telemetry: this.telemetry.add(now),
        signIns: bucket(this.limits.signInsPerDevicePerSecond),
        answers: bucket(this.limits.errorAnswersPerSecond),
        deadLetters: bucket(this.limits.deadLettersPerSecond),
      };
      this.rates.set(deviceId, rates);
    }
    return rates;
  }
}
