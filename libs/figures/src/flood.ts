import { FloodWindow, type FloodLimits } from '@watchfire/alarm';

export interface Flood {
  /** When it was one: the time of the announcement that made it so. */
  readonly from: number;
  /** When fewer than `floodEnd` were left in the window; `null` while it lasts. */
  readonly to: number | null;
  /** Announcements, with those that made it a flood. */
  readonly announced: number;
}

/** Floods in a stream of announcements in order of time [KP6]. Of constant size, but for the floods themselves. */
export class FloodFold {
  private readonly past: Flood[] = [];
  private present: { readonly from: number; announced: number } | undefined;
  private readonly window: FloodWindow<{ readonly at: number }>;

  constructor(limits: FloodLimits) {
    this.window = new FloodWindow(limits);
  }

  announce(at: number): void {
    // What falls out of the window at this very moment makes room for this one.
    this.endBefore(at);
    if (this.window.announce({ at })) this.present = { from: at, announced: this.window.begun().length };
    else if (this.present !== undefined) this.present.announced += 1;
  }

  /** All floods up to `at`; the last may still last then. */
  floods(at: number): readonly Flood[] {
    this.endBefore(at + 1);
    return this.present === undefined ? this.past : [...this.past, { ...this.present, to: null }];
  }

  /** Ends the flood that was over before `at`, in whole ms. */
  private endBefore(at: number): void {
    const to = this.window.overAt;
    if (this.present === undefined || to >= at) return;
    this.past.push({ ...this.present, to });
    this.present = undefined;
    this.window.end();
  }
}
