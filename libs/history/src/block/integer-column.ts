import { type ByteReader, type ByteWriter, varintLength, zigzag } from './bytes.js';

/** Values a frame; each frame has its own width, so that one outlier costs 64 values and not a thousand. */
const FRAME = 64;
/** Widest packed value: 24 bits and 7 left over from the byte before fit a 32-bit accumulator. */
const WIDEST = 24;
const VARINTS = WIDEST + 1;

/**
 * Writes whole numbers of magnitude below 2^49 as themselves, as differences, or as differences of differences: whichever is
 * shortest. Each frame of 64 is bit-packed above its minimum (a constant frame has width 0 and no bits), or written as
 * zig-zag varints where that is shorter.
 */
export function writeIntegers(out: ByteWriter, values: ArrayLike<number>): void {
  let best = Array.from(values);
  let order = 0;
  let size = framesLength(best, 0);
  let current = best;
  for (let next = 1; next <= 2 && next < values.length; next += 1) {
    current = differences(current, next);
    const candidate = framesLength(current, next);
    if (candidate < size) [best, order, size] = [current, next, candidate];
  }
  out.byte(order);
  for (let seed = 0; seed < order; seed += 1) out.signed(best[seed]!);
  for (let from = order; from < best.length; from += FRAME) {
    writeFrame(out, best, from, Math.min(from + FRAME, best.length));
  }
}

/** Reads `count` numbers that `writeIntegers` wrote. */
export function readIntegers(input: ByteReader, count: number): Float64Array {
  const order = input.byte();
  const values = new Float64Array(count);
  for (let seed = 0; seed < order; seed += 1) values[seed] = input.signed();
  for (let from = order; from < count; from += FRAME) {
    readFrame(input, values, from, Math.min(from + FRAME, count));
  }
  for (let pass = order; pass >= 1; pass -= 1) {
    for (let index = pass; index < count; index += 1) values[index]! += values[index - 1]!;
  }
  return values;
}

/** Differences from index `order` on; what comes before stays, as a seed. */
function differences(values: readonly number[], order: number): number[] {
  const result = values.slice();
  for (let index = order; index < values.length; index += 1) {
    result[index] = values[index]! - values[index - 1]!;
  }
  return result;
}

interface FrameShape {
  readonly base: number;
  readonly width: number;
  readonly packed: number;
  readonly varints: number;
}

function shapeOf(values: readonly number[], from: number, to: number): FrameShape {
  let base = values[from]!;
  let highest = base;
  let varints = 1;
  for (let index = from; index < to; index += 1) {
    const value = values[index]!;
    if (value < base) base = value;
    if (value > highest) highest = value;
    varints += varintLength(zigzag(value));
  }
  const spread = highest - base;
  const width = spread < 2 ** WIDEST ? 32 - Math.clz32(spread) : Infinity;
  const packed = 1 + varintLength(zigzag(base)) + Math.ceil(((to - from) * width) / 8);
  return { base, width, packed, varints };
}

function framesLength(values: readonly number[], order: number): number {
  let length = 1;
  for (let seed = 0; seed < order; seed += 1) length += varintLength(zigzag(values[seed]!));
  for (let from = order; from < values.length; from += FRAME) {
    const shape = shapeOf(values, from, Math.min(from + FRAME, values.length));
    length += Math.min(shape.packed, shape.varints);
  }
  return length;
}

function writeFrame(out: ByteWriter, values: readonly number[], from: number, to: number): void {
  const { base, width, packed, varints } = shapeOf(values, from, to);
  if (varints < packed) {
    out.byte(VARINTS);
    for (let index = from; index < to; index += 1) out.signed(values[index]!);
    return;
  }
  out.byte(width);
  out.signed(base);
  let bits = 0;
  let held = 0;
  for (let index = from; index < to; index += 1) {
    bits |= (values[index]! - base) << held;
    held += width;
    while (held >= 8) {
      out.byte(bits & 0xff);
      bits >>>= 8;
      held -= 8;
    }
  }
  if (held > 0) out.byte(bits);
}

function readFrame(input: ByteReader, values: Float64Array, from: number, to: number): void {
  const width = input.byte();
  if (width > VARINTS) throw new RangeError(`frame of width ${width}`);
  if (width === VARINTS) {
    for (let index = from; index < to; index += 1) values[index] = input.signed();
    return;
  }
  const base = input.signed();
  if (width === 0) {
    values.fill(base, from, to);
    return;
  }
  const { bytes } = input;
  // Not `take`: a view for each frame costs more than reading it.
  let next = input.skip(Math.ceil(((to - from) * width) / 8));
  const mask = (1 << width) - 1;
  let bits = 0;
  let held = 0;
  for (let index = from; index < to; index += 1) {
    while (held < width) {
      bits |= bytes[next]! << held;
      next += 1;
      held += 8;
    }
    values[index] = base + (bits & mask);
    bits >>= width;
    held -= width;
  }
}
