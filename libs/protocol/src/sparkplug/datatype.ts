import { isStorable } from '../json.js';
import { type Scalar } from '../telemetry.js';
import { type Unsigned64, type WireValue } from './payload.js';

/** Sparkplug 3.0, chapter 6, Datatype Details. Arrays are 22 to 34. */
export const Datatype = {
  Int8: 1,
  Int16: 2,
  Int32: 3,
  Int64: 4,
  UInt8: 5,
  UInt16: 6,
  UInt32: 7,
  UInt64: 8,
  Float: 9,
  Double: 10,
  Boolean: 11,
  String: 12,
  DateTime: 13,
  Text: 14,
  UUID: 15,
  DataSet: 16,
  Bytes: 17,
  File: 18,
  Template: 19,
} as const;

const SIGNED_BITS = new Map<number, number>([
  [Datatype.Int8, 8],
  [Datatype.Int16, 16],
  [Datatype.Int32, 32],
  [Datatype.Int64, 64],
]);
const UNSIGNED_BITS = new Map<number, number>([
  [Datatype.UInt8, 8],
  [Datatype.UInt16, 16],
  [Datatype.UInt32, 32],
  [Datatype.UInt64, 64],
  [Datatype.DateTime, 64],
]);
const TEXTS = new Set<number>([Datatype.String, Datatype.Text, Datatype.UUID]);

/** Whether a point can have values of the type; data sets, templates, bytes, files and arrays it cannot. */
export function isScalarDatatype(datatype: number): boolean {
  return datatype >= Datatype.Int8 && datatype <= Datatype.UUID;
}

/** `exact` false: an integer that a double cannot hold. */
export type ScalarReading =
  | { readonly kind: 'value'; readonly value: Scalar; readonly exact: boolean }
  /** NaN or an infinity: what floating-point hardware says for "unknown". */
  | { readonly kind: 'not-finite' }
  | { readonly kind: 'mismatch'; readonly reason: string };

/**
 * The value that the oneof holds for the datatype of the birth. An integer may come in `int_value` or in `long_value`:
 * the specification puts UInt32 in the one, Tahu in the other.
 */
export function readScalar(datatype: number, wire: WireValue): ScalarReading {
  const signed = SIGNED_BITS.get(datatype);
  const unsigned = UNSIGNED_BITS.get(datatype);
  if (signed !== undefined || unsigned !== undefined) {
    if (wire.kind !== 'int' && wire.kind !== 'long') return mismatch('an integer', wire);
    const integer = signed === undefined ? inUnsigned(wire.value, unsigned ?? 64) : inSigned(wire, signed);
    return integer ?? { kind: 'mismatch', reason: 'is outside the range of its datatype' };
  }
  switch (datatype) {
    case Datatype.Float:
    case Datatype.Double:
      if (wire.kind !== 'float' && wire.kind !== 'double') return mismatch('a float', wire);
      return Number.isFinite(wire.value)
        ? { kind: 'value', value: wire.value, exact: true }
        : { kind: 'not-finite' };
    case Datatype.Boolean:
      if (wire.kind !== 'boolean') return mismatch('a boolean', wire);
      return { kind: 'value', value: wire.value, exact: true };
    default:
      if (wire.kind !== 'string') return mismatch('a string', wire);
      return { kind: 'value', value: wire.value, exact: true };
  }
}

function mismatch(expected: string, wire: WireValue): ScalarReading {
  return { kind: 'mismatch', reason: `holds ${wire.kind}_value where its datatype is ${expected}` };
}

/** Two's complement of the width of the field, or of the datatype: encoders differ in what they do with an Int8 of -5. */
function inSigned(
  wire: { kind: 'int' | 'long'; value: Unsigned64 },
  bits: number,
): ScalarReading | undefined {
  const raw = BigInt(wire.value);
  const wide = BigInt.asIntN(wire.kind === 'int' ? 32 : 64, raw);
  if (BigInt.asIntN(bits, wide) === wide) return integer(wide);
  return BigInt.asUintN(bits, raw) === raw ? integer(BigInt.asIntN(bits, raw)) : undefined;
}

function inUnsigned(value: Unsigned64, bits: number): ScalarReading | undefined {
  return BigInt.asUintN(bits, BigInt(value)) === BigInt(value) ? integer(BigInt(value)) : undefined;
}

function integer(value: bigint): ScalarReading {
  const rounded = Number(value);
  return { kind: 'value', value: rounded, exact: Number.isSafeInteger(rounded) };
}

/**
 * What is sent for the value, or why it cannot be: in full, never rounded or cut to fit.
 *
 * @param inLong integers of less than 64 bits go into `long_value` too.
 */
export function writeScalar(
  datatype: number,
  value: unknown,
  inLong = false,
): WireValue | { readonly refused: string } {
  const bits = SIGNED_BITS.get(datatype) ?? UNSIGNED_BITS.get(datatype);
  if (bits !== undefined) return writeInteger(datatype, bits, value, inLong);
  switch (datatype) {
    case Datatype.Float:
    case Datatype.Double:
      if (typeof value !== 'number' || !Number.isFinite(value)) return { refused: 'must be a finite number' };
      if (datatype === Datatype.Double) return { kind: 'double', value };
      return Number.isFinite(Math.fround(value))
        ? { kind: 'float', value: Math.fround(value) }
        : { refused: 'is beyond a 32-bit float' };
    case Datatype.Boolean:
      return typeof value === 'boolean' ? { kind: 'boolean', value } : { refused: 'must be true or false' };
    default:
      if (!TEXTS.has(datatype)) return { refused: `has datatype ${datatype}, which cannot be written` };
      return typeof value === 'string' && isStorable(value)
        ? { kind: 'string', value }
        : { refused: 'must be a string' };
  }
}

function writeInteger(
  datatype: number,
  bits: number,
  value: unknown,
  inLong: boolean,
): WireValue | { readonly refused: string } {
  const exact =
    typeof value === 'number' && Number.isSafeInteger(value)
      ? BigInt(value)
      : typeof value === 'string' && /^-?\d{1,20}$/.test(value)
        ? BigInt(value)
        : undefined;
  if (exact === undefined) return { refused: 'must be an integer (beyond 2^53: as a string)' };
  const kept = SIGNED_BITS.has(datatype) ? BigInt.asIntN(bits, exact) : BigInt.asUintN(bits, exact);
  if (kept !== exact) return { refused: 'is outside the range of its datatype' };
  if (bits < 64 && !inLong) return { kind: 'int', value: Number(BigInt.asUintN(32, exact)) };
  const unsigned = BigInt.asUintN(64, exact);
  return { kind: 'long', value: unsigned <= Number.MAX_SAFE_INTEGER ? Number(unsigned) : unsigned };
}
