import { type ByteReader, type ByteWriter, varintLength, zigzag } from './bytes.js';

/** Values a frame; each frame has its own width, so that one outlier costs 64 values and not a thousand. */
const FRAME = 64;
/** Widest packed value: 24 bits and 7 left over from the byte before fit a 32-bit accumulator. */
const WIDEST = 24;
const VARINTS = WIDEST + 1;

/** Values, differences and differences of differences of the column at hand: reused, since a flush writes thousands. */
let orders = [0, 1, 2].map(() => new Float64Array(1_024));

/**
 * Writes whole numbers of magnitude below 2^49 as themselves, as differences, or as differences of differences: whichever is
 * shortest. Each frame of 64 is bit-packed above its minimum (a constant frame has width 0 and no bits), or written as
 * zig-zag varints where that is shorter.
 */
export function writeIntegers(out: ByteWriter, values: ArrayLike<number>): void {
  const count = values.length;
  if (count > orders[0]!.length) orders = orders.map(() => new Float64Array(2 * count));
  let current: Float64Array = orders[0]!;
  current.set(values);
  let best = current;
  let order = 0;
  let size = framesLength(best, 0, count, Infinity);
  // Nothing is shorter than constant frames.
  const shortest = 1 + 2 * Math.ceil(count / FRAME);
  for (let next = 1; next <= 2 && next < count && size > shortest; next += 1) {
    current = differences(current, orders[next]!, next, count);
    const candidate = framesLength(current, next, count, size);
    if (candidate < size) [best, order, size] = [current, next, candidate];
  }
  out.byte(order);
  for (let seed = 0; seed < order; seed += 1) out.signed(best[seed]!);
  for (let from = order; from < count; from += FRAME) {
    writeFrame(out, best, from, Math.min(from + FRAME, count));
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
function differences(values: Float64Array, into: Float64Array, order: number, count: number): Float64Array {
  for (let index = 0; index < order; index += 1) into[index] = values[index]!;
  for (let index = order; index < count; index += 1) into[index] = values[index]! - values[index - 1]!;
  return into;
}

interface FrameShape {
  readonly base: number;
  readonly width: number;
  readonly packed: number;
  /** Infinity where it was seen without counting that packed is not longer. */
  readonly varints: number;
}

function shapeOf(values: Float64Array, from: number, to: number): FrameShape {
  let base = values[from]!;
  let highest = base;
  for (let index = from + 1; index < to; index += 1) {
    const value = values[index]!;
    if (value < base) base = value;
    if (value > highest) highest = value;
  }
  const spread = highest - base;
  const width = spread < 2 ** WIDEST ? 32 - Math.clz32(spread) : Infinity;
  const packed = 1 + varintLength(zigzag(base)) + Math.ceil(((to - from) * width) / 8);
  const nearest = base > 0 ? base : highest < 0 ? highest : 0;
  const least = 1 + (to - from) * varintLength(zigzag(nearest));
  return { base, width, packed, varints: packed <= least ? Infinity : varintsLength(values, from, to) };
}

function varintsLength(values: Float64Array, from: number, to: number): number {
  let length = 1;
  for (let index = from; index < to; index += 1) length += varintLength(zigzag(values[index]!));
  return length;
}

/** Not exact above `enough`. */
function framesLength(values: Float64Array, order: number, count: number, enough: number): number {
  let length = 1;
  for (let seed = 0; seed < order; seed += 1) length += varintLength(zigzag(values[seed]!));
  for (let from = order; from < count && length < enough; from += FRAME) {
    const shape = shapeOf(values, from, Math.min(from + FRAME, count));
    length += Math.min(shape.packed, shape.varints);
  }
  return length;
}

function writeFrame(out: ByteWriter, values: Float64Array, from: number, to: number): void {
  const { base, width, packed, varints } = shapeOf(values, from, to);
  if (varints < packed) {
    out.byte(VARINTS);
    for (let index = from; index < to; index += 1) out.signed(values[index]!);
    return;
  }
  out.byte(width);
  out.signed(base);
  if (width === 0) return;
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
