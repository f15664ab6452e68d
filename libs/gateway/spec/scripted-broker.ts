import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { generate, parser, type Packet } from 'mqtt-packet';
import { eventually } from './harness.js';

/** A broker of others of which every word is the test's: one client, its packets, and what it is sent. */
export class ScriptedBroker {
  /** Packets of each connection, in order. */
  readonly connections: Packet[][] = [];
  /** What the next CONNECTs are answered; 0 when it is empty. */
  readonly connacks: number[] = [];
  acknowledges = true;
  private readonly server: Server;
  private socket: Socket | undefined;

  private constructor() {
    this.server = createServer((socket) => this.accept(socket));
  }

  static async start(): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker();
    await new Promise<void>((resolve) => broker.server.listen(0, '127.0.0.1', resolve));
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Packets of one kind that came on the newest connection. */
  of<C extends Packet['cmd']>(cmd: C): Extract<Packet, { cmd: C }>[] {
    const packets = this.connections.at(-1) ?? [];
    return packets.filter((packet): packet is Extract<Packet, { cmd: C }> => packet.cmd === cmd);
  }

  /** Resolves when so many connections have been made and the newest has subscribed. */
  async subscribed(connections: number): Promise<void> {
    const isThere = (): boolean => this.connections.length === connections && this.of('subscribe').length > 0;
    await eventually(isThere, `a subscription on connection ${connections}`);
  }

  publish(topic: string, payload: string, messageId: number): void {
    const publish = { cmd: 'publish', topic, payload, qos: 1, messageId, retain: false, dup: false } as const;
    this.socket?.write(generate(publish));
  }

  cut(): void {
    this.socket?.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private accept(socket: Socket): void {
    this.socket = socket;
    const packets: Packet[] = [];
    this.connections.push(packets);
    const reader = parser({ protocolVersion: 4 });
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => reader.parse(chunk));
    reader.on('packet', (packet: Packet) => {
      packets.push(packet);
      if (packet.cmd === 'connect') {
        const returnCode = this.connacks.shift() ?? 0;
        socket.write(generate({ cmd: 'connack', returnCode, sessionPresent: false }));
        if (returnCode !== 0) socket.end();
      } else if (packet.cmd === 'subscribe') {
        const granted = packet.subscriptions.map(() => 1);
        socket.write(generate({ cmd: 'suback', messageId: packet.messageId ?? 0, granted }));
      } else if (packet.cmd === 'publish' && packet.qos === 1 && this.acknowledges) {
        socket.write(generate({ cmd: 'puback', messageId: packet.messageId ?? 0 }));
      }
    });
  }
}
