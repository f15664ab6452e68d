export interface FloodLimits {
  /** A flood begins with the announcement that is the so-many-th within the window. */
  readonly floodBegin: number;
  /** It ends when fewer than so many are left in the window. */
  readonly floodEnd: number;
  readonly floodWindowMs: number;
}

interface Timed {
  /** Journal time, epoch ms. */
  readonly at: number;
}

/**
 * Whether a stream of announcements, in order of time, is a flood. The window is `(t - window, t]`. Of constant size: it keeps the
 * newest announcements, as many as the larger limit asks for. [KP6]
 */
export class FloodWindow<T extends Timed> {
  constructor(
    public limits: FloodLimits,
    /** Oldest first. */
    readonly recent: T[] = [],
    private present = false,
  ) {}

  get isFlood(): boolean {
    return this.present;
  }

  /** One more; true where it is the one that makes it a flood. Whoever asks ends first what was over before it. */
  announce(one: T): boolean {
    const { recent, limits } = this;
    recent.push(one);
    while (recent.length > Math.max(limits.floodBegin, limits.floodEnd)) recent.shift();
    if (this.present) return false;
    const first = recent.at(-limits.floodBegin);
    this.present = first !== undefined && first.at > one.at - limits.floodWindowMs;
    return this.present;
  }

  /** Those that made it a flood, to be asked when they have. */
  begun(): readonly T[] {
    return this.recent.slice(-this.limits.floodBegin);
  }

  /** When fewer than `floodEnd` are left: as soon as the so-many-th newest is as old as the window. Infinity while there is no flood. */
  get overAt(): number {
    if (!this.present) return Infinity;
    const { recent, limits } = this;
    const deciding = recent.at(-limits.floodEnd) ?? recent[0];
    return deciding === undefined ? Infinity : deciding.at + limits.floodWindowMs;
  }

  end(): void {
    this.present = false;
  }

  /** Those that may still count at `now`. */
  fresh(now: number): readonly T[] {
    return this.present ? this.recent : this.recent.filter(({ at }) => at > now - this.limits.floodWindowMs);
  }
}
