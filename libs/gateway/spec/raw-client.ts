import { connect, type Socket } from 'node:net';
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet';

/** An MQTT client that says exactly what it is told to, well-formed or not, and keeps what it hears. */
export class RawClient {
  readonly heard: Packet[] = [];
  closed = false;
  private readonly waiters: (() => void)[] = [];

  private constructor(readonly socket: Socket) {
    const incoming = parser({ protocolVersion: 4 });
    incoming.on('packet', (packet) => {
      this.heard.push(packet);
      this.changed();
    });
    incoming.on('error', () => undefined);
    socket.on('data', (data) => incoming.parse(data));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.changed();
    });
  }

  static open(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => resolve(new RawClient(socket)));
      socket.once('error', reject);
    });
  }

  send(...parts: (Packet | Uint8Array)[]): void {
    this.socket.write(
      Buffer.concat(parts.map((part) => (part instanceof Uint8Array ? part : generate(part)))),
    );
  }

  async signIn(deviceId: string, more: Partial<IConnectPacket> = {}): Promise<void> {
    this.send(connectPacket(deviceId, more));
    const answer = await this.next('connack');
    if (answer.returnCode !== 0) throw new Error(`refused with ${answer.returnCode}`);
  }

  /** Takes the next packet of that kind out of what was heard. */
  async next<C extends Packet['cmd']>(cmd: C): Promise<Extract<Packet, { cmd: C }>> {
    await this.until(() => this.heard.some((packet) => packet.cmd === cmd) || this.closed);
    const index = this.heard.findIndex((packet) => packet.cmd === cmd);
    if (index < 0) throw new Error(`closed without ${cmd}`);
    return this.heard.splice(index, 1)[0] as Extract<Packet, { cmd: C }>;
  }

  async untilClosed(): Promise<void> {
    await this.until(() => this.closed);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  private changed(): void {
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}

export function connectPacket(deviceId: string, more: Partial<IConnectPacket> = {}): IConnectPacket {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    clientId: `client-of-${deviceId}`,
    username: deviceId,
    password: Buffer.from(`secret-of-${deviceId}`),
    ...more,
  };
}

export function publishPacket(
  topic: string,
  payload: string | Buffer,
  qos: 0 | 1 | 2 = 1,
  messageId = 1,
): Packet {
  return { cmd: 'publish', topic, payload, qos, messageId, retain: false, dup: false };
}
