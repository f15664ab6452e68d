import { type Random } from '../random.js';

/** What lines and devices in the field do to frames, each with its probability for one report. */
export interface WireFaults {
  /** The checksum is that of another state of the frame: the centre denies it, and it is sent again as it should be. */
  readonly staleChecksum: number;
  /** It comes in several segments. */
  readonly split: number;
  /** A keep-alive is in the same segment before it. */
  readonly glued: number;
}

export const CLEAN_WIRE: WireFaults = { staleChecksum: 0, split: 0, glued: 0 };
export const BAD_WIRE: WireFaults = { staleChecksum: 0.2, split: 0.4, glued: 0.4 };
/** A frame that is split over datagrams is none: no device does that. */
export const BAD_DATAGRAM_WIRE: WireFaults = { ...BAD_WIRE, split: 0 };

/** What networks do to datagrams, each with its probability for one. */
export interface DatagramFaults {
  /** In either direction. */
  readonly lost: number;
  readonly doubled: number;
}

export const CLEAN_DATAGRAMS: DatagramFaults = { lost: 0, doubled: 0 };
export const BAD_DATAGRAMS: DatagramFaults = { lost: 0.1, doubled: 0.2 };

/** Bytes behind the last summed one: the sum and the end. */
const TAIL_BYTES = 3;

/** The frame with the sum that it had before its last byte changed. */
export function withStaleChecksum(frame: Uint8Array, random: Random): Uint8Array {
  const spoiled = Uint8Array.from(frame);
  const at = frame.length - TAIL_BYTES;
  spoiled[at] = ((frame[at] ?? 0) + random.integer(1, 255)) & 0xff;
  return spoiled;
}

/** Two to four segments, none empty, that are the bytes together. */
export function segmentsOf(bytes: Uint8Array, random: Random): Uint8Array[] {
  const cuts = new Set(
    Array.from({ length: random.integer(1, 3) }, () => random.integer(1, bytes.length - 1)),
  );
  const ends = [...cuts].sort((a, b) => a - b);
  return [0, ...ends].map((from, index) => bytes.subarray(from, ends[index] ?? bytes.length));
}
