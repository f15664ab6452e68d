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

/** Calls back when the frame with the present content has been painted: the second frame begins after the first is out. */
export function afterPaint(work: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(work));
}
