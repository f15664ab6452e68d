import { Gb26875Error } from './errors.js';
import { DESCRIPTION_BYTES, type FieldText, readText } from './gb18030.js';
import { readTimeLabel, TIME_LABEL_BYTES, type TimeLabel, type TimeReading } from './time-label.js';

/** One field of an information object. */
export interface FieldCodec<T> {
  /** Bytes that it takes from `at`; beyond the end of `bytes` when it is cut short. */
  size(bytes: Uint8Array, at: number): number;
  /** Only called with all of its bytes. */
  read(bytes: Uint8Array, at: number, time: TimeReading): T;
  write(value: T, field: string): Uint8Array;
}

function whole(width: number, signed = false): FieldCodec<number> {
  const limit = 256 ** width;
  const [min, max] = signed ? [-limit / 2, limit / 2 - 1] : [0, limit - 1];
  return {
    size: () => width,
    read(bytes, at) {
      let value = 0;
      for (let byte = width - 1; byte >= 0; byte--) value = value * 256 + (bytes[at + byte] ?? 0);
      return value > max ? value - limit : value;
    },
    write(value, field) {
      if (!Number.isInteger(value) || value < min || value > max) {
        throw new Gb26875Error(field, `${value} is no integer from ${min} to ${max}`);
      }
      const unsigned = value < 0 ? value + limit : value;
      return Uint8Array.from({ length: width }, (_, byte) => Math.floor(unsigned / 256 ** byte) % 256);
    },
  };
}

export const u8 = whole(1);
export const u16 = whole(2);
export const u32 = whole(4);
export const i16 = whole(2, true);

export const label: FieldCodec<TimeLabel> = {
  size: () => TIME_LABEL_BYTES,
  read: (bytes, at, time) => readTimeLabel(bytes.slice(at, at + TIME_LABEL_BYTES), time),
  write: ({ raw }, field) => exactly(raw, TIME_LABEL_BYTES, field),
};

/** 31 bytes of GB 18030. */
export const description: FieldCodec<FieldText> = {
  size: () => DESCRIPTION_BYTES,
  read: (bytes, at) => readText(bytes.slice(at, at + DESCRIPTION_BYTES)),
  write: ({ raw }, field) => exactly(raw, DESCRIPTION_BYTES, field),
};

/** GB 18030 with its length, 0 to 255, in front. */
export const countedBytes: FieldCodec<FieldText> = {
  size: (bytes, at) => 1 + (bytes[at] ?? 0),
  read: (bytes, at) => readText(bytes.slice(at + 1, at + 1 + (bytes[at] ?? 0))),
  write({ raw }, field) {
    if (raw.length > 255) throw new Gb26875Error(field, `${raw.length} bytes are more than 255`);
    return Uint8Array.of(raw.length, ...raw);
  },
};

function exactly(raw: Uint8Array, width: number, field: string): Uint8Array {
  if (raw.length === width) return raw;
  throw new Gb26875Error(field, `has ${raw.length} bytes and not ${width}`);
}
