import { connect, type Socket } from 'node:net';
import { telemetryTopic } from '@watchfire/contracts';
import { generate } from 'mqtt-packet';

export interface StubbornDeviceOptions {
  readonly port: number;
  readonly deviceId: string;
  readonly credential: { readonly username: string; readonly password: string };
  /** Readings that it has to bring across. */
  readonly readings: number;
  /** Readings that may be unacknowledged. */
  readonly window: number;
  /** At least so long from one window's worth to the next; 0: as fast as it is acknowledged. */
  readonly pauseMs?: number;
  readonly payload: (seq: number) => string;
}

const CONNACK = 0x20;
const PUBACK = 0x40;
const RETRY_MS = 50;

/**
 * A device as the standard wants it [MQTT-4.4.0-1]: it numbers its readings, has so many of them under way at QoS 1, and sends
 * whatever is not acknowledged again, with DUP, whenever and however often its connection breaks.
 */
export class StubbornDevice {
  readonly acknowledged = new Set<number>();
  /** Readings that were sent again. */
  repeated = 0;
  /** Times that it was let in. */
  sessions = 0;
  #next = 0;
  /** By packet id, in the order in which they were first sent. */
  readonly #underWay = new Map<number, number>();
  #socket: Socket | undefined;
  #stopped = false;
  #signedIn = false;
  #pausedUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: StubbornDeviceOptions) {
    this.#connect();
  }

  get isDone(): boolean {
    return this.acknowledged.size === this.options.readings;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #connect(): void {
    if (this.#stopped) return;
    const { port, deviceId, credential } = this.options;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    let answer: number[] = [];
    socket.on('data', (chunk) => {
      // CONNACK and PUBACK are all that it is sent, four bytes each.
      for (const byte of chunk) {
        answer.push(byte);
        if (answer.length < 4) continue;
        this.#hear(answer);
        answer = [];
      }
      this.#sendMore();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#signedIn = false;
      clearTimeout(this.#timer);
      if (!this.#stopped) this.#timer = setTimeout(() => this.#connect(), RETRY_MS);
    });
    socket.on('connect', () =>
      socket.write(
        generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          keepalive: 60,
          clientId: deviceId,
          username: credential.username,
          password: Buffer.from(credential.password),
        }),
      ),
    );
  }

  #hear([type, , high = 0, low = 0]: readonly number[]): void {
    if (type === CONNACK) {
      if (low !== 0) return;
      this.sessions++;
      this.#signedIn = true;
      this.repeated += this.#underWay.size;
      for (const [packetId, seq] of this.#underWay) this.#publish(packetId, seq, true);
    } else if (type === PUBACK) {
      const packetId = high * 256 + low;
      const seq = this.#underWay.get(packetId);
      if (seq === undefined) throw new Error(`${this.options.deviceId}: PUBACK ${packetId} for nothing`);
      this.#underWay.delete(packetId);
      this.acknowledged.add(seq);
    } else {
      throw new Error(`${this.options.deviceId}: not an acknowledgement but 0x${type?.toString(16)}`);
    }
  }

  #sendMore(): void {
    const { readings, window, pauseMs = 0 } = this.options;
    if (!this.#signedIn || this.#socket?.writable !== true) return;
    if (this.#underWay.size > window / 2) return;
    const now = performance.now();
    if (now < this.#pausedUntil) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#sendMore(), this.#pausedUntil - now);
      return;
    }
    this.#pausedUntil = now + pauseMs;
    this.#socket.cork();
    while (this.#next < readings && this.#underWay.size < window) {
      const seq = this.#next++;
      const packetId = (seq % 60_000) + 1;
      this.#underWay.set(packetId, seq);
      this.#publish(packetId, seq, false);
    }
    this.#socket.uncork();
  }

  #publish(messageId: number, seq: number, dup: boolean): void {
    const { deviceId, payload } = this.options;
    const packet = {
      cmd: 'publish' as const,
      topic: telemetryTopic(deviceId),
      retain: false,
      qos: 1 as const,
    };
    this.#socket?.write(generate({ ...packet, payload: payload(seq), messageId, dup }));
  }
}
