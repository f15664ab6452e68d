import { RegistryError } from './errors.js';
import { type Paged, type PageRequest } from './rows.js';

const MAX_LIMIT = 1000;

/** The key after which the page begins; a cursor is opaque to its bearer and carries nothing but this key. */
export function cursorKey<K extends string | number>(
  page: PageRequest,
  type: 'string' | 'number',
): K | undefined {
  if (!Number.isInteger(page.limit) || page.limit < 1 || page.limit > MAX_LIMIT) {
    throw new RegistryError('invalid', `limit must be 1 to ${MAX_LIMIT}`);
  }
  if (page.cursor === undefined) return undefined;
  const key = decode(page.cursor);
  if (typeof key !== type) throw new RegistryError('invalid', 'the cursor is not one of this list');
  return key as K;
}

/** `rows` is one longer than the page where there is another page. */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  total: number,
  read: { readonly row: (row: R) => T; readonly key: (row: R) => string | number },
): Paged<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items: shown.map((row) => read.row(row)),
    total,
    nextCursor: more ? Buffer.from(JSON.stringify(read.key(last)), 'utf8').toString('base64url') : null,
  };
}

/** Where a list ends that is ordered by a time and, within it, by id; both fall. */
export interface TimeKey {
  readonly at: number;
  readonly id: string;
}

const TIME_KEY = /^(\d{1,16})\/(.{1,64})$/;

export function timeKey(page: PageRequest): TimeKey | undefined {
  const key = cursorKey<string>(page, 'string');
  if (key === undefined) return undefined;
  const [, at, id] = TIME_KEY.exec(key) ?? [];
  if (id === undefined) throw new RegistryError('invalid', 'the cursor is not one of this list');
  return { at: Number(at), id };
}

export const timeKeyOf = ({ at, id }: TimeKey): string => `${at}/${id}`;

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
