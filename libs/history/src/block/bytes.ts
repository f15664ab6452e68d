/** Bytes that grow; integers are variable-length, seven bits a byte, least significant first. */
export class ByteWriter {
  private bytes = new Uint8Array(512);
  private used = 0;

  get length(): number {
    return this.used;
  }

  byte(value: number): void {
    if (this.used === this.bytes.length) this.grow(1);
    this.bytes[this.used++] = value;
  }

  append(source: Uint8Array): void {
    this.grow(source.length);
    this.bytes.set(source, this.used);
    this.used += source.length;
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** A whole number of magnitude below 2^52, small magnitudes in few bytes. */
  signed(value: number): void {
    this.varint(zigzag(value));
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.used);
  }

  private grow(more: number): void {
    if (this.used + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.used + more));
    larger.set(this.bytes.subarray(0, this.used));
    this.bytes = larger;
  }
}

/** Reads what a `ByteWriter` wrote; reading past the end throws a `RangeError`. */
export class ByteReader {
  private at = 0;

  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new RangeError('block ends too early');
    this.at += 1;
    return value;
  }

  take(length: number): Uint8Array {
    const from = this.skip(length);
    return this.bytes.subarray(from, from + length);
  }

  /** Goes past `length` bytes and tells where in `bytes` they begin. */
  skip(length: number): number {
    const from = this.at;
    if (from + length > this.bytes.length) throw new RangeError('block ends too early');
    this.at += length;
    return from;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const next = this.byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) return value;
      scale *= 0x80;
    }
  }

  signed(): number {
    const coded = this.varint();
    return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
  }

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }
}

export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function varintLength(value: number): number {
  if (value < 2 ** 28) return value < 2 ** 14 ? (value < 2 ** 7 ? 1 : 2) : value < 2 ** 21 ? 3 : 4;
  return 4 + varintLength(Math.floor(value / 2 ** 28));
}
