const ascii = new TextDecoder();

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
/** `E` or this bit is `e`; no other byte but `e` is. */
const CASE_BIT = 0x20;
const SMALL_E = 0x65;

/** They stay below 2^31, so that they are added up as an integer of the machine. */
const HEAD_DIGITS = 9;
const MAX_DIGITS = 15;
const MAX_POWER = 22;
/** Beyond every double, and far from the end of the integers. */
const LARGE_POWER = 100_000;
/** Each exact in a double (5^22 < 2^53), and read, not computed: `10 ** i` may round. */
const POWERS_OF_TEN = Float64Array.from({ length: MAX_POWER + 1 }, (_, i) => Number(`1e${i}`));

/** Bytes that are looked for, four at a time. */
export interface JsonLiteral {
  readonly length: number;
  /** Little-endian. */
  readonly words: Int32Array;
  /** Up to three. */
  readonly rest: Uint8Array;
}

export function jsonLiteral(bytes: Uint8Array): JsonLiteral {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = Int32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getInt32(i * 4, true));
  return { length: bytes.length, words, rest: bytes.slice(words.length * 4) };
}

/** What `next` and `peek` answer at the end. */
export const END = -1;

/**
 * Reads JSON from bytes without making anything of it. Every method either reads what it says and moves on, or answers that it
 * cannot; then the place is lost. What it reads, `JSON.parse` reads the same; it gives up on much that `JSON.parse` knows.
 */
export class JsonCursor {
  /** Where the next byte is. */
  at = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private end = 0;
  /** A typed array, since a number returned or kept in a field may become an object. */
  private readonly result = new Float64Array(1);
  private power = 0;

  begin(bytes: Uint8Array, from: number, to: number): void {
    this.bytes = bytes;
    this.at = from;
    this.end = Math.min(to, bytes.length);
  }

  /** The next byte that is no white space, without reading it. */
  peek(): number {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte > 0x20 || !isSpace(byte)) {
        this.at = at;
        return byte;
      }
      at++;
    }
    this.at = at;
    return END;
  }

  /** Reads the next byte that is no white space. */
  next(): number {
    const byte = this.peek();
    this.at++;
    return byte;
  }

  /** Whether exactly this comes next. */
  literal({ words, rest, length }: JsonLiteral): boolean {
    const { bytes } = this;
    let at = this.at;
    if (at + length > this.end) return false;
    for (let i = 0; i < words.length; i++, at += 4) {
      if (wordAt(bytes, at) !== words[i]) return false;
    }
    for (let i = 0; i < rest.length; i++, at++) {
      if (bytes[at] !== rest[i]) return false;
    }
    this.at = at;
    return true;
  }

  /** What `number` has read. */
  get value(): number {
    return this.result[0]!;
  }

  /**
   * Reads a number. With at most 15 digits and a power of ten of at most ±22 once the point is
   * gone, digits and power are exact doubles, so that one multiplication or division rounds as `JSON.parse` does (Clinger, How
   * to Read Floating Point Numbers Accurately, 1990). All others cost a string.
   */
  number(): boolean {
    const { bytes, end } = this;
    const from = this.at;
    const negative = bytes[from] === MINUS;
    const first = negative ? from + 1 : from;
    let at = first;
    let point = -1;
    let head = 0;
    let tail = 0;
    let digits = 0;
    for (; digits + 4 < HEAD_DIGITS && at + 4 <= end; at += 4) {
      const four = fourDigits(wordAt(bytes, at));
      if (four < 0) break;
      head = head * 10_000 + four;
      digits += 4;
    }
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit >= 0 && digit <= 9) {
        if (digits < HEAD_DIGITS) head = head * 10 + digit;
        else if (digits < MAX_DIGITS) tail = tail * 10 + digit;
        digits++;
      } else if (digit === DOT - ZERO && point < 0) {
        point = at;
      } else {
        break;
      }
    }
    const wholeTo = point < 0 ? at : point;
    if (wholeTo === first || at === point + 1) return false;
    if (bytes[first] === ZERO && wholeTo > first + 1) return false;
    this.at = at;
    let power = point < 0 ? 0 : point + 1 - at;
    if (at < end && (bytes[at]! | CASE_BIT) === SMALL_E) {
      if (!this.exponent()) return false;
      power += this.power;
    }
    if (digits > MAX_DIGITS || power > MAX_POWER || power < -MAX_POWER) return this.longNumber(from);
    let value = digits <= HEAD_DIGITS ? head : head * POWERS_OF_TEN[digits - HEAD_DIGITS]! + tail;
    if (power < 0) value /= POWERS_OF_TEN[-power]!;
    else if (power > 0) value *= POWERS_OF_TEN[power]!;
    this.result[0] = negative ? -value : value;
    return true;
  }

  /** Reads what stands behind the digits of a number, from its `e`, into `power`. */
  private exponent(): boolean {
    const { bytes, end } = this;
    let at = this.at + 1;
    const sign = bytes[at];
    if (sign === MINUS || sign === PLUS) at++;
    const first = at;
    let power = 0;
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      if (power < LARGE_POWER) power = power * 10 + digit;
    }
    this.at = at;
    this.power = sign === MINUS ? -power : power;
    return at > first;
  }

  /** What stands from `from` to `at` is a number, and not a short one. One beyond a double is given up. */
  private longNumber(from: number): boolean {
    const value = Number(ascii.decode(this.bytes.subarray(from, this.at)));
    this.result[0] = value;
    return Number.isFinite(value);
  }

  /**
   * Reads a string of at most `maxLength` characters of ASCII without escapes. Where it is the same as `last`, it is that one:
   * what a device repeats costs no string.
   */
  text(last: string | undefined, maxLength: number): string | undefined {
    if (last !== undefined && this.isText(last)) return last;
    const { bytes, end, at: from } = this;
    if (bytes[from] !== QUOTE) return undefined;
    for (let at = from + 1; at < end && at - from - 1 <= maxLength; at++) {
      const byte = bytes[at]!;
      if (byte < 0x20 || byte > 0x7f || byte === BACKSLASH) return undefined;
      if (byte !== QUOTE) continue;
      this.at = at + 1;
      return ascii.decode(bytes.subarray(from + 1, at));
    }
    return undefined;
  }

  /** Reads this string, which `text` has answered before. */
  private isText(text: string): boolean {
    const { bytes, at } = this;
    const { length } = text;
    const last = at + length + 1;
    if (last >= this.end || bytes[at] !== QUOTE || bytes[last] !== QUOTE) return false;
    for (let i = 0; i < length; i++) if (bytes[at + 1 + i] !== text.charCodeAt(i)) return false;
    this.at = last + 1;
    return true;
  }
}

/** Four bytes, little-endian. A view of them would be another object for each buffer that a socket brings. */
function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/**
 * Four digits, the first of them in the lowest byte, as a number; -1 when one is none. A byte is a digit when neither 0x46 more
 * nor 0x30 less reaches its highest bit; neighbours are then added up in pairs, all of them at once.
 */
function fourDigits(word: number): number {
  if ((((word + 0x46464646) | (word - 0x30303030)) & 0x80808080) !== 0) return -1;
  const pairs = ((Math.imul(word & 0x0f0f0f0f, 2561) >>> 8) & 0x00ff00ff) >>> 0;
  return Math.imul(pairs, 6553601) >>> 16;
}

/** White space as JSON has it (RFC 8259 §2), of bytes up to 0x20. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
