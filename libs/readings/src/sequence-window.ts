/** How far behind the newest number of a boot one is still recognised. */
export const WINDOW_BITS = 1_024;
const WORDS = WINDOW_BITS / 32;

/** What is known of the numbers that a device has given its messages; plain data for snapshots. */
export interface SequenceState {
  readonly boot: string;
  /** The highest number seen. */
  readonly high: number;
  /** The latest device time seen, epoch ms; `null`: the device sends none. */
  readonly latest: number | null;
  /** Bit `n mod 1,024`: whether number n was seen, for the newest 1,024. */
  readonly bits: readonly number[];
}

/**
 * Recognises messages that a device sends again, by its own numbers. Built to err on the side of twice rather than never: one
 * boot at a time; a number further behind than the window is new; and a number that was seen, with a device time later than
 * all before it, is a device that counts anew without having changed its boot id.
 */
export class SequenceWindow {
  private boot: string | undefined;
  private high = -1;
  private latest = NaN;
  private bits = new Uint32Array(WORDS);

  static restore(state: SequenceState): SequenceWindow {
    const window = new SequenceWindow();
    window.boot = state.boot;
    window.high = state.high;
    window.latest = state.latest ?? NaN;
    window.bits = Uint32Array.from(state.bits);
    return window;
  }

  /** False when it was seen before; otherwise it counts as seen from now on. `deviceTime` is NaN where there is none. */
  take(boot: string, seq: number, deviceTime: number): boolean {
    if (boot !== this.boot) {
      this.restart(boot, seq, deviceTime);
      return true;
    }
    if (seq > this.high) {
      this.forget(seq);
      this.high = seq;
    } else if (seq > this.high - WINDOW_BITS && this.isSet(seq)) {
      if (!(deviceTime > this.latest)) return false;
      this.restart(boot, seq, deviceTime);
      return true;
    }
    if (seq > this.high - WINDOW_BITS) this.set(seq);
    if (deviceTime > this.latest || Number.isNaN(this.latest)) this.latest = deviceTime;
    return true;
  }

  state(): SequenceState | undefined {
    if (this.boot === undefined) return undefined;
    const { boot, high, latest } = this;
    return { boot, high, latest: Number.isNaN(latest) ? null : latest, bits: [...this.bits] };
  }

  private restart(boot: string, seq: number, deviceTime: number): void {
    this.boot = boot;
    this.high = seq;
    this.latest = deviceTime;
    this.bits.fill(0);
    this.set(seq);
  }

  private isSet(seq: number): boolean {
    const bit = seq % WINDOW_BITS;
    return (this.bits[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }

  private set(seq: number): void {
    const bit = seq % WINDOW_BITS;
    this.bits[bit >>> 5]! |= 1 << (bit & 31);
  }

  /** Clears the places of the numbers above the highest up to `seq`, where older ones have been. */
  private forget(seq: number): void {
    if (seq - this.high >= WINDOW_BITS) {
      this.bits.fill(0);
    } else {
      for (let n = this.high + 1; n <= seq; n++) {
        const bit = n % WINDOW_BITS;
        this.bits[bit >>> 5]! &= ~(1 << (bit & 31));
      }
    }
  }
}
