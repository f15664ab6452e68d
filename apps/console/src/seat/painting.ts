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

/** Calls back when the frame with the present content has been painted: the second frame begins after the first is out. */
export function afterPaint(work: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(work));
}
