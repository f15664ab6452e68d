import { Duplex } from 'node:stream';
import { parseConnect, type ConnectRequest } from './connect-packet.js';
import { CONNECT, DISCONNECT, PUBLISH, PUBREL, readFixedHeader } from './fixed-header.js';
import { type GatewayLimits } from './limits.js';
import { type Line, type Session } from './session.js';

/** What the gateway is told by a connection; none of these may throw. */
export interface ConnectionOwner {
  readonly limits: GatewayLimits;
  /** Ms of a clock that only runs forward. */
  monotonicMs(): number;
  /** While a promise is returned and unresolved, no PUBLISH goes on to the broker. */
  backpressure(): Promise<void> | undefined;
  /** The first packet has come, whole and well-formed. Answered by `admit` or `refuse`. */
  connectArrived(connection: GuardedConnection, request: ConnectRequest): void;
  /** The client broke the protocol or a limit and will be cut off; `head` is the beginning of the packet. */
  violated(connection: GuardedConnection, reason: string, head: Uint8Array): void;
  /** Once, at the end, whatever ended it. */
  ended(connection: GuardedConnection, reason: string): void;
}

type Phase =
  /** Nothing but a CONNECT is read, into at most `maxConnectBytes`. */
  | 'connect'
  /** The CONNECT is being decided, or the broker has not answered it yet: nothing is read. */
  | 'signing-in'
  | 'open'
  /** Nothing goes on to the broker any more; answers still go out. */
  | 'halted';

const NOTHING = Buffer.alloc(0);
/** How long a refused client may take to read its CONNACK. */
const REFUSAL_LINGER_MS = 1_000;

/**
 * Stands between a socket and the broker, which knows no limits: it looks at fixed headers only, buffers no payload, holds
 * back what a client pipelines behind its CONNECT until the broker has answered that, and lets only so many PUBLISH packets
 * on that are not settled, so that a fast client fills its own socket and not our memory.
 */
