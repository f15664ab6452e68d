import { type Duplex } from 'node:stream';
import { type ClientCertificate } from './certificates.js';
import { parseConnect, type ConnectRequest } from './connect-packet.js';
import { lendBytes, Outgoing, type Borrower } from './direct-tcp.js';
import { CONNECT, DISCONNECT, PINGREQ, PUBLISH, PUBREL, readFixedHeader } from './fixed-header.js';
import { type GatewayLimits } from './limits.js';
import { PacketPieces } from './packet-pieces.js';
import { type ProvisioningDesk } from './provisioning-desk.js';
import { readPublish, type PublishFrame } from './publish-frame.js';
import { type Line, type Session } from './session.js';

/** What the gateway is told by a connection; none of these may throw. */
export interface ConnectionOwner {
  readonly limits: GatewayLimits;
  /** Packets of a connection are about to be read: what time it is now is true for all of them. Answers monotonic ms. */
  readingBegins(): number;
  /** Whether PUBLISH and PUBREL are taken here, in front of the broker. */
  readonly splits: boolean;
  /** Ms of a clock that only runs forward. */
  monotonicMs(): number;
  /** While a promise is returned and unresolved, only a few publishes of each connection are taken. */
  backpressure(): Promise<void> | undefined;
  /** The first packet has come, whole and well-formed. Answered by `admit` or `refuse`. */
  connectArrived(connection: MqttConnection, request: ConnectRequest): void;
  /** A publish in the buffer of the connection, valid until this returns. Answered by `settle`. */
  publishArrived(connection: MqttConnection, frame: PublishFrame): void;
  /** QoS 2: the client has released the packet id. */
  released(connection: MqttConnection, packetId: number): void;
  /** A packet for the broker, its own to keep; false when it takes no more until `goOn`. */
  forBroker(connection: MqttConnection, packet: Buffer): boolean;
  /** The client broke the protocol or a limit and will be cut off; `head`, the beginning of the packet, is valid until this returns. */
  violated(connection: MqttConnection, reason: string, head: Uint8Array): void;
  /** Once, at the end, whatever ended it. */
  ended(connection: MqttConnection, reason: string): void;
}

type Phase =
  /** Nothing but a CONNECT is read, into at most `maxConnectBytes`. */
  | 'connect'
  /** The CONNECT is being decided: nothing is read. */
  | 'signing-in'
  | 'open'
  /** Nothing is taken any more; answers still go out. */
  | 'halted'
  | 'closed';

const NOTHING = Buffer.alloc(0);
const PINGRESP = Uint8Array.of(0xd0, 0);
/** How long a refused client may take to read its CONNACK. */
const REFUSAL_LINGER_MS = 1_000;
/**
 * Publishes that a connection may have under way while everybody else has to wait: a detector that has something to say is
 * heard in the middle of a flood.
 */
const RESERVE = 4;

/**
 * One connection of a client, from its first byte. It finds the packets in what the socket brings, holds back what is
 * pipelined behind a CONNECT until that is answered, and takes only so many publishes that are not settled, so that a fast
 * client fills its own socket and not our memory.
 */
export class MqttConnection implements Line, Borrower {
  // First what every message is read or answered with: it lies together in memory, and with thousands of clients that speak in
  // turn each piece of it has to be fetched anew for each message.
  /** Set when the client has signed in. */
  session: Session | undefined;
  /** Set when it has come without a credential, to be registered. */
  provisioning: ProvisioningDesk | undefined;
  lastByteAt: number;
  private readonly outgoing: Outgoing;
  /** The topic on which the client mostly publishes. */
  usualTopic = '';
  private phase: Phase = 'connect';
  /** Read from the socket and not yet taken: the beginning of a packet, or whole packets while nothing may be taken. */
  private pending: Buffer = NOTHING;
  /** `pending` and what came after it, while that is known to be too short for the packet that it belongs to. */
  private pieces: PacketPieces | undefined;
  /** Bytes that the packet at the beginning of `pending` needs. */
  private needed = 0;
  /** Publishes that were taken and are not settled. */
  private unsettled = 0;
  /** Bytes that were taken since nothing was unsettled: at least those of the unsettled. */
  private unsettledBytes = 0;
  private waiting = false;
  /** The stream is not read, because of us. */
  private paused = false;
  /** The stream may have ended or failed: it is asked before anything is written. */
  private mayBeGone = false;
  /** The stream says of itself that too much waits in it, long before that is too much for us. */
  private readonly isBoundedByStream: boolean;
  /** It was seen, since the reading began, that nobody has to wait. */
  private calm = false;
  private brokerFull = false;
  private inputEnded = false;
  private hold: NodeJS.Timeout | undefined;
  /** What the client has proved in its TLS handshake. */
  peerCertificate: ClientCertificate | undefined;
  private saidGoodbye = false;
  private reason: string | undefined;
  private deadline: NodeJS.Timeout | undefined;
  /** Monotonic ms. */
  private heldUntil = 0;

