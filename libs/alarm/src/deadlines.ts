/** Something that may be due at a time. `deadline` may move freely; an earlier one must be told with `schedule`. */
export interface Due {
  /** Journal time, epoch ms; Infinity when nothing is pending. */
  readonly deadline: number;
  /** Its place in the queue; owned by `Deadlines`. */
  queued: QueueEntry | undefined;
  /** Breaks ties, so that equal deadlines fire in the same order after a restart. */
  readonly orderKey: string;
  readonly orderIndex: number;
}

export interface QueueEntry {
  at: number;
  due: Due;
}

/**
 * In the place of what was forgotten, until its turn comes. It stands where that stood: an entry that changed its place in the order would
 * hide from what is added beneath it that something above comes later.
 */
class Forgotten implements Due {
  readonly deadline = Infinity;
  queued: QueueEntry | undefined;

  constructor(
    readonly orderKey: string,
    readonly orderIndex: number,
  ) {}
}

/**
 * A binary heap that is told only of deadlines that became earlier: one that moved later (a dead-man re-armed by every
 * sample) costs nothing until its old time comes.
 */
export class Deadlines<T extends Due> {
  private heap: QueueEntry[] = [];
  /** How many entries hold the place of what was forgotten. */
  private forgotten = 0;

  /** So many forgotten ones are not worth a sweep. */
  constructor(private readonly forgottenKept = 1_024) {}

  /** Entries that are kept, those of what was forgotten included. */
  get size(): number {
    return this.heap.length;
  }

  schedule(due: T): void {
    const { deadline } = due;
    if (deadline >= (due.queued?.at ?? Infinity)) return;
    this.forget(due);
    due.queued = { at: deadline, due };
    this.heap.push(due.queued);
    this.siftUp(this.heap.length - 1);
  }

  /** Nothing of it will be taken, and nothing holds it any more. */
  forget(due: T): void {
    if (due.queued === undefined) return;
    due.queued.due = new Forgotten(due.orderKey, due.orderIndex);
    due.queued = undefined;
    this.forgotten += 1;
    if (this.forgotten > this.forgottenKept && this.forgotten > this.heap.length / 2) this.sweep();
  }

  /** False when nothing is due at `time` or before; true may be wrong. */
  mayBeDue(time: number): boolean {
    const top = this.heap[0];
    return top !== undefined && top.at <= time;
  }

  /** No deadline is earlier than this; free of cost. Undefined when there is none. */
  lowerBound(): number | undefined {
    return this.heap[0]?.at;
  }

  /** The earliest deadline, or undefined. It puts every entry that has moved in its place. */
  next(): number | undefined {
    return this.top()?.at;
  }

  /** Takes what is due first at `time` or before; its `deadline` is left for the caller to read and to end. */
  take(time: number): T | undefined {
    const top = this.top();
    if (top === undefined || top.at > time) return undefined;
    this.drop();
    // What is in the queue was put there by `schedule`.
    const due = top.due as T;
    due.queued = undefined;
    return due;
  }

  private top(): QueueEntry | undefined {
    for (;;) {
      const top = this.heap[0];
      if (top === undefined) return undefined;
      const { deadline } = top.due;
      if (deadline === Infinity) {
        if (top.due instanceof Forgotten) this.forgotten -= 1;
        top.due.queued = undefined;
        this.drop();
      } else if (deadline > top.at) {
        top.at = deadline;
        this.siftDown();
      } else {
        return top;
      }
    }
  }

  /** Puts the heap together again without what was forgotten. Sorted by what it is ordered by, it is a heap. */
  private sweep(): void {
    this.heap = this.heap.filter(({ due }) => !(due instanceof Forgotten)).sort(byTurn);
    this.forgotten = 0;
  }

  private drop(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.siftDown();
  }

  private siftUp(from: number): void {
    let index = from;
    const entry = this.heap[index];
    if (entry === undefined) return;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.heap[parentIndex];
      if (parent === undefined || !isBefore(entry, parent)) break;
      this.heap[index] = parent;
      index = parentIndex;
    }
    this.heap[index] = entry;
  }

  private siftDown(): void {
    const entry = this.heap[0];
    if (entry === undefined) return;
    let index = 0;
    for (;;) {
      const left = this.heap[2 * index + 1];
      const right = this.heap[2 * index + 2];
      if (left === undefined) break;
      const takesRight = right !== undefined && isBefore(right, left);
      const child = takesRight ? right : left;
      if (!isBefore(child, entry)) break;
      this.heap[index] = child;
      index = 2 * index + (takesRight ? 2 : 1);
    }
    this.heap[index] = entry;
  }
}

function byTurn(a: QueueEntry, b: QueueEntry): number {
  return isBefore(a, b) ? -1 : 1;
}

function isBefore(a: QueueEntry, b: QueueEntry): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.due.orderKey !== b.due.orderKey) return a.due.orderKey < b.due.orderKey;
  return a.due.orderIndex < b.due.orderIndex;
}
