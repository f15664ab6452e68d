import { type Page } from '@watchfire/contracts';
import { ref, shallowRef, type Ref } from 'vue';

export interface Pages<T> {
  readonly items: Ref<readonly T[]>;
  readonly total: Ref<number>;
  readonly more: Ref<boolean>;
  readonly loading: Ref<boolean>;
  readonly failure: Ref<unknown>;
  /** Reads from the beginning. */
  restart: () => Promise<void>;
  next: () => Promise<void>;
  /** Reads the first page again; what is shown stays until it is there. */
  again: () => Promise<void>;
}

/** A long list, read page by page as the reader asks for more. */
export function usePages<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Pages<T> {
  const items = shallowRef<readonly T[]>([]);
  const total = ref(0);
  const more = ref(false);
  const loading = ref(false);
  const failure = shallowRef<unknown>(null);
  let cursor: string | undefined;
  let generation = 0;

  async function next(isFirst = false): Promise<void> {
    const mine = generation;
    loading.value = true;
    failure.value = null;
    try {
      const page = await read(cursor);
      // An answer to a question that has since been asked anew belongs to another list.
      if (mine !== generation) return;
      items.value = isFirst ? page.items : [...items.value, ...page.items];
      total.value = page.total;
      cursor = page.nextCursor ?? undefined;
      more.value = cursor !== undefined;
    } catch (error) {
      if (mine === generation) failure.value = error;
    } finally {
      if (mine === generation) loading.value = false;
    }
  }
  function restart(): Promise<void> {
    generation += 1;
    cursor = undefined;
    items.value = [];
    return next();
  }
  function again(): Promise<void> {
    generation += 1;
    cursor = undefined;
    return next(true);
  }
  return { items, total, more, loading, failure, restart, next: () => next(), again };
}