  constructor(
    private readonly stream: Duplex,
    readonly address: string,
    private readonly owner: ConnectionOwner,
  ) {
    this.lastByteAt = Math.floor(owner.monotonicMs());
    this.outgoing = new Outgoing(stream);
    this.isBoundedByStream = stream.writableHighWaterMark <= owner.limits.maxOutboundBytes;
    this.deadline = setTimeout(() => this.cut('connect_timeout'), owner.limits.firstPacketMs);
    // Without a listener an 'error' ends the process; what follows is 'close'.
    stream.on('error', () => (this.mayBeGone = true));
    lendBytes(stream, this);
    stream.resume();
    stream.on('end', () => {
      this.inputEnded = true;
      this.mayBeGone = true;
      this.pumpLater();
    });
    stream.on('close', () => {
      this.mayBeGone = true;
      // After an orderly end what was read is still taken; QoS 0 clients leave right behind their last message.
      const isLeft = this.pending.length > 0 || this.isUndecided;
      if (!this.inputEnded || this.phase !== 'open' || !isLeft) this.end();
    });
  }

  get isOpen(): boolean {
    return this.phase === 'open';
  }

  get isClosed(): boolean {
    return this.phase === 'closed';
  }

  get isHeldBack(): boolean {
    return (
      this.waiting || this.brokerFull || this.hold !== undefined || this.isFull || this.phase === 'signing-in'
    );
  }

  /** Enough publishes are under way; a single one may always be, however long it is. */
  private get isFull(): boolean {
    const { maxInflight, maxInflightBytes } = this.owner.limits;
    return this.unsettled >= maxInflight || this.unsettledBytes >= maxInflightBytes;
  }

  /** The broker has publishes of this client that it has not asked us about. */
  private get isUndecided(): boolean {
    return !this.owner.splits && this.unsettled > 0;
  }

  get writableLength(): number {
    return this.stream.writableLength;
  }

  /** The client is in: what was held back may go on. */
  admit(connack: Uint8Array): void {
    if (this.phase !== 'signing-in') return;
    this.write(connack);
    this.phase = 'open';
    this.pumpLater();
  }

  /** The client will be refused, later: what else it sends is thrown away and costs no memory meanwhile. */
  ignoreInput(): void {
    if (this.phase !== 'signing-in') return;
    this.phase = 'halted';
    this.pending = NOTHING;
    this.resume();
  }

  /** Answers a CONNECT with a refusal, then closes. */
  refuse(reason: string, connack?: Uint8Array): void {
    this.reason ??= reason;
    if (this.phase === 'closed') return;
    this.phase = 'halted';
    clearTimeout(this.deadline);
    if (connack === undefined) {
      this.end();
      return;
    }
    this.pending = NOTHING;
    this.deadline = setTimeout(() => this.end(), REFUSAL_LINGER_MS);
    // Unread input would turn the close into a reset, which can overtake the answer.
    this.resume();
    this.mayBeGone = true;
    this.stream.end(connack);
  }

  cut(reason: string): void {
    this.reason ??= reason;
    this.end();
  }

  /** Takes nothing more from the client; what is under way is still answered. */
  halt(): void {
    if (this.phase === 'open') this.phase = 'halted';
    else if (this.phase !== 'halted') this.cut('server_stop');
  }

  /** Sends what is written, then closes, whatever the other side thinks of it. Resolves when it is closed. */
  finish(reason: string): Promise<void> {
    this.reason ??= reason;
    return new Promise((resolve) => {
      if (this.phase === 'closed' || this.stream.destroyed) {
        this.end();
        resolve();
        return;
      }
      this.mayBeGone = true;
      this.stream.once('close', resolve);
      this.stream.end(() => this.end());
    });
  }

