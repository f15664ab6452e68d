import protobuf from 'protobufjs/minimal.js';
import { MAX_NAME_LENGTH } from '../dialects/names.js';
import { isStorable } from '../json.js';

/** An unsigned 64-bit integer: a number where a double holds it exactly (up to 2^53 - 1), else a bigint. One form for each value. */
export type Unsigned64 = number | bigint;

/** The oneof of a metric; of what cannot be a value of a point, only that it was there: it is stepped over, never walked. */
export type WireValue =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'long'; readonly value: Unsigned64 }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bytes' | 'dataset' | 'template' | 'extension' };

/** Absent and zero are different things: proto2. */
export interface Metric {
  readonly name?: string;
  readonly alias?: Unsigned64;
  /** ms since 1970. */
  readonly timestamp?: Unsigned64;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isTransient?: boolean;
  readonly isNull?: boolean;
  /** The property `Quality`: 0 bad, 192 good, 500 stale. */
  readonly quality?: number | 'unreadable';
  readonly value?: WireValue;
}

export interface BrokenMetric {
  readonly broken: string;
}

export interface SparkplugPayload {
  readonly timestamp?: Unsigned64;
  readonly seq?: Unsigned64;
  readonly uuid?: string;
  readonly metrics: readonly (Metric | BrokenMetric)[];
  /** Metrics beyond the bound: counted, not decoded. */
  readonly beyondBound: number;
}

export interface PayloadBounds {
  readonly maxMetrics: number;
  /** UTF-16 code units of a string value. */
  readonly maxStringLength: number;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

type Reader = InstanceType<typeof protobuf.Reader>;
type Writer = InstanceType<typeof protobuf.Writer>;

/**
 * Reads `org.eclipse.tahu.protobuf.Payload` (Sparkplug 3.0, chapter 6). `undefined`: the bytes are no such message. A metric
 * that cannot be read costs itself only.
 *
 * By hand over the reader of protobufjs and not by its reflection: that decodes templates and data sets to any depth before
 * anybody may say no, and one broken metric costs it the payload.
 */
export function decodePayload(bytes: Uint8Array, bounds: PayloadBounds): SparkplugPayload | undefined {
  const metrics: (Metric | BrokenMetric)[] = [];
  const payload: { timestamp?: Unsigned64; seq?: Unsigned64; uuid?: string } = {};
  let beyondBound = 0;
  try {
    const reader = new protobuf.Reader(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      switch (tag) {
        case field(1, VARINT):
          payload.timestamp = unsigned64(reader);
          break;
        case field(2, BYTES): {
          const metric = reader.bytes();
          if (metrics.length < bounds.maxMetrics) metrics.push(decodeMetric(metric, bounds));
          else beyondBound++;
          break;
        }
        case field(3, VARINT):
          payload.seq = unsigned64(reader);
          break;
        case field(4, BYTES):
          payload.uuid = text(reader.bytes(), MAX_NAME_LENGTH);
          break;
        default:
          reader.skipType(tag & 7, 0, tag >>> 3);
      }
    }
  } catch {
    return undefined;
  }
  return { ...payload, metrics, beyondBound };
}

function decodeMetric(bytes: Uint8Array, bounds: PayloadBounds): Metric | BrokenMetric {
  const metric: { -readonly [K in keyof Metric]: Metric[K] } = {};
  try {
    const reader = new protobuf.Reader(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      switch (tag) {
        case field(1, BYTES):
          metric.name = text(reader.bytes(), MAX_NAME_LENGTH);
          break;
        case field(2, VARINT):
          metric.alias = unsigned64(reader);
          break;
        case field(3, VARINT):
          metric.timestamp = unsigned64(reader);
          break;
        case field(4, VARINT):
          metric.datatype = reader.uint32();
          break;
        case field(5, VARINT):
          metric.isHistorical = reader.bool();
          break;
        case field(6, VARINT):
          metric.isTransient = reader.bool();
          break;
        case field(7, VARINT):
          metric.isNull = reader.bool();
          break;
        case field(9, BYTES): {
          const quality = decodeQuality(reader.bytes());
          if (quality !== undefined) metric.quality = quality;
          break;
        }
        default: {
          const value = decodeValue(tag, reader, bounds);
          if (value !== undefined) metric.value = value;
        }
      }
    }
  } catch (error) {
    const reason = error instanceof UnusableText ? error.message : 'cannot be read as a metric';
    return { broken: metric.name === undefined ? reason : `${JSON.stringify(metric.name)} ${reason}` };
  }
  return metric;
}

function decodeValue(tag: number, reader: Reader, bounds: PayloadBounds): WireValue | undefined {
  switch (tag) {
    case field(10, VARINT):
      return { kind: 'int', value: reader.uint32() };
    case field(11, VARINT):
      return { kind: 'long', value: unsigned64(reader) };
    case field(12, FIXED32):
      return { kind: 'float', value: reader.float() };
    case field(13, FIXED64):
      return { kind: 'double', value: reader.double() };
    case field(14, VARINT):
      return { kind: 'boolean', value: reader.bool() };
    case field(15, BYTES):
      return { kind: 'string', value: text(reader.bytes(), bounds.maxStringLength) };
    default:
      reader.skipType(tag & 7, 0, tag >>> 3);
      return OPAQUE[tag];
  }
}

const OPAQUE: Readonly<Record<number, WireValue>> = {
  [field(16, BYTES)]: { kind: 'bytes' },
  [field(17, BYTES)]: { kind: 'dataset' },
  [field(18, BYTES)]: { kind: 'template' },
  [field(19, BYTES)]: { kind: 'extension' },
};

/** The integer of the property `Quality` in a `PropertySet`; two passes, so that nothing of the set is kept. */
function decodeQuality(bytes: Uint8Array): number | 'unreadable' | undefined {
  try {
    let place = -1;
    let keys = 0;
    eachField(bytes, field(1, BYTES), (reader) => {
      const key = reader.bytes();
      if (place < 0 && key.length === 7 && utf8.decode(key) === 'Quality') place = keys;
      keys++;
    });
    if (place < 0) return undefined;
    let quality: number | 'unreadable' | undefined = 'unreadable';
    let values = 0;
    eachField(bytes, field(2, BYTES), (reader) => {
      const value = reader.bytes();
      if (values++ === place) quality = decodePropertyInteger(value);
    });
    return quality;
  } catch {
    return 'unreadable';
  }
}

function decodePropertyInteger(bytes: Uint8Array): number | 'unreadable' {
  let integer: number | 'unreadable' = 'unreadable';
  let isNull = false;
  const reader = new protobuf.Reader(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === field(2, VARINT)) isNull = reader.bool();
    else if (tag === field(3, VARINT)) integer = reader.uint32();
    else if (tag === field(4, VARINT)) integer = Number(unsigned64(reader));
    else reader.skipType(tag & 7, 0, tag >>> 3);
  }
  return isNull ? 'unreadable' : integer;
}

