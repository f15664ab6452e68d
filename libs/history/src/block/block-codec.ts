import { type Columns } from '../sample-columns.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { readIntegers, writeIntegers } from './integer-column.js';
import { BlockDamaged, seal, unseal } from './seal.js';
import { kindOf, readValues, writeValues } from './value-column.js';

/**
 * A block: format (1 byte), kind of values (1 byte), count (varint), then the columns `ts`, `receivedAt - ts`, quality and
 * values, then CRC-32 of all that (4 bytes, little endian).
 */
const FORMAT = 1;

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
  return seal(out.finish());
}

/** Unpacks a block, or throws `BlockDamaged`; never answers with other samples than those that were packed. */
export function decodeBlock(bytes: Uint8Array): Columns {
  const body = unseal(bytes, FORMAT);
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
