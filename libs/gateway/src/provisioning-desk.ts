import { generate, parser, type Packet } from 'mqtt-packet';
import { type PublishFrame } from './publish-frame.js';

/** Answers the document of a device that wants to register itself, in the words of ThingsBoard. Never rejects for what it was sent. */
export type Provision = (document: unknown, address: string) => Promise<unknown>;

/** The user name with which a device comes that has no credential yet. */
export const PROVISIONING_USER = 'provision';

const REQUEST = '/provision/request';
const RESPONSE = '/provision/response';
/** One device asks once, and again when the answer was lost. */
const MAX_REQUESTS = 5;
const MAX_DOCUMENT_BYTES = 4_096;
/** Whoever has its answer comes back with it, on a connection of its own. */
const LIFE_MS = 60_000;

/** The connection, as the desk sees it. */
export interface Applicant {
  readonly address: string;
  readonly isClosed: boolean;
  write(packets: Uint8Array): void;
  settle(publishes: number): void;
  cut(reason: string): void;
}

/**
 * A connection without a credential, which may do one thing: ask to be registered with a claim code, and hear the answer
 * [IN49]. It never reaches the broker or the journal.
 */
export class ProvisioningDesk {
  private requests = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly applicant: Applicant,
    private readonly provision: Provision,
  ) {
    this.timer = setTimeout(() => applicant.cut('provisioning_over'), LIFE_MS);
  }

  publish({ buffer, topicFrom, topicTo, payloadFrom, payloadTo, qos, packetId }: PublishFrame): void {
    const topic = buffer.toString('utf8', topicFrom, topicTo);
    const text = buffer.toString('utf8', payloadFrom, Math.min(payloadTo, payloadFrom + MAX_DOCUMENT_BYTES));
    this.requests++;
    if (topic !== REQUEST || qos === 2 || this.requests > MAX_REQUESTS) {
      this.applicant.cut('provisioning_forbidden');
      return;
    }
    void this.answer(documentOf(text), qos, packetId);
  }

  /** A packet that the broker would get: it may subscribe to the answer, and to nothing else. */
  packet(bytes: Uint8Array): void {
    const reader = parser({ protocolVersion: 4 });
    reader.on('packet', (packet: Packet) => {
      if (packet.cmd !== 'subscribe' || packet.messageId === undefined) return;
      const granted = packet.subscriptions.map(({ topic }) => (topic === RESPONSE ? 0 : 128));
      this.applicant.write(generate({ cmd: 'suback', messageId: packet.messageId, granted }));
    });
    reader.on('error', () => this.applicant.cut('packet_malformed'));
    reader.parse(Buffer.from(bytes));
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private async answer(document: unknown, qos: number, packetId: number): Promise<void> {
    let response: unknown;
    try {
      response = await this.provision(document, this.applicant.address);
    } catch {
      this.applicant.cut('provisioning_failed');
      return;
    }
    if (this.applicant.isClosed) return;
    if (qos === 1) this.applicant.write(generate({ cmd: 'puback', messageId: packetId }));
    this.applicant.settle(1);
    const payload = JSON.stringify(response);
    this.applicant.write(
      generate({ cmd: 'publish', topic: RESPONSE, payload, qos: 0, retain: false, dup: false }),
    );
  }
}

function documentOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
