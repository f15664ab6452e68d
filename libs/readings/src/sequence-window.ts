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
  /** From here to `high` all were seen: a message in its order touches nothing else. */
  private runFrom = 0;
  /** What is known of the numbers up to here is in `bits`. */
  private settledTo = -1;
  /** None while nothing has come out of order. */
  private bits: Uint32Array | undefined;

  static restore(state: SequenceState): SequenceWindow {
    const window = new SequenceWindow();
    window.boot = state.boot;
    window.high = state.high;
    window.latest = state.latest ?? NaN;
    window.runFrom = state.high + 1;
    window.settledTo = state.high;
    window.bits = Uint32Array.from(state.bits);
    return window;
  }

  /** False when it was seen before; otherwise it counts as seen from now on. `deviceTime` is NaN where there is none. */
  take(boot: string, seq: number, deviceTime: number): boolean {
    if (boot !== this.boot) {
      this.restart(boot, seq, deviceTime);
      return true;
    }
    const { high } = this;
    if (seq === high + 1) {
      this.high = seq;
    } else if (seq > high) {
      this.settle();
      this.runFrom = seq;
      this.high = seq;
    } else if (seq > high - WINDOW_BITS) {
      if (!this.isSeen(seq)) this.addBelow(seq);
      else if (deviceTime > this.latest) this.restart(boot, seq, deviceTime);
      else return false;
    }
    if (deviceTime > this.latest || Number.isNaN(this.latest)) this.latest = deviceTime;
    return true;
  }

  state(): SequenceState | undefined {
    if (this.boot === undefined) return undefined;
    const { boot, high, latest } = this;
    return { boot, high, latest: Number.isNaN(latest) ? null : latest, bits: [...this.settle()] };
  }

  private restart(boot: string, seq: number, deviceTime: number): void {
    this.boot = boot;
    this.high = seq;
    this.latest = deviceTime;
    this.runFrom = seq;
    this.settledTo = seq - 1;
    this.bits = undefined;
  }

  /** Of a number in the window. */
  private isSeen(seq: number): boolean {
    if (seq > this.settledTo) return seq >= this.runFrom;
    if (this.bits === undefined) return false;
    const bit = seq % WINDOW_BITS;
    return (this.bits[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }

  private addBelow(seq: number): void {
    mark(this.settle(), seq, true);
  }

  /** Brings `bits` up to the highest number. */
  private settle(): Uint32Array {
    const bits = (this.bits ??= new Uint32Array(WORDS));
    const { high, runFrom } = this;
    for (let n = Math.max(0, this.settledTo + 1, high - WINDOW_BITS + 1); n <= high; n++) {
      mark(bits, n, n >= runFrom);
    }
    this.settledTo = high;
    return bits;
  }
}

function mark(bits: Uint32Array, seq: number, seen: boolean): void {
  const bit = seq % WINDOW_BITS;
  const mask = 1 << (bit & 31);
  if (seen) bits[bit >>> 5]! |= mask;
  else bits[bit >>> 5]! &= ~mask;
}
