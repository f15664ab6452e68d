import { type GatewayLimits } from './limits.js';
import { TokenBucket } from './token-bucket.js';

/** What is longer counts as several dead letters: kept whole, it costs disk and memory in several places. */
const LETTER_BYTES = 4_096;

interface Rates {
  readonly signIns: TokenBucket;
  readonly telemetry: TokenBucket;
  readonly answers: TokenBucket;
  readonly deadLetters: TokenBucket;
}

/** What one device may use up, over all its connections. As many entries as devices have ever signed in. */
export class DeviceRates {
  private readonly rates = new Map<string, Rates>();

  constructor(
    private readonly limits: GatewayLimits,
    private readonly monotonicMs: () => number,
  ) {}

  /** Ms that the sign-in has to wait; `undefined` when it would wait longer than a client does. */
  signInWait(deviceId: string): number | undefined {
    const { signIns } = this.of(deviceId);
    const waitMs = signIns.reserve(this.monotonicMs());
    if (waitMs <= this.limits.firstPacketMs) return waitMs;
    signIns.release();
    return undefined;
  }

  /** Its share of telemetry; alarms and events are not counted. The same object for the life of the process. */
  telemetryOf(deviceId: string): TokenBucket {
    return this.of(deviceId).telemetry;
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
      const bucket = (perSecond: number): TokenBucket => new TokenBucket(perSecond, perSecond * 3, now);
      rates = {
        telemetry: bucket(this.limits.telemetryPerSecond),
        signIns: bucket(this.limits.signInsPerDevicePerSecond),
        answers: bucket(this.limits.errorAnswersPerSecond),
        deadLetters: bucket(this.limits.deadLettersPerSecond),
      };
      this.rates.set(deviceId, rates);
    }
    return rates;
  }
}
