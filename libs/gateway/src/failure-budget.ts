/** More keys than this and the one that failed the longest ago is forgotten: a guesser with many names costs no memory. */
const MOST_KEYS = 20_000;
/** A debt does not grow without end: who stops failing is forgiven after so long at the latest. */
const MOST_DEBT_MS = 60_000;

/** How often something may fail, by key; only failures count, so that whoever is right is never made to wait for others. */
export class FailureBudget {
  /** By key: when the last failure will be paid off, ms. Ordered by the last failure. */
  private readonly paidAt = new Map<string, number>();
  private readonly intervalMs: number;

  constructor(
    perMinute: number,
    private readonly burst: number,
    private readonly monotonicMs: () => number,
  ) {
    this.intervalMs = 60_000 / perMinute;
  }

  /** Counts a failure; answers by how many ms its key is beyond its budget now, 0 within. */
  fail(key: string): number {
    const now = this.monotonicMs();
    const latest = now + this.burst * this.intervalMs + MOST_DEBT_MS;
    const paidAt = Math.min(latest, Math.max(now, this.paidAt.get(key) ?? 0) + this.intervalMs);
    this.paidAt.delete(key);
    this.paidAt.set(key, paidAt);
    if (this.paidAt.size > MOST_KEYS) {
      for (const oldest of this.paidAt.keys()) {
        this.paidAt.delete(oldest);
        break;
      }
    }
    return this.debtAt(paidAt, now);
  }

  /** The same, without a failure. */
  debt(key: string): number {
    return this.debtAt(this.paidAt.get(key) ?? 0, this.monotonicMs());
  }

  private debtAt(paidAt: number, now: number): number {
    return Math.max(0, paidAt - now - this.burst * this.intervalMs);
  }
}
