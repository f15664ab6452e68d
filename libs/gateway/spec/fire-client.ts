import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import {
  encodeAdu,
  encodeFrame,
  fixedText,
  type Frame,
  framesOfDatagram,
  FrameStream,
  type StreamItem,
  timeLabel,
} from '@watchfire/protocol';

/** A user information transmission device that says what it is told to, and keeps what it hears. */
abstract class FireSpeaker {
  readonly heard: Frame[] = [];
  closed = false;
  private serial = 0;
  private readonly waiters: (() => void)[] = [];

  constructor(private readonly source: number) {}

  abstract send(...parts: Uint8Array[]): void;

  frame(adu: Uint8Array, more: Partial<Frame> = {}): Uint8Array {
    return encodeFrame({
      serial: this.serial++ % 65_536,
      mainVersion: 1,
      userVersion: 2,
      sentAt: timeLabel(Date.parse('2026-11-28T10:00:00+08:00')).raw,
      source: this.source,
      destination: 88_888,
      command: 2,
      adu,
      ...more,
    });
  }

  /** Takes the next frame out of what was heard. */
  async next(): Promise<Frame> {
    await this.until(() => this.heard.length > 0 || this.closed);
    const frame = this.heard.shift();
    if (frame === undefined) throw new Error('closed without a frame');
    return frame;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  untilClosed(): Promise<void> {
    return this.until(() => this.closed);
  }

  protected hear(items: readonly StreamItem[]): void {
    for (const item of items) if (item.kind !== 'garbage') this.heard.push(item.frame);
    this.changed();
  }

  protected changed(): void {
    for (const wake of this.waiters.splice(0)) wake();
  }
}

/** Over TCP or TLS. */
export class FireClient extends FireSpeaker {
  private constructor(
    readonly socket: Socket,
    source: number,
  ) {
    super(source);
    const stream = new FrameStream();
    socket.on('data', (data) => this.hear(stream.push(data)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.changed();
    });
  }

  static open(port: number, source: number): Promise<FireClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => resolve(new FireClient(socket, source)));
      socket.once('error', reject);
    });
  }

  static secure(port: number, source: number, options: ConnectionOptions): Promise<FireClient> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ...options }, () =>
        resolve(new FireClient(socket, source)),
      );
      socket.once('error', reject);
    });
  }

  send(...parts: Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }
}

/** Over UDP, from one port. */
export class DatagramClient extends FireSpeaker {
  private constructor(
    readonly socket: DatagramSocket,
    private readonly port: number,
    source: number,
  ) {
    super(source);
    socket.on('message', (bytes) => this.hear(framesOfDatagram(bytes)));
  }

  /** @param from one of 127.0.0.0/8. */
  static open(port: number, source: number, from = '127.0.0.1'): Promise<DatagramClient> {
    const socket = createSocket('udp4');
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, from, () => resolve(new DatagramClient(socket, port, source)));
    });
  }

  /** In one datagram. */
  send(...parts: Uint8Array[]): void {
    this.socket.send(Buffer.concat(parts), this.port, '127.0.0.1');
  }

  close(): void {
    if (!this.closed) this.socket.close();
    this.closed = true;
  }
}

const time = timeLabel(Date.parse('2026-11-28T10:00:00+08:00'));

/** One smoke detector of system 1/1. */
export function smokeDetector(componentAddress: number, status: number): Uint8Array {
  const where = { systemType: 1, systemAddress: 1, componentType: 40, componentAddress };
  return encodeAdu('component-state', [{ ...where, status, description: fixedText('三层走廊'), time }]);
}
