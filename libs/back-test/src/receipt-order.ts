import { type Sample, type SampleQuality } from '@watchfire/alarm';
import { type SampleColumns } from '@watchfire/history';

export type ReadColumns = (
  pointId: string,
  from: number,
  to: number,
  limit: number,
) => Promise<SampleColumns>;

/** What came in one message, as far as stored samples tell: the same device, receive time and device time. */
export interface StoredReading {
  readonly receivedAt: number;
  readonly ts: number;
  readonly samples: readonly Sample[];
}

export interface ReceiptWindow {
  /** Device times, `from <= ts < to`. */
  readonly from: number;
  readonly to: number;
  readonly maxLateMs: number;
  readonly maxAheadMs: number;
}

/** Samples that one question asks for: some hundred kilobytes. */
const PAGE = 20_000;
const QUALITIES: readonly SampleQuality[] = ['good', 'uncertain', 'bad'];

/**
 * The stored samples of the points of one device in the order in which they were received. The history has them by device
 * time; a sample that has not been read yet cannot have been received earlier than its device time less `maxAheadMs`, so what
 * was received before that is given out. What waits in between is what came late: at most `maxLateMs` of the device's samples.
 */
export class ReceiptOrder {
  /** Samples that were left out: older than any late sample may be, so back-filled. */
  historical = 0;
  private readonly cursors: Cursor[];
  private readonly waiting = new ReceiptHeap();

  constructor(
    points: readonly string[],
    private readonly window: ReceiptWindow,
    read: ReadColumns,
  ) {
    this.cursors = points.map((pointId, order) => new Cursor(pointId, order, window, read));
  }

  /** The device time up to which everything was read. */
  get reached(): number {
    return Math.min(this.window.to, ...this.cursors.map(({ next }) => next));
  }

  async *readings(): AsyncGenerator<readonly StoredReading[]> {
    let isMore = true;
    while (isMore) {
      for (const cursor of this.cursors) if (cursor.isEmpty) await cursor.load();
      isMore = this.cursors.some(({ next }) => next !== Infinity);
      yield this.ready();
    }
  }

  /** Moves on until a page is used up, or everything is. */
  private ready(): StoredReading[] {
    const readings: StoredReading[] = [];
    for (;;) {
      const cursor = this.earliest();
      const frontier = cursor?.next ?? Infinity;
      this.giveOut(frontier - this.window.maxAheadMs, readings);
      if (cursor === undefined || cursor.isEmpty) return readings;
      const sample = cursor.take();
      if (sample.receivedAt - sample.ts > this.window.maxLateMs) this.historical += 1;
      else this.waiting.push(sample);
    }
  }

  private earliest(): Cursor | undefined {
    let earliest: Cursor | undefined;
    for (const cursor of this.cursors) {
      if (cursor.next !== Infinity && (earliest === undefined || cursor.next < earliest.next))
        earliest = cursor;
    }
    return earliest;
  }

  private giveOut(before: number, into: StoredReading[]): void {
    for (;;) {
      const first = this.waiting.first;
      if (first === undefined || first.receivedAt >= before) return;
      const { receivedAt, ts } = first;
      const samples: Sample[] = [];
      while (this.waiting.first?.receivedAt === receivedAt && this.waiting.first.ts === ts) {
        const { pointId, value, quality } = this.waiting.take();
        samples.push({ pointId, value, quality });
      }
      into.push({ receivedAt, ts, samples });
    }
  }
}

interface Waiting extends Sample {
  readonly receivedAt: number;
  readonly ts: number;
  /** Of its point in the device. */
  readonly order: number;
}

/** Reads one point, page by page. */
class Cursor {
  /** Device time of the next sample, or before which there is none; Infinity at the end. */
  next: number;
  private page: SampleColumns | undefined;
  private index = 0;
  private isLast = false;

  constructor(
    private readonly pointId: string,
    private readonly order: number,
    private readonly window: ReceiptWindow,
    private readonly read: ReadColumns,
  ) {
    this.next = window.from;
  }

  /** Nothing is at hand, but there may be more. */
  get isEmpty(): boolean {
    return this.next !== Infinity && (this.page === undefined || this.index === this.page.ts.length);
  }

  async load(): Promise<void> {
    this.page = this.isLast ? undefined : await this.read(this.pointId, this.next, this.window.to, PAGE);
    this.index = 0;
    const count = this.page?.ts.length ?? 0;
    this.isLast = count < PAGE;
    this.next = count === 0 ? Infinity : this.page!.ts[0]!;
  }

  take(): Waiting {
    const { index } = this;
    const page = this.page!;
    const ts = page.ts[index]!;
    this.index += 1;
    this.next = page.ts[this.index] ?? (this.isLast ? Infinity : ts + 1);
    return {
      pointId: this.pointId,
      order: this.order,
      ts,
      receivedAt: page.receivedAt[index]!,
      value: page.values[index]!,
      quality: QUALITIES[page.quality[index]!] ?? 'bad',
    };
  }
}

/** By receive time, then device time, then the order of the points. */
class ReceiptHeap {
  private readonly items: Waiting[] = [];

  get first(): Waiting | undefined {
    return this.items[0];
  }

  push(item: Waiting): void {
    const { items } = this;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(item, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  /** The first; there must be one. */
  take(): Waiting {
    const { items } = this;
    const first = items[0]!;
    const item = items.pop()!;
    const { length } = items;
    if (length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(items[child + 1]!, items[child]!)) child += 1;
      if (!isBefore(items[child]!, item)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
    return first;
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return (a.receivedAt - b.receivedAt || a.ts - b.ts || a.order - b.order) < 0;
}
