const BUSY = 0;
const CLOSED = 1;

/**
 * Keeps `process.exit`, and an uncaught exception, from ending the thread while it is inside SQLite: the binding would
 * abort the process (exit code 134, and the message of the exception lost).
 */
export class ExitGate {
  readonly #cells: Int32Array;

  /** @param memory that of the other thread's gate */
  constructor(readonly memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.#cells = new Int32Array(memory);
  }

  /** In the thread: does the work, or leaves it when the process is ending. */
  enter(work: () => void): void {
    Atomics.store(this.#cells, BUSY, 1);
    try {
      // After the store above: either the main thread sees that we are busy, or we see that it has closed.
      if (Atomics.load(this.#cells, CLOSED) === 0) work();
    } finally {
      Atomics.store(this.#cells, BUSY, 0);
      Atomics.notify(this.#cells, BUSY);
    }
  }

  /** In the main thread, when the process ends: blocks until the work under way is done, at most so long. */
  close(timeoutMs: number): void {
    Atomics.store(this.#cells, CLOSED, 1);
    Atomics.wait(this.#cells, BUSY, 1, timeoutMs);
  }
}
