import { Duplex } from 'node:stream';
import { type Client } from 'aedes';
import { type MqttConnection } from './mqtt-connection.js';

const CONNACK_BYTES = 4;

/**
 * What the broker takes for the socket of a client. It is made when the client first sends something for the broker: one that
 * only publishes never costs a client of the broker. Its CONNECT is ours, and so is the CONNACK that the client has long had.
 */
export class BrokerSide extends Duplex {
  /** Set by the broker. */
  client: Client | undefined;
  private ready = false;
  private wanted = true;
  private readonly early: Buffer[] = [];
  private connackLeft = CONNACK_BYTES;

  constructor(
    readonly connection: MqttConnection,
    connect: Uint8Array,
    highWaterMark: number,
  ) {
    super({ readableHighWaterMark: 16_384, writableHighWaterMark: highWaterMark });
    // Without a listener an 'error' ends the process; the broker removes its own at the wrong moment.
    this.on('error', () => undefined);
    this.push(connect);
  }

  /** A whole packet of the client; false when no more should come until the connection is told to go on. */
  give(packet: Buffer): boolean {
    if (!this.ready) {
      this.early.push(packet);
      return false;
    }
    this.wanted = this.push(packet);
    return this.wanted;
  }

  /** The broker has answered the CONNECT. */
  open(): void {
    this.ready = true;
    for (const packet of this.early.splice(0)) this.wanted = this.push(packet);
    if (this.wanted) this.connection.goOn();
  }

  override _read(): void {
    if (this.wanted) return;
    this.wanted = true;
    if (this.ready) this.connection.goOn();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const skipped = Math.min(this.connackLeft, chunk.length);
    this.connackLeft -= skipped;
    if (skipped === chunk.length) done();
    else this.connection.write(chunk.subarray(skipped), done);
  }

  /** The broker corks around each packet, so that a packet is always written as a whole. */
  override _writev(chunks: { readonly chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _destroy(_error: Error | null, done: (error: Error | null) => void): void {
    this.connection.cut('connection_lost');
    // Never the error: whoever ended the connection knows why, and an unheard 'error' ends the process.
    done(null);
  }
}
