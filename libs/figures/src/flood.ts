export interface FloodLimits {
  /** A flood begins with the announcement that is the so-many-th within the window. */
  readonly floodBegin: number;
  /** It ends when fewer than so many are left in the window. */
  readonly floodEnd: number;
  readonly floodWindowMs: number;
}

export interface Flood {
  /** When it was one: the time of the announcement that made it so. */
  readonly from: number;
  /** When fewer than `floodEnd` were left in the window; `null` while it lasts. */
  readonly to: number | null;
  /** Announcements, with those that made it a flood. */
  readonly announced: number;
}

/**
 * Floods in a stream of announcements in order of time [KP6]. The window is `(t - window, t]`. Of constant size, but for the
 * floods themselves.
 */
export class FloodFold {
  private readonly past: Flood[] = [];
  private present: { readonly from: number; announced: number } | undefined;
  /** Times of the newest announcements, oldest first: as many as the larger limit asks for. */
  private readonly recent: number[] = [];

  constructor(private readonly limits: FloodLimits) {}

  announce(at: number): void {
    // What falls out of the window at this very moment makes room for this one.
    this.endBefore(at);
    const { recent, limits } = this;
    recent.push(at);
    if (recent.length > Math.max(limits.floodBegin, limits.floodEnd)) recent.shift();
    if (this.present !== undefined) {
      this.present.announced += 1;
      return;
    }
    const first = recent.at(-limits.floodBegin);
    if (first !== undefined && first > at - limits.floodWindowMs) {
      this.present = { from: at, announced: limits.floodBegin };
    }
  }

  /** All floods up to `at`; the last may still last then. */
  floods(at: number): readonly Flood[] {
    this.endBefore(at + 1);
    return this.present === undefined ? this.past : [...this.past, { ...this.present, to: null }];
  }

  /** Ends the flood that was over before `at`, in whole ms. */
  private endBefore(at: number): void {
    if (this.present === undefined) return;
    // Too few are left as soon as the so-many-th newest is as old as the window.
    const deciding = this.recent.at(-this.limits.floodEnd);
    if (deciding === undefined) return;
    const to = deciding + this.limits.floodWindowMs;
    if (to >= at) return;
    this.past.push({ ...this.present, to });
    this.present = undefined;
  }
}
