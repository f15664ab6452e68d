/** Lets at most `width` pieces of work run at once; the others wait in the order in which they came. */
export class Turns {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly width: number) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    const leave = await this.enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Resolves when it is this caller's turn; the answer ends the turn and must be called once. */
  async enter(): Promise<() => void> {
    if (this.running < this.width) this.running += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    return () => this.leave();
  }

  private leave(): void {
    const next = this.waiting.shift();
    // The turn passes on without becoming free, so that nobody overtakes the queue.
    if (next) next();
    else this.running -= 1;
  }
}
