import { type Socket } from 'node:net';
import { FrameStream, type StreamItem } from '@watchfire/protocol';
import { type ClientCertificate } from '../certificates.js';
import { type FireLine } from './fire-links.js';
import { type FireOptions } from './fire-options.js';

export interface FireConnectionOwner {
  readonly options: FireOptions;
  readonly commands: ReadonlySet<number>;
  monotonicMs(): number;
  /** `undefined`: nothing to wait for. Never rejects. */
  take(line: FireLine, item: StreamItem): Promise<void> | undefined;
  /** `undefined`: nobody has said who it is. */
  silenceLimitMs(line: FireLine): number | undefined;
  failed(error: unknown): void;
  ended(line: FireLine, reason: string): void;
}

/** Unsent bytes of answers: two thousand of them. Whoever does not read them is cut off. */
const MAX_UNSENT_BYTES = 65_536;

/** One TCP or TLS connection: bytes in, frames out, and back. */
export class FireConnection implements FireLine {
  private readonly stream: FrameStream;
  private readonly startedAt: number;
  /** When bytes came last; monotonic ms. */
  private lastByteAt: number;
  private inflight = 0;
  private isHeld = false;
  private isReading = true;
  private reason: string | undefined;

  constructor(
    private readonly socket: Socket,
    readonly peer: string,
    private readonly owner: FireConnectionOwner,
    readonly certificate: ClientCertificate | undefined,
  ) {
    this.stream = new FrameStream({ commands: owner.commands });
    this.startedAt = this.lastByteAt = owner.monotonicMs();
  }

  start(): void {
    const { socket } = this;
    socket.on('data', (chunk) => this.received(chunk));
    socket.on('end', () => (this.reason ??= 'disconnect'));
    socket.on('close', () => this.owner.ended(this, this.reason ?? 'connection_lost'));
    socket.resume();
  }

  get pendingBytes(): number {
    return this.stream.pending;
  }

  send(bytes: Uint8Array): void {
    if (!this.socket.writable) return;
    this.socket.write(bytes);
    if (this.socket.writableLength > MAX_UNSENT_BYTES) this.close('answers_not_taken');
  }

  close(reason: string): void {
    this.reason ??= reason;
    this.socket.destroy();
  }

  /** What has been read is finished; nothing more is. */
  stopReading(): void {
    this.isReading = false;
    this.socket.pause();
  }

  /** Closes after the answers have gone out. */
  finish(reason: string): Promise<void> {
    this.reason ??= reason;
    return new Promise((resolve) => {
      this.socket.once('close', () => resolve());
      // Whoever is half closed must not keep us waiting for its end.
      this.socket.end(() => this.socket.destroy());
    });
  }

  look(now: number): void {
    const { options } = this.owner;
    const silentMs = now - this.lastByteAt;
    if (this.isHeld) {
      // Nothing is read because of us: it cannot be blamed for silence.
      this.lastByteAt = now;
      return;
    }
    if (this.stream.pending > 0 && silentMs >= options.partialFrameMs) this.takeAll(this.stream.giveUp());
    const limitMs = this.owner.silenceLimitMs(this);
    if (limitMs === undefined) {
      if (now - this.startedAt > options.unidentifiedMs) this.close('unidentified');
    } else if (silentMs > limitMs) this.close('idle_timeout');
  }

  private received(chunk: Uint8Array): void {
    this.lastByteAt = this.owner.monotonicMs();
    this.takeAll(this.stream.push(chunk));
  }

  private takeAll(items: readonly StreamItem[]): void {
    for (const item of items) {
      const work = this.owner.take(this, item);
      if (work === undefined) continue;
      this.inflight++;
      work.then(
        () => this.done(),
        (error: unknown) => {
          this.owner.failed(error);
          this.done();
        },
      );
    }
    if (this.inflight >= this.owner.options.maxInflight && !this.isHeld) {
      this.isHeld = true;
      this.socket.pause();
    }
  }

  private done(): void {
    this.inflight--;
    if (!this.isHeld || this.inflight > this.owner.options.maxInflight / 2) return;
    this.isHeld = false;
    if (this.isReading) this.socket.resume();
  }
}
