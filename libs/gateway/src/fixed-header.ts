/** MQTT control packet types of 3.1.1 §2.2.1 that a client may send. */
export const CONNECT = 1;
export const PUBLISH = 3;
export const PUBREL = 6;
export const PINGREQ = 12;
export const DISCONNECT = 14;
/** A bit for each of them. */
const FROM_CLIENT = [CONNECT, PUBLISH, 4, 5, PUBREL, 7, 8, 10, PINGREQ, DISCONNECT].reduce(
  (bits, type) => bits | (1 << type),
  0,
);

/** One object for all of them. */
export interface FixedHeader {
  readonly type: number;
  readonly flags: number;
  /** 2 to 5. */
  readonly headerBytes: number;
  /** 0 to 268,435,455. */
  readonly remainingBytes: number;
}

const header = { type: 0, flags: 0, headerBytes: 0, remainingBytes: 0 };

export type HeaderViolation = 'packet_type_forbidden' | 'remaining_length_malformed';

/** The fixed header at `at`, valid until the next call; `undefined` while bytes of it are missing [MQTT-2.2]. */
export function readFixedHeader(buffer: Uint8Array, at: number): FixedHeader | HeaderViolation | undefined {
  const first = buffer[at];
  if (first === undefined) return undefined;
  const type = first >> 4;
  if ((FROM_CLIENT & (1 << type)) === 0) return 'packet_type_forbidden';
  let remainingBytes = 0;
  for (let i = 1; i <= 4; i++) {
    const byte = buffer[at + i];
    if (byte === undefined) return undefined;
    remainingBytes |= (byte & 0x7f) << (7 * (i - 1));
    if (byte >= 0x80) continue;
    header.type = type;
    header.flags = first & 0x0f;
    header.headerBytes = 1 + i;
    header.remainingBytes = remainingBytes;
    return header;
  }
  return 'remaining_length_malformed';
}
