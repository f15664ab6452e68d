import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { newIdempotencyKey, RestError } from './rest-client.js';

/** An act that a person has put together: the same body under the same key, however often it is tried. */
interface Made<B> {
  readonly key: string;
  readonly body: B;
}

/**
 * One act at a time over REST. What nobody answered may have happened: it is tried again as it was, and then happens once. What was
 * refused is over, and the next attempt is another act.
 */
export class Attempt<B, A> {
  readonly busy: Ref<boolean> = ref(false);
  readonly failure: ShallowRef<unknown> = shallowRef(null);
  /** Nobody knows whether the last attempt took effect. */
  readonly unanswered: ComputedRef<boolean> = computed(() => isUnanswered(this.failure.value));
  private made: Made<B> | undefined;

  constructor(
    private readonly send: (body: B, key: string) => Promise<A>,
    private readonly newKey: () => string = newIdempotencyKey,
  ) {}

  /** The answer; undefined where there was none, or one is still awaited. */
  async make(body: B): Promise<A | undefined> {
    if (this.busy.value) return undefined;
    this.made ??= { key: this.newKey(), body };
    const { made } = this;
    this.busy.value = true;
    this.failure.value = null;
    try {
      const answer = await this.send(made.body, made.key);
      this.made = undefined;
      return answer;
    } catch (error) {
      this.failure.value = error;
      if (!isUnanswered(error)) this.made = undefined;
      return undefined;
    } finally {
      this.busy.value = false;
    }
  }

  /** What was put together has changed: it is another act. */
  changed(): void {
    this.made = undefined;
    this.failure.value = null;
  }
}

function isUnanswered(error: unknown): boolean {
  return (
    error instanceof RestError &&
    (error.unanswered || error.code === 'request_running' || error.status >= 500)
  );
}
