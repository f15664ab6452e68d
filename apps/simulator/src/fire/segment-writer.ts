import { type Scheduler } from '../field/scheduler.js';

const APART_MS = 30;

/** Writes to one line in order: segments of a frame some time apart, and nothing between them. */
export class SegmentWriter {
  private readonly queue: { readonly bytes: Uint8Array; isApart: boolean }[] = [];
  private isWaiting = false;

  constructor(
    private readonly send: (bytes: Uint8Array) => void,
    private readonly scheduler: Scheduler,
  ) {}

  write(...segments: readonly Uint8Array[]): void {
    for (const [index, bytes] of segments.entries()) this.queue.push({ bytes, isApart: index > 0 });
    this.flow();
  }

  private flow(): void {
    while (!this.isWaiting) {
      const [next] = this.queue;
      if (next === undefined) return;
      if (next.isApart) {
        next.isApart = false;
        this.isWaiting = true;
        this.scheduler.at(this.scheduler.now() + APART_MS, () => {
          this.isWaiting = false;
          this.flow();
        });
        return;
      }
      this.queue.shift();
      this.send(next.bytes);
    }
  }
}
