import { type FireCounters } from './fire-counters.js';
import { type FireLine, type Said } from './fire-links.js';

export interface DatagramLineOwner {
  readonly counters: FireCounters;
  /** Whether so many frames of one line under way are too many. */
  isBusy(inflight: number): boolean;
  send(bytes: Uint8Array): void;
  ended(line: DatagramLine, reason: string): void;
}

/** Above the longest question: 41 bytes, so many records of a system from a time on. */
const RESERVE_BYTES = 64;

/** An address and port that datagrams come from. */
export class DatagramLine implements FireLine {
  readonly certificate = undefined;
  /** When a datagram came last; monotonic ms. */
  heardAt = -Infinity;
  /** Frames between the socket and the disk. */
  inflight = 0;
  /** Bytes that came and were not answered with as many. */
  private credit = 0;
  private isProven = false;
  /** A question is due and there are no bytes for it: signs of life stay unanswered until there are. */
  private isSaving = false;
  private isClosed = false;

  constructor(
    readonly peer: string,
    private readonly owner: DatagramLineOwner,
  ) {}

  get isBusy(): boolean {
    return this.owner.isBusy(this.inflight);
  }

  received(bytes: number, now: number): void {
    this.credit += bytes;
    this.heardAt = now;
  }

  /** What it has answered went to this address and not to another: it is there. */
  proven(): void {
    this.isProven = true;
  }

  /** A NAT gives another port after some silence: that is the same line and no take-over. */
  goesOnFrom(before: FireLine): boolean {
    return before instanceof DatagramLine && before.peer === this.peer;
  }

  send(bytes: Uint8Array, said: Said): void {
    if (this.isClosed) return;
    if (!this.isProven && !this.pay(bytes.length, said)) {
      this.owner.counters.datagramsWithheld++;
      return;
    }
    this.owner.send(bytes);
  }

  close(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.owner.ended(this, reason);
  }

  private pay(bytes: number, said: Said): boolean {
    const isEnough = this.credit >= bytes;
    if (said === 'question') this.isSaving = !isEnough;
    else if (said === 'sign-of-life' && this.isSaving && this.credit < bytes + RESERVE_BYTES) return false;
    if (isEnough) this.credit -= bytes;
    return isEnough;
  }
}
