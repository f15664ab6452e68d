const LOOK_EVERY_MS = 1_000;

/** Looks once a second what is to be done, one look at a time. */
export abstract class Lookout {
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Never rejects; what failed is tried with the next look. */
  look(): Promise<void> {
    this.#looking ??= this.step()
      .catch((error: unknown) => this.failed(error))
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  protected abstract step(): Promise<void>;
  protected abstract failed(error: unknown): void;
}
