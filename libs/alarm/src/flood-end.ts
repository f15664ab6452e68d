import { type Due, type QueueEntry } from './deadlines.js';

/** The end of a flood in the queue of what is due. */
export class FloodEnd implements Due {
  deadline = Infinity;
  queued: QueueEntry | undefined;
  /** After whatever is announced at the same time. */
  readonly orderIndex = 2_000;

  constructor(
    readonly orderKey: string,
    readonly happen: () => void,
  ) {}
}
