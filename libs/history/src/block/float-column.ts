import { ByteWriter, type ByteReader } from './bytes.js';
import { readIntegers, writeIntegers } from './integer-column.js';

/** Column form: 0 to 9 decimals as scaled integers, or the bits of doubles, each XORed with the one before. */
const XOR = 0xff;
const MOST_DECIMALS = 9;
/** Scaled integers stay below this, so that differences of differences are exact. */
const LARGEST = 2 ** 49;
/** Above so many bytes a value the other form is tried as well. */
const WORTH_COMPARING = 2;

/** Writes finite doubles in the shorter of two forms. Minus zero is written as zero. */
export function writeFloats(out: ByteWriter, values: ArrayLike<number>): void {
  const decimals = commonDecimals(values);
  if (decimals === undefined) {
    out.append(xorForm(values));
    return;
  }
  const scaled = decimalForm(values, decimals);
  if (scaled.length <= WORTH_COMPARING * values.length) {
    out.append(scaled);
    return;
  }
  const xored = xorForm(values);
  out.append(xored.length < scaled.length ? xored : scaled);
}

export function readFloats(input: ByteReader, count: number): Float64Array {
  const form = input.byte();
  if (form === XOR) return readXor(input, count);
  if (form > MOST_DECIMALS) throw new RangeError(`number column of form ${form}`);
  const values = readIntegers(input, count);
  const scale = 10 ** form;
  if (scale > 1) for (let index = 0; index < count; index += 1) values[index]! /= scale;
  return values;
}

/** The fewest decimals that hold every value exactly, by the very division that reading does. */
function commonDecimals(values: ArrayLike<number>): number | undefined {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals += 1) {
    const scale = 10 ** decimals;
    let index = 0;
    for (; index < values.length; index += 1) {
      const scaled = Math.round(values[index]! * scale);
      if (Math.abs(scaled) >= LARGEST) return undefined;
      if (scaled / scale !== values[index]) break;
    }
    if (index === values.length) return decimals;
  }
  return undefined;
}

function decimalForm(values: ArrayLike<number>, decimals: number): Uint8Array {
  const out = new ByteWriter();
  const scale = 10 ** decimals;
  out.byte(decimals);
  const scaled = new Float64Array(values.length);
  for (let index = 0; index < scaled.length; index += 1) scaled[index] = Math.round(values[index]! * scale);
  writeIntegers(out, scaled);
  return out.finish();
}

/**
 * Each double XORed with its predecessor, after Pelkonen et al., "Gorilla" (VLDB 2015) §4.1.2, on byte borders: one byte
 * tells how many leading and trailing zero bytes there are, the bytes between follow. Equal neighbours cost one byte.
 */
function xorForm(values: ArrayLike<number>): Uint8Array {
  const out = new ByteWriter();
  out.byte(XOR);
  const view = new DataView(new ArrayBuffer(8));
  const previous = new Uint8Array(8);
  const current = new Uint8Array(view.buffer);
  const difference = new Uint8Array(8);
  for (let index = 0; index < values.length; index += 1) {
    view.setFloat64(0, values[index]! + 0);
    let leading = 8;
    let end = 0;
    for (let at = 0; at < 8; at += 1) {
      const changed = current[at]! ^ previous[at]!;
      difference[at] = changed;
      if (changed === 0) continue;
      if (leading === 8) leading = at;
      end = at + 1;
    }
    out.byte((leading << 4) | end);
    for (let at = leading; at < end; at += 1) out.byte(difference[at]!);
    previous.set(current);
  }
  return out.finish();
}

function readXor(input: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count);
  const view = new DataView(new ArrayBuffer(8));
  const current = new Uint8Array(view.buffer);
  for (let index = 0; index < count; index += 1) {
    const shape = input.byte();
    for (let at = shape >>> 4; at < (shape & 0x0f); at += 1) current[at]! ^= input.byte();
    values[index] = view.getFloat64(0);
  }
  return values;
}
