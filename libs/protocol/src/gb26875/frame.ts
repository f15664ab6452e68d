import { type FieldProblem, Gb26875Error } from './errors.js';
import { TIME_LABEL_BYTES } from './time-label.js';

/** A frame of GB/T 26875.3 without its frame: start, checksum and end are made and checked here. */
export interface Frame {
  /** 0 to 65,535; given by whoever began the exchange, echoed by the other. */
  readonly serial: number;
  readonly mainVersion: number;
  readonly userVersion: number;
  /** When it was sent, six bytes: how they are to be read is a matter of the device profile. */
  readonly sentAt: Uint8Array;
  /** 48 bit. */
  readonly source: number;
  readonly destination: number;
  readonly command: number;
  readonly adu: Uint8Array;
}

export const COMMAND = {
  /** Centre to device: types 89 to 91. */
  control: 1,
  /** Device to centre, by itself. */
  send: 2,
  confirm: 3,
  /** Centre to device: types 61 to 88. */
  request: 4,
  reply: 5,
  /** Not acted on, because of a check error: to be sent again. */
  deny: 6,
} as const;

export const MAX_ADU_BYTES = 1_024;
export const HEADER_BYTES = 27;
/** Of a frame beside its ADU. */
export const FRAME_BYTES = 30;
export const MAX_FRAME_BYTES = FRAME_BYTES + MAX_ADU_BYTES;

const START = 0x40;
const END = 0x23;
/** The first byte of the checksum. */
const SUMMED_FROM = 2;
const MAX_ADDRESS = 2 ** 48 - 1;

export type DecodedFrame =
  { readonly ok: true; readonly frame: Frame } | { readonly ok: false; readonly problem: FieldProblem };

/** Exactly one whole frame. Never throws. */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  const problem = frameProblem(bytes);
  return problem === undefined ? { ok: true, frame: frameOf(bytes) } : { ok: false, problem };
}

function frameProblem(bytes: Uint8Array): FieldProblem | undefined {
  if (bytes.length < FRAME_BYTES) {
    return {
      offset: bytes.length,
      field: 'frame',
      message: `has ${bytes.length} bytes, ${FRAME_BYTES} at least`,
    };
  }
  if (!startsAt(bytes, 0)) return { offset: 0, field: 'start', message: 'is not 40 40' };
  const length = aduLength(bytes, 0);
  if (length > MAX_ADU_BYTES) {
    return { offset: 24, field: 'adu length', message: `${length} is more than ${MAX_ADU_BYTES}` };
  }
  if (bytes.length !== FRAME_BYTES + length) {
    const message = `${length} makes a frame of ${FRAME_BYTES + length} bytes, there are ${bytes.length}`;
    return { offset: 24, field: 'adu length', message };
  }
  if (!endsAt(bytes, bytes.length))
    return { offset: bytes.length - 2, field: 'end', message: 'is not 23 23' };
  const said = bytes[bytes.length - 3] ?? 0;
  const sum = checksum(bytes, SUMMED_FROM, bytes.length - 3);
  if (said === sum) return undefined;
  return {
    offset: bytes.length - 3,
    field: 'checksum',
    message: `is ${hex(said)}, of the bytes ${hex(sum)}`,
  };
}

/** Whether the ADU length, checksum and end are right is for the caller to have seen. Copies what it keeps. */
export function frameOf(bytes: Uint8Array): Frame {
  return {
    serial: littleEndian(bytes, 2, 2),
    mainVersion: bytes[4] ?? 0,
    userVersion: bytes[5] ?? 0,
    sentAt: bytes.slice(6, 6 + TIME_LABEL_BYTES),
    source: littleEndian(bytes, 12, 6),
    destination: littleEndian(bytes, 18, 6),
    command: bytes[26] ?? 0,
    adu: bytes.slice(HEADER_BYTES, HEADER_BYTES + aduLength(bytes, 0)),
  };
}

/** @throws Gb26875Error for what has no form on the wire. */
export function encodeFrame(frame: Frame): Uint8Array {
  const { serial, mainVersion, userVersion, sentAt, source, destination, command, adu } = frame;
  if (adu.length > MAX_ADU_BYTES) {
    throw new Gb26875Error('adu length', `${adu.length} is more than ${MAX_ADU_BYTES}`, 24);
  }
  if (sentAt.length !== TIME_LABEL_BYTES) {
    throw new Gb26875Error('time label', `has ${sentAt.length} bytes and not ${TIME_LABEL_BYTES}`, 6);
  }
  const bytes = new Uint8Array(FRAME_BYTES + adu.length);
  bytes.set([START, START]);
  put(bytes, 2, 2, within(serial, 0xffff, 'serial number', 2));
  bytes[4] = within(mainVersion, 0xff, 'main version', 4);
  bytes[5] = within(userVersion, 0xff, 'user version', 5);
  bytes.set(sentAt, 6);
  put(bytes, 12, 6, within(source, MAX_ADDRESS, 'source address', 12));
  put(bytes, 18, 6, within(destination, MAX_ADDRESS, 'destination address', 18));
  put(bytes, 24, 2, adu.length);
  bytes[26] = within(command, 0xff, 'command', 26);
  bytes.set(adu, HEADER_BYTES);
  const end = HEADER_BYTES + adu.length;
  bytes.set([checksum(bytes, SUMMED_FROM, end), END, END], end);
  return bytes;
}

/** What answers a frame: its serial number and versions, the addresses swapped, our own time. */
export function answerTo(
  { serial, mainVersion, userVersion, source, destination }: Omit<Frame, 'sentAt' | 'command' | 'adu'>,
  answer: Pick<Frame, 'sentAt' | 'command'> & { readonly adu?: Uint8Array },
): Frame {
  const { sentAt, command, adu = new Uint8Array() } = answer;
  return { serial, mainVersion, userVersion, sentAt, source: destination, destination: source, command, adu };
}

export function startsAt(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === START && bytes[at + 1] === START;
}

/** Whether the bytes before `end` are those that end a frame. */
export function endsAt(bytes: Uint8Array, end: number): boolean {
  return bytes[end - 1] === END && bytes[end - 2] === END;
}

export function aduLength(bytes: Uint8Array, start: number): number {
  return littleEndian(bytes, start + 24, 2);
}

/** Whether the frame from `start`, of `length` bytes, has the right sum. */
export function hasRightSum(bytes: Uint8Array, start: number, length: number): boolean {
  const at = start + length - 3;
  return bytes[at] === checksum(bytes, start + SUMMED_FROM, at);
}

/** Arithmetic sum, low 8 bits. */
export function checksum(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += bytes[at] ?? 0;
  return sum & 0xff;
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let byte = width - 1; byte >= 0; byte--) value = value * 256 + (bytes[at + byte] ?? 0);
  return value;
}

function put(bytes: Uint8Array, at: number, width: number, value: number): void {
  for (let byte = 0; byte < width; byte++) bytes[at + byte] = Math.floor(value / 256 ** byte) % 256;
}

function within(value: number, max: number, field: string, offset: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new Gb26875Error(field, `${value} is no integer from 0 to ${max}`, offset);
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
