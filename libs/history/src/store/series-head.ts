import { type Columns, type PointValue, compactValues } from '../sample-columns.js';

/** Rows that are not yet in a block, in the order in which they came. */
export class SeriesHead {
  private ts: number[] = [];
  private receivedAt: number[] = [];
  private quality: number[] = [];
  private values: PointValue[] = [];
  private ascending = true;
  private settled: Columns | undefined;

  /** Rows that were taken, repeated ones too. */
  get rows(): number {
    return this.ts.length;
  }

  add(ts: number, receivedAt: number, quality: number, value: PointValue): void {
    const count = this.ts.length;
    if (count > 0 && ts <= this.ts[count - 1]!) this.ascending = false;
    this.ts.push(ts);
    this.receivedAt.push(receivedAt);
    this.quality.push(quality);
    this.values.push(value);
    this.settled = undefined;
  }

  /** The rows ascending by `ts`; of several with one `ts` the one that came last. */
  columns(): Columns {
    this.settled ??= this.ascending ? this.inOrder(this.ts.map((_, index) => index)) : this.sorted();
    return this.settled;
  }

  private sorted(): Columns {
    const order = this.ts.map((_, index) => index).sort((a, b) => this.ts[a]! - this.ts[b]! || a - b);
    return this.inOrder(order.filter((row, at) => this.ts[row] !== this.ts[order[at + 1] ?? -1]));
  }

  private inOrder(order: readonly number[]): Columns {
    return {
      ts: Float64Array.from(order, (row) => this.ts[row]!),
      receivedAt: Float64Array.from(order, (row) => this.receivedAt[row]!),
      quality: Uint8Array.from(order, (row) => this.quality[row]!),
      values: compactValues(order.map((row) => this.values[row]!)),
    };
  }
}

export const EMPTY: Columns = {
  ts: new Float64Array(0),
  receivedAt: new Float64Array(0),
  quality: new Uint8Array(0),
  values: new Float64Array(0),
};
