import { type RollUp } from '../roll-up.js';
import { type PointValue } from '../sample-columns.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { readFloats, writeFloats } from './float-column.js';
import { readIntegers, writeIntegers } from './integer-column.js';
import { BlockDamaged, seal, unseal } from './seal.js';
import { kindOf, readValues, writeValues } from './value-column.js';

/**
 * Roll-ups of one series and tier: format (1 byte), kind of `last` (1 byte), number of windows (varint), then the columns
 * number of the window after the first time of the block, count, numbers, sum, min, max and last, then CRC-32.
 */
const FORMAT = 1;
const MOST_DECIMALS = 9;

/** Packs windows of `every` ms, ascending, none before `from`, which is a border of windows. */
export function encodeRollUps(rows: readonly RollUp[], from: number, every: number): Uint8Array {
  const last = Array.from(rows, (row): PointValue => row.last);
  const kind = kindOf(last);
  const out = new ByteWriter();
  out.byte(FORMAT);
  out.byte(kind);
  out.varint(rows.length);
  const integers = (of: (row: RollUp) => number): void => writeIntegers(out, Float64Array.from(rows, of));
  const floats = (of: (row: RollUp) => number): void => writeFloats(out, Float64Array.from(rows, of));
  integers(({ start }) => (start - from) / every);
  integers(({ count }) => count);
  integers(({ numbers }) => numbers);
  floats(sumOf);
  floats(({ min }) => min);
  floats(({ max }) => max);
  writeValues(out, kind, last);
  return seal(out.finish());
}

/** Unpacks what `encodeRollUps` packed with the same `from` and `every`, or throws `BlockDamaged`. */
export function decodeRollUps(bytes: Uint8Array, from: number, every: number): readonly RollUp[] {
  const body = unseal(bytes, FORMAT);
  try {
    return decodeBody(new ByteReader(body.subarray(1)), from, every);
  } catch (error) {
    throw new BlockDamaged('roll-ups that cannot be read', { cause: error });
  }
}

function decodeBody(input: ByteReader, from: number, every: number): RollUp[] {
  const kind = input.byte();
  const length = input.varint();
  const window = readIntegers(input, length);
  const count = readIntegers(input, length);
  const numbers = readIntegers(input, length);
  const sum = readFloats(input, length);
  const min = readFloats(input, length);
  const max = readFloats(input, length);
  const last = readValues(input, kind, length);
  if (!input.atEnd) throw new RangeError('bytes after the last column');
  return Array.from(window, (index, row) => ({
    start: from + index * every,
    count: count[row]!,
    numbers: numbers[row]!,
    mean: numbers[row] === 0 ? 0 : sum[row]! / numbers[row]!,
    min: min[row]!,
    max: max[row]!,
    last: last[row] as number | string,
  }));
}

/**
 * The sum of a window, with as few decimals as its samples seem to have: adding up decimals leaves an error in the last bits,
 * which would need eight bytes. What is taken away is less than adding up may have erred.
 */
function sumOf({ numbers, mean, min, max }: RollUp): number {
  const sum = mean * numbers;
  const error = Number.EPSILON * numbers * Math.max(Math.abs(min), Math.abs(max));
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals += 1) {
    const scale = 10 ** decimals;
    const rounded = Math.round(sum * scale) / scale;
    if (Math.abs(rounded - sum) <= error) return rounded;
  }
  return sum;
}
