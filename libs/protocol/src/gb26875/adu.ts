import { type Deviation, type PrivateType, STANDARD, timeReading } from './deviation.js';
import { type FieldProblem, Gb26875Error } from './errors.js';
import { MAX_ADU_BYTES } from './frame.js';
import { type FieldCodec } from './field-codecs.js';
import { type InformationObject, KINDS, kindOfType, LAYOUTS, type ObjectKind } from './layouts.js';
import { type TimeReading } from './time-label.js';

/** An application data unit as far as it can be read. What cannot costs itself: the objects before it are there. */
export interface DecodedAdu {
  /** Absent in an empty ADU. */
  readonly type?: number;
  /** Objects that the ADU says it has. */
  readonly count: number;
  readonly objects: readonly InformationObject[];
  /** Bytes after the last object that was read: all of them for a type whose layout nobody knows. */
  readonly rest: Uint8Array;
  readonly problems: readonly FieldProblem[];
}

const HEADER_BYTES = 2;

/** Never throws, whatever the bytes. */
export function decodeAdu(
  adu: Uint8Array,
  deviation: Deviation = STANDARD,
  /** Epoch ms; settles time labels that can be read as binary and as BCD. */
  receivedAt?: number,
): DecodedAdu {
  const [type, count] = adu;
  if (type === undefined) return { count: 0, objects: [], rest: adu, problems: [] };
  if (count === undefined) {
    const problem = { offset: 1, field: 'number of objects', message: 'is missing' };
    return { type, count: 0, objects: [], rest: adu.subarray(1), problems: [problem] };
  }
  const own = deviation.types.get(type);
  const kind = kindOfType(type) ?? kindOfType(own?.like ?? -1);
  if (kind === undefined) {
    return { type, count, objects: [], rest: adu.subarray(HEADER_BYTES), problems: [] };
  }
  const read = readObjects(adu, kind, count, timeReading(deviation, receivedAt));
  return { type, count, ...read, objects: read.objects.map((object) => asTypeSays(object, own)) };
}

function asTypeSays(object: InformationObject, own: PrivateType | undefined): InformationObject {
  if (own === undefined || !('status' in object)) return object;
  return { ...object, status: (object.status | (own.sets ?? 0)) & ~(own.clears ?? 0) };
}

/**
 * @param type where it is not the standard one of the kind: a private type with the same layout.
 * @throws Gb26875Error for what has no form on the wire.
 */
export function encodeAdu<K extends ObjectKind>(
  kind: K,
  objects: readonly Omit<InformationObject<K>, 'kind'>[],
  type: number = LAYOUTS[kind].type,
): Uint8Array {
  const { most } = LAYOUTS[kind];
  if (objects.length < 1 || objects.length > most) {
    throw new Gb26875Error('number of objects', `${objects.length} is not from 1 to ${most}`, 1);
  }
  const bytes: number[] = [type, objects.length];
  for (const each of objects) {
    for (const [field, codec] of fieldsOf(kind)) {
      const value = (each as Readonly<Record<string, unknown>>)[field];
      bytes.push(...written(codec, value, field, bytes.length));
    }
  }
  if (bytes.length > MAX_ADU_BYTES) {
    throw new Gb26875Error('adu length', `${bytes.length} is more than ${MAX_ADU_BYTES}`);
  }
  return Uint8Array.from(bytes);
}

function readObjects(
  adu: Uint8Array,
  kind: ObjectKind,
  count: number,
  time: TimeReading,
): Pick<DecodedAdu, 'objects' | 'rest' | 'problems'> {
  const objects: InformationObject[] = [];
  const problems: FieldProblem[] = [];
  let at = HEADER_BYTES;
  while (objects.length < count) {
    const read = readObject(adu, kind, at, time);
    if ('problem' in read) {
      problems.push(read.problem);
      break;
    }
    objects.push(read.object);
    at = read.end;
  }
  if (count === 0) problems.push({ offset: 1, field: 'number of objects', message: 'is 0' });
  else if (problems.length === 0 && at < adu.length) {
    const message = `${adu.length - at} bytes after the last of ${count} objects`;
    problems.push({ offset: at, field: 'adu length', message });
  }
  return { objects, rest: adu.subarray(at), problems };
}

type ReadObject =
  { readonly object: InformationObject; readonly end: number } | { readonly problem: FieldProblem };

function readObject(adu: Uint8Array, kind: ObjectKind, start: number, time: TimeReading): ReadObject {
  const object: Record<string, unknown> = { kind };
  let at = start;
  for (const [field, codec] of fieldsOf(kind)) {
    const size = codec.size(adu, at);
    if (at + size > adu.length) {
      const message = `needs ${size} bytes, ${adu.length - at} are left`;
      return { problem: { offset: at, field: spelled(field), message } };
    }
    object[field] = codec.read(adu, at, time);
    at += size;
  }
  return { object: object as unknown as InformationObject, end: at };
}

type Field = readonly [name: string, codec: FieldCodec<unknown>];

const FIELDS: ReadonlyMap<ObjectKind, readonly Field[]> = new Map(
  KINDS.map((kind) => [kind, Object.entries(LAYOUTS[kind].fields as object) as Field[]]),
);

function fieldsOf(kind: ObjectKind): readonly Field[] {
  return FIELDS.get(kind) ?? [];
}

function written(codec: FieldCodec<unknown>, value: unknown, field: string, offset: number): Uint8Array {
  try {
    return codec.write(value, spelled(field));
  } catch (error) {
    if (error instanceof Gb26875Error) {
      throw new Gb26875Error(error.field, error.message.slice(error.field.length + 2), offset);
    }
    throw error;
  }
}

/** `componentAddress` in words. */
function spelled(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
