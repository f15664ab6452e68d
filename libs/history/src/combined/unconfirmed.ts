import { type HistoryBatch } from '../history.js';

interface Generation {
  /** The journal offset of its last batch. */
  upTo: number;
  oldestTs: number;
}

/**
 * The oldest sample that only the local history has, or older: two figures, however long the other store is away. What was
 * taken before this was made is unknown until it is confirmed.
 */
export class Unconfirmed {
  private older: Generation;
  private newer: Generation | undefined;

  /** @param unknownUpTo the journal offset up to which samples may have been taken before */
  constructor(
    unknownUpTo: number,
    private readonly confirmed: () => number,
  ) {
    this.older = { upTo: unknownUpTo, oldestTs: -Infinity };
  }

  take(offset: number, oldestTs: number): void {
    this.turn();
    this.newer = {
      upTo: Math.max(offset, this.newer?.upTo ?? 0),
      oldestTs: Math.min(oldestTs, this.newer?.oldestTs ?? Infinity),
    };
  }

  /** Device time, epoch ms; Infinity where everything that was taken is confirmed. */
  oldest(): number {
    this.turn();
    const older = this.isConfirmed(this.older) ? Infinity : this.older.oldestTs;
    return Math.min(older, this.newer?.oldestTs ?? Infinity);
  }

  private turn(): void {
    while (this.newer !== undefined && this.isConfirmed(this.older)) {
      this.older = this.newer;
      this.newer = undefined;
    }
  }

  private isConfirmed({ upTo }: Generation): boolean {
    return upTo <= this.confirmed();
  }
}

/** Of everything in a batch; Infinity where it has no sample. */
export function oldestTs({ readings, samples }: HistoryBatch): number {
  let oldest = Infinity;
  for (const { ts } of readings) for (const time of ts) if (time < oldest) oldest = time;
  for (const { ts } of samples) if (ts < oldest) oldest = ts;
  return oldest;
}
