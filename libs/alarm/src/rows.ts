/** Numbers of a row: eight doubles, one line of the processor's cache. */
const STRIDE = 8;

/** What stands where in the row of a point. */
export const TS = 0;
export const SILENT_SINCE = 1;
export const NUMBER = 2;
export const ABOVE = 3;
export const BELOW = 4;
export const CALM = 5;
/** 1 or 0 where the value is a boolean, otherwise NaN. */
export const BOOLEAN = 6;

/** What stands where in the row of a device. */
export const CLOCK_LEAST = 0;
export const CLOCK_WINDOW_END = 1;
export const CLOCK_SINCE = 2;
export const CLOCK_LEAST_BEFORE = 3;
export const CLOCK_WINDOW = 4;

/** In the place of `CALM`: the point is not calm. The others are indices into `QUALITIES`. */
export const NOT_CALM = -1;

const FIRST_ROWS = 1_024;

/**
 * The numbers that nearly every reading reads and writes, of each device and each point a row: they stand together, so that
 * a reading that changes nothing waits for memory once for the device and once for each point. A plain object keeps each of
 * them in a box elsewhere.
 *
 * Rows are not given back: a removed device is rare, and a restart numbers them anew.
 */
export class Rows {
  private numbers = new Float64Array(FIRST_ROWS * STRIDE);
  private count = 0;

  /** A new row; all zero. */
  add(): number {
    const row = this.count++;
    if (this.count * STRIDE > this.numbers.length) {
      const grown = new Float64Array(this.numbers.length * 2);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    return row;
  }

  get(row: number, place: number): number {
    return this.numbers[row * STRIDE + place]!;
  }

  set(row: number, place: number, value: number): void {
    this.numbers[row * STRIDE + place] = value;
  }

  /** Whether a message with this delay tells nothing new of the clock; see `DeviceClock`. */
  ignoresDelay(row: number, delay: number, now: number): boolean {
    const at = row * STRIDE;
    return delay >= this.numbers[at + CLOCK_LEAST]! && now < this.numbers[at + CLOCK_WINDOW_END]!;
  }

  /**
   * Takes a number that tells nothing but that the point is alive; false when it may tell more: then nothing has changed.
   * `quality` is an index into `QUALITIES`. See calm.ts.
   */
  renewNumber(row: number, value: number, quality: number, ts: number, now: number): boolean {
    const { numbers } = this;
    const at = row * STRIDE;
    if (numbers[at + CALM] !== quality || !(ts >= numbers[at + TS]!)) return false;
    const isSame = value === numbers[at + NUMBER];
    if (!isSame && !(value > numbers[at + ABOVE]! && value < numbers[at + BELOW]!)) return false;
    numbers[at + TS] = ts;
    numbers[at + SILENT_SINCE] = now;
    numbers[at + NUMBER] = withoutSign(value);
    return true;
  }

  /** The same of a boolean, as 1 or 0. */
  renewBoolean(row: number, value: number, quality: number, ts: number, now: number): boolean {
    const { numbers } = this;
    const at = row * STRIDE;
    if (numbers[at + CALM] !== quality || !(ts >= numbers[at + TS]!) || numbers[at + BOOLEAN] !== value)
      return false;
    numbers[at + TS] = ts;
    numbers[at + SILENT_SINCE] = now;
    return true;
  }
}

/** JSON has a negative zero but gives it back as zero: the state must be the same before and after a restart. */
export function withoutSign(value: number): number {
  return value === 0 ? 0 : value;
}
