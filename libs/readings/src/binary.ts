import { type ReadingColumns } from './columns.js';
import { ReadingSource } from './source.js';

/**
 * Binary form of readings, version 1, little-endian whatever the machine. Never edited: another form is another version of
 * who stores it.
 *
 * `u32 count, u32 samples, u32 bytes of the tables, u32 present`, the tables as JSON in UTF-8
 * (`[[deviceId, …pointIds][], boots, texts]`), padded to a multiple of 8 from the beginning, then the columns, widest first:
 * f64 receivedAt, ts, value, and where `present` says so (bits 1, 2) deviceTime, seq; u32 source, sampleEnd, and (bit 4)
 * boot; u16 point; u8 flags, quality, type. An absent column holds its default: NaN, NaN, 0.
 */
const HEADER_BYTES = 16;
const HAS_DEVICE_TIMES = 1;
const HAS_SEQS = 2;
const HAS_BOOTS = 4;

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
if (!isLittleEndian) throw new Error('Readings are stored little-endian, and this machine is not.');

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** JSON of each source as it stands in the table, a comma behind it; made once, for it is the longest part of small batches. */
const sourceEntries: Uint8Array[] = [];
const OPEN_BRACKET = 0x5b;

interface Shape {
  readonly count: number;
  readonly samples: number;
  readonly present: number;
}

function tables(columns: ReadingColumns): Uint8Array {
  const entries = columns.sources.map(entryOf);
  const boots = columns.boots.length === 0 ? '[]' : JSON.stringify(columns.boots);
  const texts = columns.texts.length === 0 ? '[]' : JSON.stringify(columns.texts);
  const rest = utf8.encode(`],${boots},${texts}]`);
  const bytes = new Uint8Array(entries.reduce((sum, { length }) => sum + length, 2) + rest.length);
  bytes[0] = bytes[1] = OPEN_BRACKET;
  let at = 2;
  for (const entry of entries) {
    bytes.set(entry, at);
    at += entry.length;
  }
  // Over the comma behind the last of them.
  if (entries.length > 0) at--;
  bytes.set(rest, at);
  return bytes.subarray(0, at + rest.length);
}

function entryOf({ index, deviceId, pointIds }: ReadingSource): Uint8Array {
  return (sourceEntries[index] ??= utf8.encode(`${JSON.stringify([deviceId, ...pointIds])},`));
}

function presence({ count, deviceTime, seq, boots }: ReadingColumns): number {
  let present = boots.length > 0 ? HAS_BOOTS : 0;
  for (let i = 0; i < count; i++) {
    if (deviceTime[i] === deviceTime[i]) present |= HAS_DEVICE_TIMES;
    if (seq[i] === seq[i]) present |= HAS_SEQS;
  }
  return present;
}

const padded = (bytes: number): number => (bytes + 7) & ~7;

function columnBytes({ count, samples, present }: Shape): number {
  const wide = 2 + (present & HAS_DEVICE_TIMES ? 1 : 0) + (present & HAS_SEQS ? 1 : 0);
  const narrow = 2 + (present & HAS_BOOTS ? 1 : 0);
  return count * (wide * 8 + narrow * 4 + 1) + samples * (8 + 2 + 1 + 1);
}

/** About how many bytes `encodeReadings` will make: exact but for the names in it. */
export function encodedBytes(columns: ReadingColumns): number {
  const shape = { count: columns.count, samples: columns.value.length, present: 7 };
  return HEADER_BYTES + columns.sources.length * 64 + columnBytes(shape);
}

export function encodeReadings(columns: ReadingColumns): Uint8Array<ArrayBuffer> {
  const shape = { count: columns.count, samples: columns.value.length, present: presence(columns) };
  const names = tables(columns);
  const begin = padded(HEADER_BYTES + names.length);
  const bytes = new Uint8Array(begin + columnBytes(shape));
  const { count, samples, present } = shape;
  new Uint32Array(bytes.buffer, 0, 4).set([count, samples, names.length, present]);
  bytes.set(names, HEADER_BYTES);
  let at = begin;
  const put = (column: Float64Array | Uint32Array | Uint16Array | Uint8Array): void => {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  };
  put(columns.receivedAt);
  put(columns.ts);
  put(columns.value);
  if (present & HAS_DEVICE_TIMES) put(columns.deviceTime);
  if (present & HAS_SEQS) put(columns.seq);
  put(columns.source);
  put(columns.sampleEnd);
  if (present & HAS_BOOTS) put(columns.boot);
  put(columns.point);
  put(columns.flags);
  put(columns.quality);
  put(columns.type);
  return bytes;
}

/** The inverse of `encodeReadings`. @throws Error when the bytes do not add up. */
export function decodeReadings(stored: Uint8Array): ReadingColumns {
  // A copy: views of 8 bytes a number need their alignment, and the caller keeps its own.
  const bytes = new Uint8Array(stored);
  if (bytes.length < HEADER_BYTES) throw new Error(`readings of ${bytes.length} bytes`);
  const [count = 0, samples = 0, nameBytes = 0, present = 0] = new Uint32Array(bytes.buffer, 0, 4);
  const begin = padded(HEADER_BYTES + nameBytes);
  const shape = { count, samples, present };
  if (begin + columnBytes(shape) !== bytes.length) {
    throw new Error(`${count} readings with ${samples} samples do not fill ${bytes.length} bytes`);
  }
  const names = fromUtf8.decode(bytes.subarray(HEADER_BYTES, HEADER_BYTES + nameBytes));
  const [sources, boots, texts] = JSON.parse(names) as [[string, ...string[]][], string[], string[]];
  let at = begin;
  const next = <T>(
    type: { new (b: ArrayBuffer, o: number, n: number): T; BYTES_PER_ELEMENT: number },
    length: number,
  ): T => {
    const column = new type(bytes.buffer, at, length);
    at += length * type.BYTES_PER_ELEMENT;
    return column;
  };
  const absent = (): Float64Array => new Float64Array(count).fill(NaN);
  const receivedAt = next(Float64Array, count);
  const ts = next(Float64Array, count);
  const value = next(Float64Array, samples);
  const deviceTime = present & HAS_DEVICE_TIMES ? next(Float64Array, count) : absent();
  const seq = present & HAS_SEQS ? next(Float64Array, count) : absent();
  const source = next(Uint32Array, count);
  const sampleEnd = next(Uint32Array, count);
  const boot = present & HAS_BOOTS ? next(Uint32Array, count) : new Uint32Array(count);
  const point = next(Uint16Array, samples);
  const flags = next(Uint8Array, count);
  const quality = next(Uint8Array, samples);
  const type = next(Uint8Array, samples);
  return {
    count,
    sources: sources.map(([deviceId, ...pointIds]) => ReadingSource.of(deviceId, pointIds)),
    source,
    flags,
    receivedAt,
    ts,
    deviceTime,
    seq,
    boot,
    boots,
    sampleEnd,
    point,
    quality,
    type,
    value,
    texts,
  };
}
