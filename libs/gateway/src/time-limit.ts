export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/** The work, or a `TimeLimitError` when it takes longer; what it comes to later is nobody's any more. */
export function withinTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TimeLimitError(`not done within ${limitMs} ms`)), limitMs);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/** The work, begun at once; a rejected promise where beginning it throws. */
export async function settled<T>(begin: () => Promise<T>): Promise<T> {
  return begin();
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Work under way, so that a stop can wait for its end. */
export class WorkInProgress {
  private running = 0;
  private readonly waiters: (() => void)[] = [];

  /** Follows a promise to its end; its failure is the business of whoever else has it. */
  track(work: Promise<unknown>): void {
    this.running++;
    const done = (): void => {
      this.running--;
      if (this.running === 0) for (const resolve of this.waiters.splice(0)) resolve();
    };
    work.then(done, done);
  }

  idle(): Promise<void> {
    return this.running === 0 ? Promise.resolve() : new Promise((resolve) => this.waiters.push(resolve));
  }
}
