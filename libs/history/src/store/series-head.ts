import { type Columns, type PointValue, compactValues } from '../sample-columns.js';

/** A row: `ts`, `receivedAt`, quality, number. Together, so that a sample touches one place in memory and not four. */
const ROW = 4;
const FIRST_ROWS = 8;
const NOTHING = new Float64Array(0);

/** One sample without its point. */
export interface Sample {
  readonly ts: number;
  readonly receivedAt: number;
  readonly quality: number;
  readonly value: PointValue;
}

/** Rows that are not yet in a block, in the order in which they came. */
export class SeriesHead {
  private count = 0;
  private data = NOTHING;
  /** All values, once one of them was no number; the numbers of the rows mean nothing then. */
  private values: PointValue[] | undefined;
  private ascending = true;
  private settled: Columns | undefined;
  private settledRows = 0;
  private expected = FIRST_ROWS;

  /** Rows that were taken, repeated ones too. */
  get rows(): number {
    return this.count;
  }

  addNumber(ts: number, receivedAt: number, quality: number, value: number): void {
    this.put(ts, receivedAt, quality, value);
    this.values?.push(value);
  }

  addOther(ts: number, receivedAt: number, quality: number, value: boolean | string): void {
    this.values ??= Array.from({ length: this.count }, (_, row) => this.data[row * ROW + 3]!);
    this.put(ts, receivedAt, quality, 0);
    this.values.push(value);
  }

  /** The row with the highest `ts`; of several the one that came last. */
  newest(): Sample | undefined {
    if (this.count === 0) return undefined;
    const { data } = this;
    let newest = this.count - 1;
    if (!this.ascending) {
      for (let row = newest - 1; row >= 0; row -= 1) if (data[row * ROW]! > data[newest * ROW]!) newest = row;
    }
    const at = newest * ROW;
    return { ts: data[at]!, receivedAt: data[at + 1]!, quality: data[at + 2]!, value: this.valueOf(newest) };
  }

  /** The rows ascending by `ts`; of several with one `ts` the one that came last. */
  columns(): Columns {
    if (this.settled === undefined || this.settledRows !== this.count) {
      this.settled = this.inOrder(this.ascending ? undefined : this.order());
      this.settledRows = this.count;
    }
    return this.settled;
  }

  /** Forgets the rows. Their memory is given back: most heads of a large site are small, and many. */
  clear(): void {
    this.expected = Math.max(FIRST_ROWS, this.count);
    this.count = 0;
    this.data = NOTHING;
    this.values = undefined;
    this.ascending = true;
    this.settled = undefined;
  }

  private put(ts: number, receivedAt: number, quality: number, value: number): void {
    const at = this.count * ROW;
    if (at === this.data.length) this.grow();
    const { data } = this;
    if (at > 0 && ts <= data[at - ROW]!) this.ascending = false;
    data[at] = ts;
    data[at + 1] = receivedAt;
    data[at + 2] = quality;
    data[at + 3] = value;
    this.count += 1;
  }

  private grow(): void {
    const larger = new Float64Array(Math.max(this.data.length * 2, this.expected * ROW));
    larger.set(this.data);
    this.data = larger;
  }

  private valueOf(row: number): PointValue {
    return this.values === undefined ? this.data[row * ROW + 3]! : this.values[row]!;
  }

  private order(): readonly number[] {
    const { data } = this;
    const order = Array.from({ length: this.count }, (_, row) => row);
    order.sort((a, b) => data[a * ROW]! - data[b * ROW]! || a - b);
    return order.filter((row, at) => data[row * ROW] !== data[(order[at + 1] ?? -1) * ROW]);
  }

  /** The rows of `order`, or all as they are. */
  private inOrder(order: readonly number[] | undefined): Columns {
    const count = order?.length ?? this.count;
    const ts = new Float64Array(count);
    const receivedAt = new Float64Array(count);
    const quality = new Uint8Array(count);
    const numbers = new Float64Array(this.values === undefined ? count : 0);
    const { data } = this;
    for (let index = 0; index < count; index += 1) {
      const at = (order === undefined ? index : order[index]!) * ROW;
      ts[index] = data[at]!;
      receivedAt[index] = data[at + 1]!;
      quality[index] = data[at + 2]!;
      if (this.values === undefined) numbers[index] = data[at + 3]!;
    }
    const values = this.values === undefined ? numbers : this.othersIn(order, this.values);
    return { ts, receivedAt, quality, values };
  }

  private othersIn(order: readonly number[] | undefined, values: readonly PointValue[]): Columns['values'] {
    const ordered = order === undefined ? values.slice() : order.map((row) => values[row]!);
    return compactValues(ordered);
  }
}

export const EMPTY: Columns = {
  ts: new Float64Array(0),
  receivedAt: new Float64Array(0),
  quality: new Uint8Array(0),
  values: new Float64Array(0),
};
