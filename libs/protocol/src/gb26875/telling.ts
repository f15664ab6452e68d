import { SIGNAL_POINTS, type StateBook, type UnitValues } from './state-book.js';

/** What the points of a unit say one after the other within a frame, so that every place that begins is told. [FI26] */
export class Telling {
  private values: UnitValues;
  private isTold = false;
  /** What changed last: where nothing follows, the values of all points say it. */
  private last: Partial<UnitValues> | undefined;
  private readonly meanwhile: Partial<UnitValues>[] = [];

  constructor(private readonly book: StateBook) {
    this.values = book.values();
  }

  /** Something was heard, and may have changed them. */
  note(): void {
    const values = this.book.values();
    const changed = signalsChanged(this.values, values);
    if (changed !== undefined) {
      if (this.last !== undefined) this.meanwhile.push(this.last);
      this.last = changed;
    }
    this.values = values;
    this.isTold = true;
  }

  /** A fire of which nobody knows whether it is one that holds already: one place ends, and begins again. */
  again(): void {
    if (this.last !== undefined) this.meanwhile.push(this.last);
    this.last = undefined;
    this.meanwhile.push({ fire_count: this.values.fire_count - 1 });
  }

  get told(): { readonly values?: UnitValues; readonly meanwhile?: readonly Partial<UnitValues>[] } {
    if (!this.isTold) return {};
    const { values, meanwhile } = this;
    return { values, ...(meanwhile.length > 0 && { meanwhile }) };
  }
}

/** All of the signals of which something is other than it was; undefined where nothing is. A test within a frame is nobody's news. */
function signalsChanged(before: UnitValues, after: UnitValues): Partial<UnitValues> | undefined {
  const changed = SIGNAL_POINTS.flatMap((point) => {
    const keys = [`${point}_place`, `${point}_count`, point] as const;
    return keys.some((key) => before[key] !== after[key]) ? keys : [];
  });
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.flatMap((key) => (after[key] === undefined ? [] : [[key, after[key]]])));
}
