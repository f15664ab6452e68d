import { type JsonCursor, jsonLiteral, type JsonLiteral } from './json-cursor.js';

/**
 * The names that members of an object may have. Senders write them in the same order each time, so what followed the previous
 * member in the last object is tried first.
 */
export class JsonKeyTable {
  private readonly names: readonly JsonLiteral[];
  /** By the index of a name plus one, and by 0 for the beginning of an object: the index that followed. */
  private readonly follows: Uint16Array;

  /** `names`: at most 65,535, of ASCII, none with a character that JSON escapes. */
  constructor(names: readonly string[]) {
    const utf8 = new TextEncoder();
    this.names = names.map((name) => jsonLiteral(utf8.encode(`"${name}"`)));
    this.follows = Uint16Array.from({ length: names.length + 1 }, (_, i) => Math.min(i, names.length - 1));
  }

  /** Reads one of the names and answers its index, or -1. `previous`: what it answered before in this object, at first -1. */
  read(cursor: JsonCursor, previous: number): number {
    const { names, follows } = this;
    const expected = follows[previous + 1]!;
    if (expected < names.length && cursor.literal(names[expected]!)) return expected;
    for (let i = 0; i < names.length; i++) {
      if (!cursor.literal(names[i]!)) continue;
      follows[previous + 1] = i;
      return i;
    }
    return -1;
  }
}
