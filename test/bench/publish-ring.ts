import { type Socket } from 'node:net';
import { PUBACK } from './mqtt-frames.js';
import { type LatencyHistogram } from './statistics.js';
import { TelemetryFrames } from './telemetry-frames.js';

export interface PublishRingOptions {
  readonly deviceId: string;
  readonly boot: string;
  /** Messages that may be in flight, 1 to 65,535. */
  readonly slots: number;
  /** Value of the n-th message in thousandths, 10,000 to 99,999. */
  readonly milliUnits: (n: number) => number;
  /** Takes the time from each PUBLISH to its PUBACK. */
  readonly latency: LatencyHistogram;
}

/**
 * The messages that one device has in flight. MQTT promises the PUBACKs in the order of the PUBLISHes (§4.6), so the
 * slots form a ring; a server that breaks the order is reported, not tolerated.
 */
export class PublishRing {
  readonly deviceId: string;
  #nextToSend = 0;
  #nextToAcknowledge = 0;
  #inFlight = 0;
  #sent = 0;
  #firstTs: number | undefined;
  #lastTs = 0;
  #frameOffset = 0;
  #packetIdHigh = 0;
  readonly #slots: number;
  readonly #frames: TelemetryFrames;
  readonly #sentAt: Float64Array;

  constructor(private readonly options: PublishRingOptions) {
    this.deviceId = options.deviceId;
    this.#slots = options.slots;
    this.#frames = new TelemetryFrames(options.deviceId, options.slots, options.boot);
    this.#sentAt = new Float64Array(options.slots);
  }

  get free(): number {
    return this.#slots - this.#inFlight;
  }

  get idle(): boolean {
    return this.#inFlight === 0;
  }

  get sent(): number {
    return this.#sent;
  }

  /** Device times of the first and the newest message. */
  get span(): { readonly fromTs: number; readonly toTs: number } {
    return { fromTs: this.#firstTs ?? 0, toTs: this.#lastTs };
  }

  /** Sends at most `free` messages, in one write where the ring does not wrap; `ts` is that of the first, then +1 each. */
  publish(socket: Socket, messages: number, ts: number): void {
    if (messages === 0) return;
    const now = performance.now();
    const beforeWrap = Math.min(messages, this.#slots - this.#nextToSend);
    const wraps = beforeWrap < messages;
    if (wraps) socket.cork();
    this.#write(socket, beforeWrap, ts, now);
    if (!wraps) return;
    this.#write(socket, messages - beforeWrap, ts + beforeWrap, now);
    socket.uncork();
  }

  #write(socket: Socket, messages: number, ts: number, now: number): void {
    const from = this.#nextToSend;
    this.#firstTs ??= ts;
    for (let i = 0; i < messages; i++) {
      this.#frames.patch(from + i, this.options.milliUnits(this.#sent), ts + i, this.#sent);
      this.#sentAt[from + i] = now;
      this.#sent++;
    }
    this.#lastTs = ts + messages - 1;
    this.#inFlight += messages;
    this.#nextToSend = (from + messages) % this.#slots;
    socket.write(this.#frames.slots(from, from + messages));
  }

  /**
   * Returns how many messages the chunk acknowledges. After CONNACK a server has nothing else to say to a device that
   * subscribed to nothing; throws on anything but the PUBACK that is due.
   */
  receive(chunk: Buffer): number {
    const now = performance.now();
    let acknowledged = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#frameOffset === 0 && byte !== PUBACK)
        throw new Error(`${this.deviceId}: not a PUBACK but 0x${byte.toString(16)}.`);
      if (this.#frameOffset === 2) this.#packetIdHigh = byte;
      if (this.#frameOffset === 3) {
        this.#acknowledge((this.#packetIdHigh << 8) | byte, now);
        acknowledged++;
      }
      this.#frameOffset = (this.#frameOffset + 1) & 3;
    }
    return acknowledged;
  }

  #acknowledge(packetId: number, now: number): void {
    const slot = this.#nextToAcknowledge;
    if (packetId !== slot + 1 || this.#inFlight === 0)
      throw new Error(`${this.deviceId}: PUBACK ${packetId} where ${slot + 1} was due.`);
    this.options.latency.record(now - (this.#sentAt[slot] ?? now));
    this.#inFlight--;
    this.#nextToAcknowledge = (slot + 1) % this.#slots;
  }
}