  /** Whole packets only: nothing may come between the bytes of one. */
  write(packets: Uint8Array, written?: () => void): void {
    const { stream } = this;
    if ((this.mayBeGone || written !== undefined) && (stream.destroyed || stream.writableEnded)) {
      written?.();
      return;
    }
    if (this.outgoing.write(packets, written) && this.isBoundedByStream) return;
    if (stream.writableLength > this.owner.limits.maxOutboundBytes) this.cut('slow_consumer');
  }

  /** That many publishes are decided. */
  settle(publishes = 1): void {
    this.unsettled -= publishes;
    if (this.unsettled === 0) this.unsettledBytes = 0;
    if (this.phase !== 'open') return;
    if (this.pending.length > 0 || this.inputEnded || this.paused) this.pumpLater();
  }

  /** The broker takes packets again. */
  goOn(): void {
    if (!this.brokerFull) return;
    this.brokerFull = false;
    this.pumpLater();
  }

  /** Nothing is taken for so long, or for as long as was said before: the device has used up more than its share. */
  pause(ms: number): void {
    if (this.phase !== 'open') return;
    const until = this.owner.monotonicMs() + ms;
    if (this.hold !== undefined && until <= this.heldUntil) return;
    clearTimeout(this.hold);
    this.heldUntil = until;
    this.hold = setTimeout(() => {
      this.hold = undefined;
      this.pumpLater();
    }, ms);
  }

