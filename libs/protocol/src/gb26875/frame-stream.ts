import {
  aduLength,
  COMMAND,
  endsAt,
  type Frame,
  FRAME_BYTES,
  frameOf,
  hasRightSum,
  HEADER_BYTES,
  MAX_ADU_BYTES,
  MAX_FRAME_BYTES,
  startsAt,
} from './frame.js';

export type StreamItem =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly bytes: Uint8Array }
  /** A whole frame that is not to be acted on but denied (command 6). What its fields say may be wrong. */
  | {
      readonly kind: 'check-error';
      readonly reason: 'checksum' | 'command';
      readonly frame: Frame;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: 'garbage';
      /** How many bytes were skipped, one after the other. */
      readonly skipped: number;
      /** The first of them, at most 32. */
      readonly sample: Uint8Array;
    };

export interface FrameStreamOptions {
  /** Longest ADU that begins a frame; the standard's, or less where the device profile says so. */
  readonly maxAdu?: number;
  /** Command bytes beyond 1 to 6 that are no check error. */
  readonly commands?: ReadonlySet<number>;
}

const START = 0x40;
const SAMPLE_BYTES = 32;
const NO_COMMANDS: ReadonlySet<number> = new Set();

/**
 * Finds the frames in the bytes of one connection, whatever their segments are. By length, and never by searching for `23 23`,
 * which may stand in any ADU. Holds at most four frames, and looks at each byte a bounded number of times.
 */
export class FrameStream {
  private readonly buffer = new Uint8Array(4 * MAX_FRAME_BYTES);
  private start = 0;
  private end = 0;
  private skipped = 0;
  private sample: number[] = [];
  private readonly maxAdu: number;
  private readonly commands: ReadonlySet<number>;

  constructor({ maxAdu = MAX_ADU_BYTES, commands = NO_COMMANDS }: FrameStreamOptions = {}) {
    this.maxAdu = Math.min(maxAdu, MAX_ADU_BYTES);
    this.commands = commands;
  }

  /** Bytes of a frame that is not whole; always fewer than the longest frame has. */
  get pending(): number {
    return this.end - this.start;
  }

  push(chunk: Uint8Array): StreamItem[] {
    const items: StreamItem[] = [];
    for (let at = 0; at < chunk.length;) {
      if (this.end === this.buffer.length) this.compact();
      const taken = chunk.subarray(at, at + this.buffer.length - this.end);
      this.buffer.set(taken, this.end);
      this.end += taken.length;
      at += taken.length;
      this.scan(items);
    }
    this.flush(items);
    return items;
  }

  /**
   * The frame that began does not go on, as the host's clock says: what looked like its beginning was none, and a whole frame may
   * wait behind it.
   */
  giveUp(): StreamItem[] {
    const items: StreamItem[] = [];
    if (this.pending > 0) this.skip(1);
    this.scan(items);
    this.flush(items);
    return items;
  }

  /** Nothing more comes: what is left is no frame, or hides some. */
  finish(): StreamItem[] {
    const items: StreamItem[] = [];
    while (this.pending > 0) {
      this.skip(1);
      this.scan(items);
    }
    this.flush(items);
    return items;
  }

  private scan(items: StreamItem[]): void {
    while (this.findStart()) {
      const length = aduLength(this.buffer, this.start);
      const total = FRAME_BYTES + length;
      if (length <= this.maxAdu && this.pending < total) return;
      if (length > this.maxAdu || !endsAt(this.buffer, this.start + total)) this.skip(1);
      else this.takeFrame(total, items);
    }
  }

  /** Skips to the next start; false when more bytes are needed to go on. */
  private findStart(): boolean {
    while (this.start < this.end) {
      const at = this.buffer.subarray(this.start, this.end).indexOf(START);
      this.skip(at === -1 ? this.pending : at);
      if (this.pending < 2) return false;
      if (startsAt(this.buffer, this.start)) return this.pending >= HEADER_BYTES;
      this.skip(1);
    }
    return false;
  }

  private takeFrame(total: number, items: StreamItem[]): void {
    const isRight = hasRightSum(this.buffer, this.start, total);
    const inner = isRight ? undefined : this.frameWithSameEnd(total);
    if (inner !== undefined) {
      this.skip(inner - this.start);
      return;
    }
    this.flush(items);
    const bytes = this.buffer.slice(this.start, this.start + total);
    this.start += total;
    const frame = frameOf(bytes);
    if (!isRight) items.push({ kind: 'check-error', reason: 'checksum', frame, bytes });
    else if (this.isKnown(frame.command)) items.push({ kind: 'frame', frame, bytes });
    else items.push({ kind: 'check-error', reason: 'command', frame, bytes });
  }

  /**
   * A start among garbage may find its end in the end of a good frame behind it: that one is not lost with it. A frame that another
   * carries (a pass-through) never ends where its carrier ends.
   */
  private frameWithSameEnd(total: number): number | undefined {
    const end = this.start + total;
    for (let at = this.start + 1; at <= end - FRAME_BYTES; at++) {
      if (!startsAt(this.buffer, at)) continue;
      const own = FRAME_BYTES + aduLength(this.buffer, at);
      if (at + own === end && hasRightSum(this.buffer, at, own)) return at;
    }
    return undefined;
  }

  private isKnown(command: number): boolean {
    return (command >= COMMAND.control && command <= COMMAND.deny) || this.commands.has(command);
  }

  private skip(count: number): void {
    for (let at = this.start; at < this.start + count && this.sample.length < SAMPLE_BYTES; at++) {
      this.sample.push(this.buffer[at] ?? 0);
    }
    this.skipped += count;
    this.start += count;
  }

  private flush(items: StreamItem[]): void {
    if (this.skipped === 0) return;
    items.push({ kind: 'garbage', skipped: this.skipped, sample: Uint8Array.from(this.sample) });
    this.skipped = 0;
    this.sample = [];
  }

  private compact(): void {
    this.buffer.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
  }
}

/** The frames of one UDP datagram. Nothing is carried over to the next. */
export function framesOfDatagram(datagram: Uint8Array, options: FrameStreamOptions = {}): StreamItem[] {
  const stream = new FrameStream(options);
  return [...stream.push(datagram), ...stream.finish()];
}
