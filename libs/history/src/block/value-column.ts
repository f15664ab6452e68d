import { compactValues, type Columns, type PointValue } from '../sample-columns.js';
import { type ByteReader, type ByteWriter } from './bytes.js';
import { readFloats, writeFloats } from './float-column.js';
import { readIntegers, writeIntegers } from './integer-column.js';

const NUMBERS = 0;
const BOOLEANS = 1;
const STRINGS = 2;
/** A point whose type was changed: every value as JSON in the dictionary. */
const MIXED = 3;

/** How a column of values is written. */
export function kindOf(values: Columns['values']): number {
  if (values instanceof Float64Array) return NUMBERS;
  const types = new Set(values.map((value) => typeof value));
  if (types.size > 1) return MIXED;
  if (types.has('boolean')) return BOOLEANS;
  return types.has('string') ? STRINGS : NUMBERS;
}

export function writeValues(out: ByteWriter, kind: number, values: Columns['values']): void {
  if (kind === NUMBERS) writeFloats(out, values as ArrayLike<number>);
  else if (kind === BOOLEANS) writeIntegers(out, Array.from(values, Number));
  else
    writeDictionary(
      out,
      Array.from(values as readonly PointValue[], (value) =>
        kind === STRINGS ? String(value) : JSON.stringify(value),
      ),
    );
}

export function readValues(input: ByteReader, kind: number, count: number): Columns['values'] {
  switch (kind) {
    case NUMBERS:
      return readFloats(input, count);
    case BOOLEANS:
      return Array.from(readIntegers(input, count), (value) => value === 1);
    case STRINGS:
      return readDictionary(input, count, (text) => text);
    case MIXED:
      return compactValues(readDictionary(input, count, (text) => JSON.parse(text) as PointValue));
    default:
      throw new RangeError(`values of kind ${kind}`);
  }
}

function writeDictionary(out: ByteWriter, texts: readonly string[]): void {
  const indexes = new Map<string, number>();
  for (const text of texts) if (!indexes.has(text)) indexes.set(text, indexes.size);
  out.varint(indexes.size);
  for (const text of indexes.keys()) {
    const bytes = Buffer.from(text, 'utf8');
    out.varint(bytes.length);
    out.append(bytes);
  }
  writeIntegers(
    out,
    texts.map((text) => indexes.get(text)!),
  );
}

function readDictionary<T>(input: ByteReader, count: number, parse: (text: string) => T): T[] {
  const entries: T[] = [];
  for (let size = input.varint(); entries.length < size;) {
    entries.push(parse(Buffer.from(input.take(input.varint())).toString('utf8')));
  }
  return Array.from(readIntegers(input, count), (index) => {
    const entry = entries[index];
    if (entry === undefined) throw new RangeError('value that the dictionary does not have');
    return entry;
  });
}
