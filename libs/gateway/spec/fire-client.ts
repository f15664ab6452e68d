import { connect, type Socket } from 'node:net';
import { encodeAdu, encodeFrame, fixedText, type Frame, FrameStream, timeLabel } from '@watchfire/protocol';

/** A user information transmission device that says what it is told to, and keeps what it hears. */
export class FireClient {
  readonly heard: Frame[] = [];
  closed = false;
  private serial = 0;
  private readonly stream = new FrameStream();
  private readonly waiters: (() => void)[] = [];

  private constructor(
    readonly socket: Socket,
    private readonly source: number,
  ) {
    socket.on('data', (data) => {
      for (const item of this.stream.push(data)) if (item.kind !== 'garbage') this.heard.push(item.frame);
      this.changed();
    });
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

  send(...parts: Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
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

  private changed(): void {
    for (const wake of this.waiters.splice(0)) wake();
  }
}

const time = timeLabel(Date.parse('2026-11-28T10:00:00+08:00'));

/** One smoke detector of system 1/1. */
export function smokeDetector(componentAddress: number, status: number): Uint8Array {
  const where = { systemType: 1, systemAddress: 1, componentType: 40, componentAddress };
  return encodeAdu('component-state', [{ ...where, status, description: fixedText('三层走廊'), time }]);
}
