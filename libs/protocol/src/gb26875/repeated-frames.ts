import { checksum, type Frame } from './frame.js';

/** Three repetitions ten seconds apart, and a network that holds one back. */
const WINDOW_MS = 60_000;
const MAX_REMEMBERED = 512;

/**
 * Retransmissions of one device. The serial number alone tells nothing, because a device that was restarted begins again at 0:
 * with the time label and the sum of what was sent it is a frame.
 */
export class RepeatedFrames {
  /** When they were first seen, oldest first. */
  private readonly seen = new Map<string, number>();

  constructor(
    private readonly windowMs = WINDOW_MS,
    private readonly maxRemembered = MAX_REMEMBERED,
  ) {}

  /** Whether the frame was seen in the window; from now on it was. `now` is epoch ms and never falls. */
  isRepeated(frame: Frame, now: number): boolean {
    this.forgetBefore(now - this.windowMs);
    const key = keyOf(frame);
    if (this.seen.has(key)) return true;
    if (this.seen.size >= this.maxRemembered) this.forgetOldest();
    this.seen.set(key, now);
    return false;
  }

  /** What the frame was to bring about did not come about: it must be taken when it comes again. */
  forget(frame: Frame): void {
    this.seen.delete(keyOf(frame));
  }

  private forgetBefore(limit: number): void {
    for (const [key, at] of this.seen) {
      if (at >= limit) return;
      this.seen.delete(key);
    }
  }

  private forgetOldest(): void {
    for (const key of this.seen.keys()) {
      this.seen.delete(key);
      return;
    }
  }
}

function keyOf({ serial, sentAt, command, adu }: Frame): string {
  return `${serial} ${sentAt.join('.')} ${command} ${adu.length} ${checksum(adu, 0, adu.length)}`;
}
