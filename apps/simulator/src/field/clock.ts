/** Time as the simulator sees it; a test has its own. */
export abstract class Clock {
  /** Epoch ms. */
  abstract now(): number;
  /** Calls `wake` once after `delayMs`; the returned function takes it back. */
  abstract after(delayMs: number, wake: () => void): () => void;
}

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  after(delayMs: number, wake: () => void): () => void {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  }
}
