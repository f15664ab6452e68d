import { type Clock } from './clock.js';

export interface ScheduledTask {
  cancel(): void;
}

interface Task extends ScheduledTask {
  at: number;
  /** Tasks of one time run in the order in which they were scheduled. */
  readonly order: number;
  readonly run: (at: number) => void;
  cancelled: boolean;
}

/** The wall clock is looked at this often, so that a jump of it is noticed. */
const LONGEST_SLEEP_MS = 1_000;
/** Everything due within this time runs in one turn: hundreds of devices need no timer each. */
const GRAIN_MS = 10;
const BACKWARD_JUMP_MS = 2_000;

/** One timer for everything that is to happen. A task gets the time for which it was due. */
export class Scheduler {
  readonly #heap: Task[] = [];
  #orders = 0;
  #takeBack: (() => void) | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  #seenAt: number;
  #stopped = false;

  constructor(private readonly clock: Clock) {
    this.#seenAt = clock.now();
  }

  now(): number {
    return this.clock.now();
  }

  /** Runs `run` at `at` (epoch ms), or at the next turn when that has passed. */
  at(at: number, run: (at: number) => void): ScheduledTask {
    const task: Task = {
      at,
      order: this.#orders++,
      run,
      cancelled: false,
      cancel: () => (task.cancelled = true),
    };
    this.#push(task);
    this.#arm();
    return task;
  }

  stop(): void {
    this.#stopped = true;
    this.#takeBack?.();
    this.#heap.length = 0;
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || this.#stopped || first.at >= this.#wakeAt) return;
    this.#takeBack?.();
    const delayMs = Math.min(LONGEST_SLEEP_MS, Math.max(GRAIN_MS, first.at - this.clock.now()));
    this.#wakeAt = this.clock.now() + delayMs;
    this.#takeBack = this.clock.after(delayMs, () => this.#turn());
  }

  #turn(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#takeBack = undefined;
    const now = this.clock.now();
    if (now < this.#seenAt - BACKWARD_JUMP_MS) this.#shift(now - this.#seenAt);
    this.#seenAt = now;
    // A task that schedules one for now has its turn next time: no task can keep the loop for itself.
    const lastOrder = this.#orders;
    const later: Task[] = [];
    for (let task = this.#pop(now); task !== undefined; task = this.#pop(now)) {
      if (task.cancelled) continue;
      if (task.order >= lastOrder) later.push(task);
      else task.run(task.at);
    }
    for (const task of later) this.#push(task);
    this.#arm();
  }

  /** The wall clock was set back: what was due in a second is still due in a second. */
  #shift(byMs: number): void {
    for (const task of this.#heap) task.at += byMs;
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let index = heap.push(task) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(task, heap[parent] as Task)) break;
      heap[index] = heap[parent] as Task;
      index = parent;
    }
    heap[index] = task;
  }

  /** Takes the first task off when it is due. */
  #pop(now: number): Task | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.at > now) return undefined;
    const last = heap.pop() as Task;
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const right = heap[child + 1];
      if (right !== undefined && before(right, heap[child] as Task)) child++;
      const smallest = heap[child];
      if (smallest === undefined || !before(smallest, last)) break;
      heap[index] = smallest;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

const before = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
