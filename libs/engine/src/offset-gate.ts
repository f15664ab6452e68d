interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
}

/** A rising offset that others can wait for. */
export class OffsetGate {
  #offset: number;
  #waiters: Waiter[] = [];

  constructor(offset: number) {
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  advance(offset: number): void {
    this.#offset = Math.max(this.#offset, offset);
    if (this.#waiters.length === 0) return;
    const waiting: Waiter[] = [];
    for (const waiter of this.#waiters) {
      if (waiter.offset <= this.#offset) waiter.resolve();
      else waiting.push(waiter);
    }
    this.#waiters = waiting;
  }

  /** Resolves when the offset is at least this. */
  reached(offset: number): Promise<void> {
    if (offset <= this.#offset) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ offset, resolve }));
  }
}
