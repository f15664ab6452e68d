/** A rate with a burst. Time is given, so that it has no timer of its own. */
export class TokenBucket {
  private level: number;
  private at: number;

  /** `burst` tokens at first; `now` in ms of a clock that only runs forward. */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    now: number,
  ) {
    this.level = burst;
    this.at = now;
  }

  /** Takes a token if there is one. */
  tryTake(now: number): boolean {
    this.refill(now);
    if (this.level < 1) return false;
    this.level -= 1;
    return true;
  }

  /** Takes tokens on credit and answers how many ms their owner has to wait for them: 0 while there are tokens. */
  reserve(now: number, tokens = 1): number {
    this.refill(now);
    this.level -= tokens;
    return this.level >= 0 ? 0 : (-this.level / this.perSecond) * 1_000;
  }

  /** Gives back a token that was reserved and will not be used. */
  release(): void {
    this.level += 1;
  }

  private refill(now: number): void {
    this.level = Math.min(this.burst, this.level + ((now - this.at) * this.perSecond) / 1_000);
    this.at = now;
  }
}
