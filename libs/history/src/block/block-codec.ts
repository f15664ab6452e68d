import { crc32 } from 'node:zlib';
import { compactValues, type Columns, type PointValue } from '../sample-columns.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { readFloats, writeFloats } from './float-column.js';
import { readIntegers, writeIntegers } from './integer-column.js';

/**
 * A block: format (1 byte), kind of values (1 byte), count (varint), then the columns `ts`, `receivedAt - ts`, quality and
 * values, then CRC-32 of all that (4 bytes, little endian).
 */
const FORMAT = 1;
const CHECKSUM_BYTES = 4;

const NUMBERS = 0;
const BOOLEANS = 1;
const STRINGS = 2;
/** A point whose type was changed: every value as JSON in the dictionary. */
const MIXED = 3;

/** The bytes are not those that were written. */
export class BlockDamaged extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BlockDamaged';
  }
}

/**
 * Packs samples of one series. Times are whole milliseconds from 0 to `LAST_TIME`, numbers are finite. What comes back is the
 * same but for two things that no reader may depend on: minus zero is zero, and a lone surrogate is U+FFFD.
 */
export function encodeBlock(columns: Columns): Uint8Array {
  const count = columns.ts.length;
  const kind = kindOf(columns.values);
  const out = new ByteWriter();
  out.byte(FORMAT);
  out.byte(kind);
  out.varint(count);
  writeIntegers(out, columns.ts);
  writeIntegers(out, delays(columns));
  writeIntegers(out, columns.quality);
  writeValues(out, kind, columns.values);
  const body = out.finish();
  const sealed = new Uint8Array(body.length + CHECKSUM_BYTES);
  sealed.set(body);
  new DataView(sealed.buffer).setUint32(body.length, crc32(body), true);
  return sealed;
}

/** Unpacks a block, or throws `BlockDamaged`; never answers with other samples than those that were packed. */
export function decodeBlock(bytes: Uint8Array): Columns {
  const length = bytes.length - CHECKSUM_BYTES;
  if (length < 3) throw new BlockDamaged(`block of ${bytes.length} bytes`);
  const body = bytes.subarray(0, length);
  const stated = new DataView(bytes.buffer, bytes.byteOffset + length, CHECKSUM_BYTES).getUint32(0, true);
  if (stated !== crc32(body)) throw new BlockDamaged('block whose checksum does not hold');
  if (body[0] !== FORMAT) throw new BlockDamaged(`block of format ${body[0]}, known is ${FORMAT}`);
  try {
    return decodeBody(new ByteReader(body.subarray(1)));
  } catch (error) {
    throw new BlockDamaged('block that cannot be read', { cause: error });
  }
}

function decodeBody(input: ByteReader): Columns {
  const kind = input.byte();
  const count = input.varint();
  const ts = readIntegers(input, count);
  const receivedAt = readIntegers(input, count);
  for (let index = 0; index < count; index += 1) receivedAt[index]! += ts[index]!;
  const quality = new Uint8Array(readIntegers(input, count));
  const values = readValues(input, kind, count);
  if (!input.atEnd) throw new RangeError('bytes after the last column');
  return { ts, receivedAt, quality, values };
}

function delays({ ts, receivedAt }: Columns): Float64Array {
  const result = new Float64Array(ts.length);
  for (let index = 0; index < result.length; index += 1) result[index] = receivedAt[index]! - ts[index]!;
  return result;
}

function kindOf(values: Columns['values']): number {
  if (values instanceof Float64Array) return NUMBERS;
  const types = new Set(values.map((value) => typeof value));
  if (types.size > 1) return MIXED;
  if (types.has('boolean')) return BOOLEANS;
  return types.has('string') ? STRINGS : NUMBERS;
}

function writeValues(out: ByteWriter, kind: number, values: Columns['values']): void {
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

function readValues(input: ByteReader, kind: number, count: number): Columns['values'] {
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
