import { type Page } from '@watchfire/contracts';
import { Problem } from '../problem/problem.js';

export interface PageAsked {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * A page of a list that is in memory. The cursor is the sort key of the last item shown, so that what comes and goes between
 * two pages moves nothing else.
 */
export function pageOfList<T, K>(
  sorted: readonly T[],
  { limit, cursor }: PageAsked,
  order: { readonly keyOf: (item: T) => K; readonly compare: (a: K, b: K) => number },
): Page<T> {
  const after = cursor === undefined ? undefined : decodeCursor<K>(cursor);
  const start =
    after === undefined ? 0 : sorted.findIndex((item) => order.compare(order.keyOf(item), after) > 0);
  const items = start < 0 ? [] : sorted.slice(start, start + limit);
  const last = items.at(-1);
  const more = start >= 0 && start + limit < sorted.length && last !== undefined;
  return { items, total: sorted.length, nextCursor: more ? encodeCursor(order.keyOf(last)) : null };
}

/** Order by one text or number that no two items share. */
export function byKey<T, K extends string | number>(keyOf: (item: T) => K) {
  return { keyOf, compare: (a: K, b: K): number => (a < b ? -1 : Number(a > b)) };
}

function encodeCursor(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function decodeCursor<K>(cursor: string): K {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as K;
  } catch (cause) {
    throw new Problem('invalid_request', 'The cursor is not one of this list.', {
      cause,
      errors: [{ path: 'cursor', message: 'not a cursor of this list' }],
    });
  }
}