export class GuardedConnection extends Duplex implements Line {
  /** Set when the client has signed in. */
  session: Session | undefined;
  lastByteAt: number;
  private phase: Phase = 'connect';
  /** Read from the socket and not yet given on. */
  private pending: Buffer = NOTHING;
  /** Bytes of the packet being given on that are still to come. */
  private bodyLeft = 0;
  private credit: number;
  /** The broker has asked for more. */
  private wanted = false;
  private waiting = false;
  private inputEnded = false;
  private saidGoodbye = false;
  private reason: string | undefined;
  private deadline: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Duplex,
    readonly address: string,
    private readonly owner: ConnectionOwner,
  ) {
    // One byte of read-ahead: a packet is taken off the socket when the broker asks for it. Writes beyond what a
    // subscriber may leave unread are cut by the owner, before the broker would wait for them.
    super({ readableHighWaterMark: 1, writableHighWaterMark: owner.limits.maxOutboundBytes * 2 });
    this.credit = owner.limits.maxInflight;
    this.lastByteAt = owner.monotonicMs();
    this.deadline = setTimeout(() => this.cut('connect_timeout'), owner.limits.firstPacketMs);
    // Without a listener an 'error' ends the process; the broker removes its own at the wrong moment.
    this.on('error', () => undefined);
    socket.on('error', () => undefined);
    socket.on('readable', () => this.pump());
    socket.on('end', () => {
      this.inputEnded = true;
      this.pump();
    });
    socket.on('close', () => {
      // After an orderly end what was read is still given on; QoS 0 clients leave right behind their last message.
      if (!this.inputEnded || this.phase !== 'open' || this.pending.length === 0) this.destroy();
    });
  }

  get isOpen(): boolean {
    return this.phase === 'open' && !this.destroyed;
  }

  get isHeldBack(): boolean {
    return this.waiting || this.credit === 0 || this.phase === 'signing-in';
  }

  /** Hands a CONNECT to the broker, which is to read from this stream from now on. */
  admit(connect: Uint8Array): void {
    this.push(connect);
  }

  /** The broker has answered the CONNECT: what was held back may go on. */
  open(): void {
    if (this.phase !== 'signing-in') return;
    this.phase = 'open';
    this.pump();
  }

  /** Answers a CONNECT that the broker does not get to see, then closes. */
  refuse(reason: string, connack?: Uint8Array): void {
    this.reason ??= reason;
    this.phase = 'halted';
    clearTimeout(this.deadline);
    if (connack === undefined || this.destroyed) {
      this.destroy();
      return;
    }
    this.deadline = setTimeout(() => this.destroy(), REFUSAL_LINGER_MS);
    // Unread input would turn the close into a reset, which can overtake the answer.
    this.socket.removeAllListeners('readable');
    this.socket.resume();
    this.socket.end(connack);
  }

  cut(reason: string): void {
    this.reason ??= reason;
    this.destroy();
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
      if (this.closed) {
        resolve();
        return;
      }
      this.once('close', () => resolve());
      this.once('finish', () => this.destroy());
      if (this.writableFinished) this.destroy();
      else if (!this.destroyed) this.end();
    });
  }

  settle(): void {
    this.credit++;
    this.pump();
  }

  override _read(): void {
    this.wanted = true;
    this.pump();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.socket.destroyed || this.socket.writableEnded) done();
    else this.socket.write(chunk, () => done());
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _final(done: () => void): void {
    this.socket.end(() => done());
  }

  override _destroy(_error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.deadline);
    this.pending = NOTHING;
    this.socket.destroy();
    this.owner.ended(this, this.reason ?? (this.saidGoodbye ? 'disconnect' : 'connection_lost'));
    // Never the error: whoever ended the connection knows why, and an unheard 'error' ends the process.
    done(null);
  }

  private pump(): void {
    if (this.destroyed) return;
    if (this.phase === 'connect') this.readConnect();
    else if (this.phase === 'open') this.forward();
  }

  private readMore(): boolean {
    const chunk = this.socket.read() as Buffer | null;
    if (chunk === null) return false;
    this.lastByteAt = this.owner.monotonicMs();
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    return true;
  }

  private readConnect(): void {
    const { maxConnectBytes } = this.owner.limits;
    for (;;) {
      const header = readFixedHeader(this.pending, 0);
      if (typeof header === 'string') return this.violate(header);
      if (header !== undefined) {
        if (header.type !== CONNECT || header.flags !== 0) return this.violate('first_packet_not_connect');
        const total = header.headerBytes + header.remainingBytes;
        if (total > maxConnectBytes) return this.violate('connect_too_large');
        if (this.pending.length >= total) {
          const body = this.pending.subarray(header.headerBytes, total);
          this.pending = this.pending.subarray(total);
          return this.decideConnect(body);
        }
      }
      if (!this.readMore()) break;
    }
    if (this.inputEnded) this.destroy();
    // A copy, so that a few bytes do not keep a whole receive buffer alive for ten seconds.
    else if (this.pending.length > 0) this.pending = Buffer.from(this.pending);
  }

  private decideConnect(body: Uint8Array): void {
    clearTimeout(this.deadline);
    this.phase = 'signing-in';
    const request = parseConnect(body);
    if ('violation' in request) {
      this.owner.violated(this, request.violation, NOTHING);
      this.refuse(request.violation, request.connack);
    } else {
      this.owner.connectArrived(this, request);
    }
  }

  private forward(): void {
    while (this.wanted && !this.destroyed) {
      if (this.pending.length === 0 && !this.readMore()) break;
      const end = this.passable();
      if (end > 0) {
        const part = this.pending.subarray(0, end);
        this.pending = this.pending.subarray(end);
        this.wanted = this.push(part);
      } else if (this.isHeldBack || this.destroyed || !this.readMore()) {
        break;
      }
    }
    // What is incomplete now stays incomplete.
    if (this.inputEnded && !this.destroyed && !this.isHeldBack && this.wanted) this.push(null);
  }

  /** How many of the pending bytes may go on to the broker now. */
  private passable(): number {
    let at = Math.min(this.bodyLeft, this.pending.length);
    this.bodyLeft -= at;
    while (this.bodyLeft === 0 && at < this.pending.length) {
      const header = readFixedHeader(this.pending, at);
      if (header === undefined) break;
      if (typeof header === 'string') {
        this.violate(header, at);
        return 0;
      }
      const total = header.headerBytes + header.remainingBytes;
      if (total > this.owner.limits.maxPacketBytes) {
        this.violate('packet_too_large', at);
        return 0;
      }
      if (header.type === PUBLISH && !this.takeCredit()) break;
      if (header.type === PUBREL) {
        if (this.pending.length < at + total) break;
        if (total === 4) this.session?.released(this.pending.readUInt16BE(at + 2));
      }
      if (header.type === DISCONNECT) this.saidGoodbye = true;
      const available = Math.min(total, this.pending.length - at);
      at += available;
      this.bodyLeft = total - available;
    }
    return at;
  }

  private takeCredit(): boolean {
    if (this.credit === 0) return false;
    const full = this.owner.backpressure();
    if (full !== undefined) {
      if (!this.waiting) {
        this.waiting = true;
        const goOn = (): void => {
          this.waiting = false;
          this.pump();
        };
        full.then(goOn, goOn);
      }
      return false;
    }
    this.credit--;
    return true;
  }

  private violate(reason: string, at = 0): void {
    this.owner.violated(this, reason, this.pending.subarray(at));
    this.cut(reason);
  }
}
