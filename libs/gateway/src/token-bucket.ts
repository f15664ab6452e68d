/**
 * A rate with a burst. Time is given, so that it has no timer of its own. Kept as one number, the time at which the bucket is
 * full again (the generic cell rate algorithm, ITU-T I.371): the bucket of a device is looked at for each of its messages.
 */
export class TokenBucket {
  private readonly intervalMs: number;
  private readonly burstMs: number;

  /** `burst` tokens at first; `fullAt` is now, in ms of a clock that only runs forward. */
  constructor(
    perSecond: number,
    burst: number,
    private fullAt: number,
  ) {
    this.intervalMs = 1_000 / perSecond;
    this.burstMs = burst * this.intervalMs;
  }

  /** Takes a token if there is one. */
  tryTake(now: number): boolean {
    const fullAt = Math.max(now, this.fullAt) + this.intervalMs;
    if (fullAt > now + this.burstMs) return false;
    this.fullAt = fullAt;
    return true;
  }

  /** Takes tokens on credit and answers how many ms their owner has to wait for them: 0 while there are tokens. */
  reserve(now: number, tokens = 1): number {
    this.fullAt = Math.max(now, this.fullAt) + tokens * this.intervalMs;
    return Math.max(0, this.fullAt - this.burstMs - now);
  }

  /** Gives back a token that was reserved and will not be used. */
  release(): void {
    this.fullAt -= this.intervalMs;
  }
}

/**
 * Buckets of one rate for thousands of owners, as numbers side by side: what is an object for each has to be fetched from memory
 * anew whenever it is the next one's turn.
 */
export class TokenBuckets {
  private readonly intervalMs: number;
  private readonly burstMs: number;
  private fullAt = new Float64Array(64);
  private count = 0;

  constructor(perSecond: number, burst: number) {
    this.intervalMs = 1_000 / perSecond;
    this.burstMs = burst * this.intervalMs;
  }

  /** Another one, full; answers its place. */
  add(now: number): number {
    if (this.count === this.fullAt.length) {
      const longer = new Float64Array(this.count * 2);
      longer.set(this.fullAt);
      this.fullAt = longer;
    }
    this.fullAt[this.count] = now;
    return this.count++;
  }

  /** As `TokenBucket.reserve`, of one token. */
  reserve(place: number, now: number): number {
    const fullAt = Math.max(now, this.fullAt[place]!) + this.intervalMs;
    this.fullAt[place] = fullAt;
    return Math.max(0, fullAt - this.burstMs - now);
  }
}