function eachField(bytes: Uint8Array, wanted: number, visit: (reader: Reader) => void): void {
  const reader = new protobuf.Reader(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === wanted) visit(reader);
    else reader.skipType(tag & 7, 0, tag >>> 3);
  }
}

/** Fields in the order of their numbers, as every protobuf encoder writes them. */
export function encodePayload(payload: {
  readonly timestamp?: Unsigned64;
  readonly metrics: readonly Metric[];
  readonly seq?: Unsigned64;
}): Uint8Array {
  const writer = new protobuf.Writer();
  if (payload.timestamp !== undefined) writeUnsigned64(writer, field(1, VARINT), payload.timestamp);
  for (const metric of payload.metrics) {
    writer.uint32(field(2, BYTES)).fork();
    encodeMetric(writer, metric);
    writer.ldelim();
  }
  if (payload.seq !== undefined) writeUnsigned64(writer, field(3, VARINT), payload.seq);
  return writer.finish();
}

function encodeMetric(writer: Writer, metric: Metric): void {
  if (metric.name !== undefined) writer.uint32(field(1, BYTES)).string(metric.name);
  if (metric.alias !== undefined) writeUnsigned64(writer, field(2, VARINT), metric.alias);
  if (metric.timestamp !== undefined) writeUnsigned64(writer, field(3, VARINT), metric.timestamp);
  if (metric.datatype !== undefined) writer.uint32(field(4, VARINT)).uint32(metric.datatype);
  if (metric.isHistorical !== undefined) writer.uint32(field(5, VARINT)).bool(metric.isHistorical);
  if (metric.isTransient !== undefined) writer.uint32(field(6, VARINT)).bool(metric.isTransient);
  if (metric.isNull !== undefined) writer.uint32(field(7, VARINT)).bool(metric.isNull);
  if (metric.value !== undefined) encodeValue(writer, metric.value);
}

function encodeValue(writer: Writer, wire: WireValue): void {
  switch (wire.kind) {
    case 'int':
      writer.uint32(field(10, VARINT)).uint32(wire.value);
      break;
    case 'long':
      writeUnsigned64(writer, field(11, VARINT), wire.value);
      break;
    case 'float':
      writer.uint32(field(12, FIXED32)).float(wire.value);
      break;
    case 'double':
      writer.uint32(field(13, FIXED64)).double(wire.value);
      break;
    case 'boolean':
      writer.uint32(field(14, VARINT)).bool(wire.value);
      break;
    case 'string':
      writer.uint32(field(15, BYTES)).string(wire.value);
      break;
    default:
      throw new TypeError(`a ${wire.kind} is never sent`);
  }
}

function field(number: number, wireType: number): number {
  return (number << 3) | wireType;
}

function unsigned64(reader: Reader): Unsigned64 {
  const { high, low } = reader.uint64();
  const upper = high >>> 0;
  const lower = low >>> 0;
  if (upper < 0x20_0000) return upper * 0x1_0000_0000 + lower;
  return (BigInt(upper) << 32n) | BigInt(lower);
}

function writeUnsigned64(writer: Writer, tag: number, value: Unsigned64): void {
  // As text: the writer takes no bigint.
  writer.uint32(tag).uint64(typeof value === 'number' ? value : value.toString());
}

class UnusableText extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function text(bytes: Uint8Array, maxLength: number): string {
  // Three bytes of UTF-8 are at most one code unit: longer ones need not be decoded to be refused.
  if (bytes.length > maxLength * 3)
    throw new UnusableText(`holds a text of more than ${maxLength} characters`);
  let decoded: string;
  try {
    decoded = utf8.decode(bytes);
  } catch {
    throw new UnusableText('holds a text that is not well-formed UTF-8');
  }
  if (decoded.length > maxLength) throw new UnusableText(`holds a text of more than ${maxLength} characters`);
  if (!isStorable(decoded)) throw new UnusableText('holds a text with U+0000');
  return decoded;
}
