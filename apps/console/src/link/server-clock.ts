/** How many heartbeats the estimate looks back: one minute. */
const WINDOW = 12;
/** A seat that is off by more than this shows it, because people compare its clock with the server's times. */
export const DRIFT_WARNING_MS = 2_000;

/**
 * The server's time at this seat. A heartbeat is late by its way through the network and never early, so the smallest
 * difference of the last minute is the nearest to the truth.
 */
export class ServerClock {
  private differences: number[] = [];

  heard(serverTime: number, now: number): void {
    this.differences = [...this.differences, now - serverTime].slice(-WINDOW);
  }

  /** How far this seat's clock is ahead of the server's, ms; null before the first heartbeat. */
  get driftMs(): number | null {
    return this.differences.length === 0 ? null : Math.min(...this.differences);
  }

  at(now: number): number {
    return now - (this.driftMs ?? 0);
  }
}
