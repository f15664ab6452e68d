import { type DrawnReport } from '@watchfire/contracts';

/** A page in the background paints nothing, but its counts, title and sound must go on. */
const HIDDEN_MS = 100;

/** Runs `work` once before the next frame, however often it is asked for. */
export function oncePerFrame(work: () => void): () => void {
  let wanted = false;
  const run = (): void => {
    if (!wanted) return;
    wanted = false;
    work();
  };
  return () => {
    if (wanted) return;
    wanted = true;
    requestAnimationFrame(run);
    // Whichever comes first: frames stop while the page is hidden.
    setTimeout(run, HIDDEN_MS);
  };
}

/**
 * Runs `work` at once and then at most every `everyMs`, the last call never lost. The server counts what a page says: a
 * flood of alarms must not use up what a subscription after a lost connection needs.
 */
export function atMostEvery(everyMs: number, work: () => void): () => void {
  let lastAt = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = (): void => {
    timer = undefined;
    lastAt = performance.now();
    work();
  };
  return () => {
    const wait = lastAt + everyMs - performance.now();
    if (wait <= 0 && timer === undefined) run();
    else timer ??= setTimeout(run, Math.max(0, wait));
  };
}

/** Of the frames that are not told yet, the oldest are left out beyond this: a report every quarter of a second has fewer. */
const FRAMES = 64;
/** A frame has what was in the page when it began, and is out when the one after it begins. */
const PAINTED_AFTER = 2;

/** When what the page had been told was painted, frame by frame. A page in the background paints nothing, and nothing heaps up. */
export class Paintings {
  private waiting: { offset: number; begun: number }[] = [];
  private frames: { readonly offset: number; readonly at: number }[] = [];
  private readonly now: () => number;
  private readonly nextFrame: (work: () => void) => void;

  constructor(
    private readonly painted: () => void,
    clock: { now?: () => number; nextFrame?: (work: () => void) => void } = {},
  ) {
    this.now = clock.now ?? (() => performance.now());
    this.nextFrame = clock.nextFrame ?? ((work) => void requestAnimationFrame(work));
  }

  /** Everything up to the offset is in the page. */
  put(offset: number): void {
    const last = this.waiting.at(-1);
    if (last?.begun === 0) last.offset = offset;
    else this.waiting.push({ offset, begun: 0 });
    if (this.waiting.length === 1 && last === undefined) this.nextFrame(() => this.frame());
  }

  /** Those not told yet, oldest first, each with its own age, however long the report waits; undefined where there are none. */
  take(): DrawnReport | undefined {
    const now = this.now();
    const frames = this.frames.map(({ offset, at }) => ({ offset, ago: Math.round(now - at) }));
    this.frames = [];
    const offset = frames.at(-1)?.offset;
    return offset === undefined ? undefined : { offset, frames };
  }

  private frame(): void {
    for (const one of this.waiting) one.begun += 1;
    const out = this.waiting.filter(({ begun }) => begun >= PAINTED_AFTER);
    this.waiting = this.waiting.filter(({ begun }) => begun < PAINTED_AFTER);
    if (this.waiting.length > 0) this.nextFrame(() => this.frame());
    const offset = out.at(-1)?.offset;
    if (offset === undefined) return;
    this.frames = [...this.frames, { offset, at: this.now() }].slice(-FRAMES);
    this.painted();
  }
}