  private end(): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    clearTimeout(this.deadline);
    clearTimeout(this.hold);
    this.hold = undefined;
    this.provisioning?.close();
    this.pending = NOTHING;
    this.pieces = undefined;
    this.mayBeGone = true;
    this.stream.destroy();
    this.owner.ended(this, this.reason ?? (this.saidGoodbye ? 'disconnect' : 'connection_lost'));
  }

  /** For the stream alone. */
  receive(chunk: Buffer): void {
    if (this.phase === 'halted' || this.phase === 'closed') return;
    // A whole number is kept in its place, any other in an object of its own.
    this.lastByteAt = Math.floor(this.owner.readingBegins());
    // A sign-in is decided later than it is read.
    if (this.pending.length === 0) this.pending = this.phase === 'open' ? chunk : Buffer.from(chunk);
    else if (!this.gather(chunk)) return;
    this.pump();
    // The chunk is only lent, and what is left of it waits for more.
    if (this.pending.length > 0 && this.pending.buffer === chunk.buffer) {
      this.pending = Buffer.from(this.pending);
    }
  }

  /** Puts a chunk behind what is pending; false while the packet is known to need more. */
  private gather(chunk: Buffer): boolean {
    this.pieces ??= new PacketPieces(this.pending);
    this.pieces.add(chunk);
    if (this.pieces.length < this.needed) return false;
    this.pending = this.pieces.take();
    this.pieces = undefined;
    return true;
  }

  /** What was held back is read at another time than it came. */
  private pumpLater(): void {
    this.owner.readingBegins();
    this.pump();
  }

  private pump(): void {
    if (this.phase === 'connect') this.readConnect();
    else if (this.phase === 'open' && this.hold === undefined && !this.brokerFull) this.readPackets();
    if (this.phase === 'closed') return;
    const full = this.phase === 'signing-in' || (this.phase === 'open' && this.isHeldBack);
    if (!full) this.resume();
    else if (!this.paused) {
      this.paused = true;
      this.stream.pause();
    }
    // What is incomplete now stays incomplete.
    if (this.inputEnded && this.phase !== 'halted' && !full && !this.isUndecided) this.end();
  }

  private resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.stream.resume();
  }

  private readConnect(): void {
    const { maxConnectBytes } = this.owner.limits;
    const header = readFixedHeader(this.pending, 0);
    if (typeof header === 'string') return this.violate(header, 0);
    if (header === undefined) return this.keep(0, 0);
    if (header.type !== CONNECT || header.flags !== 0) return this.violate('first_packet_not_connect', 0);
    const total = header.headerBytes + header.remainingBytes;
    if (total > maxConnectBytes) return this.violate('connect_too_large', 0);
    if (this.pending.length < total) return this.keep(0, total);
    clearTimeout(this.deadline);
    this.phase = 'signing-in';
    const request = parseConnect(this.pending.subarray(header.headerBytes, total));
    this.keep(total, 0);
    if ('violation' in request) {
      this.owner.violated(this, request.violation, NOTHING);
      this.refuse(request.violation, request.connack);
    } else {
      this.owner.connectArrived(this, request);
    }
  }

  private readPackets(): void {
    const { pending } = this;
    const { limits } = this.owner;
    // Who has no credential sends no more than a CONNECT.
    const maxPacketBytes = this.provisioning === undefined ? limits.maxPacketBytes : limits.maxConnectBytes;
    this.calm = false;
    let at = 0;
    while (at < pending.length) {
      const header = readFixedHeader(pending, at);
      if (header === undefined) return this.keep(at, 0);
      if (typeof header === 'string') return this.violate(header, at);
      const { type, flags } = header;
      const body = at + header.headerBytes;
      const next = body + header.remainingBytes;
      if (next - at > maxPacketBytes) return this.violate('packet_too_large', at);
      if (type === PUBLISH && !this.mayTake()) return this.keep(at, 0);
      if (next > pending.length) return this.keep(at, next - at);
      // What the broker has not come to yet is taken before the goodbye.
      if (type === DISCONNECT && this.isUndecided) return this.keep(at, 0);
      const violation = this.takePacket(type, flags, at, body, next);
      if (violation !== undefined) return this.violate(violation, at);
      at = next;
      // Taking a packet may have ended the connection, or let it wait.
      if (this.phase !== 'open') return;
      if (this.brokerFull || this.hold !== undefined) return this.keep(at, 0);
    }
    this.keep(at, 0);
  }

  private takePacket(
    type: number,
    flags: number,
    at: number,
    body: number,
    next: number,
  ): string | undefined {
    const { owner, pending } = this;
    switch (type) {
      case PUBLISH: {
        this.unsettledBytes += next - at;
        if (owner.splits || this.provisioning !== undefined) {
          const { maxTopicLevels } = owner.limits;
          const frame = readPublish(pending, flags, body, next, maxTopicLevels, this.usualTopic);
          if (typeof frame === 'string') return frame;
          this.unsettled++;
          owner.publishArrived(this, frame);
          return undefined;
        }
        this.unsettled++;
        break;
      }
      case PUBREL: {
        // [MQTT-3.6.1-1]
        if (flags !== 2 || next - body !== 2) return 'packet_malformed';
        const packetId = pending.readUInt16BE(body);
        owner.released(this, packetId);
        if (!owner.splits) break;
        this.write(Uint8Array.of(0x70, 2, packetId >> 8, packetId & 0xff));
        return undefined;
      }
      case PINGREQ:
        if (flags !== 0 || next !== body) return 'packet_malformed';
        this.write(PINGRESP);
        return undefined;
      case DISCONNECT:
        if (flags !== 0 || next !== body) return 'packet_malformed';
        this.saidGoodbye = true;
        this.end();
        return undefined;
      case CONNECT:
        return 'second_connect'; // [MQTT-3.1.0-2]
      default:
    }
    if (this.provisioning !== undefined) {
      this.provisioning.packet(pending.subarray(at, next));
      return undefined;
    }
    this.brokerFull = !owner.forBroker(this, Buffer.from(pending.subarray(at, next)));
    return undefined;
  }

  /** Whether another publish may be taken. */
  private mayTake(): boolean {
    if (this.isFull) return false;
    if (this.calm || this.unsettled < RESERVE) return true;
    const full = this.owner.backpressure();
    this.calm = full === undefined;
    if (full === undefined) return true;
    if (!this.waiting) {
      this.waiting = true;
      const goOn = (): void => {
        this.waiting = false;
        this.pumpLater();
      };
      full.then(goOn, goOn);
    }
    return false;
  }

  private keep(from: number, needed: number): void {
    const rest = this.pending.length - from;
    this.needed = needed;
    if (rest === 0) this.pending = NOTHING;
    // A copy of a few bytes does not keep a whole receive buffer alive.
    else if (rest < 4_096 && rest < this.pending.length)
      this.pending = Buffer.from(this.pending.subarray(from));
    else this.pending = this.pending.subarray(from);
  }

  private violate(reason: string, at: number): void {
    this.owner.violated(this, reason, this.pending.subarray(at));
    this.cut(reason);
  }
}
