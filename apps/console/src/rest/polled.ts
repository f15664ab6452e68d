import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';

/**
 * An answer that is asked for again and again. What was read last stays while the server cannot be asked, beside the failure, so that
 * who shows it can say that it is old.
 */
export class Polled<T> {
  readonly value: ShallowRef<T | null> = shallowRef(null);
  readonly failure: ShallowRef<unknown> = shallowRef(null);
  readonly loading: Ref<boolean> = ref(false);
  private running: Promise<void> | undefined;
  private generation = 0;

  constructor(private readonly read: () => Promise<T>) {}

  /** Calls that come while one is under way share it. */
  load(): Promise<void> {
    return this.running ?? this.ask();
  }

  /** Asks anew: what is under way was asked before something changed, and its answer is dropped. */
  again(): Promise<void> {
    return this.ask();
  }

  /** As if nothing had been read: the question is another one. */
  restart(): Promise<void> {
    this.value.value = null;
    return this.ask();
  }

  /** What is under way is not waited for. */
  stop(): void {
    this.generation += 1;
  }

  private ask(): Promise<void> {
    this.generation += 1;
    const asked = this.answer(this.generation);
    this.running = asked;
    return asked;
  }

  private async answer(mine: number): Promise<void> {
    this.loading.value = true;
    try {
      const value = await this.read();
      if (mine !== this.generation) return;
      this.value.value = value;
      this.failure.value = null;
    } catch (error) {
      if (mine === this.generation) this.failure.value = error;
    } finally {
      if (mine === this.generation) {
        this.loading.value = false;
        this.running = undefined;
      }
    }
  }
}
