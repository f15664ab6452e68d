import { type Credential } from './mqtt-frames.js';
import { PublishRing } from './publish-ring.js';
import { openAll, RawClient } from './raw-client.js';
import { type LatencyHistogram } from './statistics.js';

/** A device and its connection, with times that rise by at least a millisecond. */
export class PacedSender {
  constructor(
    readonly ring: PublishRing,
    private readonly client: RawClient,
  ) {}

  /** False when the server owes so many acknowledgements that no slot is free. */
  send(now: number): boolean {
    return this.sendSome(1, Math.max(now, this.ring.span.toTs + 1)) === 1;
  }

  /** Sends as many as slots are free, with times of a millisecond each from `ts`, and answers how many. */
  sendSome(messages: number, ts: number): number {
    const sent = Math.min(messages, this.ring.free);
    this.ring.publish(this.client.socket, sent, ts);
    return sent;
  }

  close(): void {
    this.client.close();
  }
}

export interface SendersPlan {
  readonly port: number;
  readonly boot: string;
  /** Messages of one device that may be unacknowledged. */
  readonly slots: number;
  /** Value of the n-th message of a device in thousandths. */
  readonly milliUnits: (n: number) => number;
  /** Takes the time of each acknowledgement. */
  readonly latency: LatencyHistogram;
  readonly onLost: (error: Error) => void;
}

export async function openSenders(
  { port, onLost, ...ringOptions }: SendersPlan,
  devices: readonly Credential[],
): Promise<PacedSender[]> {
  const senders: PacedSender[] = [];
  await openAll(devices, async (credential, index) => {
    const ring = new PublishRing({ deviceId: credential.clientId, ...ringOptions });
    const onData = (chunk: Buffer): void => {
      try {
        ring.receive(chunk);
      } catch (error) {
        onLost(error as Error);
      }
    };
    senders[index] = new PacedSender(ring, await RawClient.open({ port, credential, onData, onLost }));
  });
  return senders;
}

/** Sends a steady number a second, each from the next sender in turn. */
export class Pacer {
  #sent = 0;
  #next = 0;

  constructor(
    private readonly senders: readonly PacedSender[],
    private readonly perSecond: number,
    private readonly onSent: (sender: PacedSender) => void,
  ) {}

  get sent(): number {
    return this.#sent;
  }

  tick(elapsedMs: number): void {
    const due = Math.floor((elapsedMs * this.perSecond) / 1000);
    const now = Date.now();
    for (let tries = due - this.#sent; tries > 0; tries--) {
      const sender = this.senders[this.#next++ % this.senders.length] as PacedSender;
      if (!sender.send(now)) continue;
      this.#sent++;
      this.onSent(sender);
    }
  }
}
