import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FrameScanner } from './frame-scanner.js';
import { CONNACK, connectFrame, type Credential, disconnectFrame } from './mqtt-frames.js';

const CONNECT_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_SECONDS = 300;

/** Every read of this process lands here: a read callback runs to its end before the next read is made. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);
/** Its beginnings, by their length: a view for each read would cost as much as looking at a PUBACK. */
const beginnings: (Buffer | undefined)[] = [];

export interface RawClientOptions {
  readonly port: number;
  readonly credential: Credential;
  /** The address to come from, where there are more connections than one address has ports. */
  readonly localAddress?: string;
  /** Everything after CONNACK. The chunk is only borrowed. */
  readonly onData: (chunk: Buffer) => void;
  /** The connection ended although nobody here closed it. */
  readonly onLost: (reason: Error) => void;
}

/** One MQTT connection over a bare socket: CONNECT is done here, everything else is the caller's. */
export class RawClient {
  #closed = false;

  private constructor(
    readonly socket: Socket,
    readonly clientId: string,
  ) {}

  /** Resolves at CONNACK. Throws when the server refuses, is silent, or is not there. */
  static open(options: RawClientOptions): Promise<RawClient> {
    const { clientId } = options.credential;
    return new Promise((resolve, reject) => {
      let connected = false;
      const scanner = new FrameScanner((header, body) => {
        if (header !== CONNACK || body[1] !== 0)
          return fail(new Error(`${clientId} was refused: CONNACK ${body[1] ?? 'missing'}.`));
        connected = true;
        clearTimeout(timer);
        resolve(client);
      });
      const onread = {
        buffer: readBuffer,
        callback: (bytes: number): boolean => {
          const chunk = (beginnings[bytes] ??= readBuffer.subarray(0, bytes));
          if (connected) options.onData(chunk);
          else scanner.push(chunk);
          return true;
        },
      };
      const { port, localAddress } = options;
      const from = localAddress === undefined ? {} : { localAddress };
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread, ...from });
      const client = new RawClient(socket, clientId);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        socket.destroy();
        if (client.#closed) return;
        if (connected) options.onLost(error);
        else reject(error);
      };
      const timer = setTimeout(
        () => fail(new Error(`${clientId}: no CONNACK within ${CONNECT_TIMEOUT_MS / 1000} s.`)),
        CONNECT_TIMEOUT_MS,
      );
      socket.on('error', fail);
      socket.on('close', () => fail(new Error(`${clientId}: the server closed the connection.`)));
      socket.on('connect', () => socket.write(connectFrame(options.credential, KEEP_ALIVE_SECONDS)));
    });
  }

  close(): void {
    this.#closed = true;
    this.socket.destroy();
  }

  /** Says goodbye, so that the server has nobody to miss. */
  leave(): void {
    this.#closed = true;
    this.socket.end(disconnectFrame());
  }
}

const OPEN_AT_ONCE = 8;
const OPEN_PAUSE_MS = 16;

/**
 * Opens clients one after the other in a few lanes, at most 500 a second: what is measured is the traffic, not the
 * connecting, and a limit on new connections is not what is being tried.
 */
export async function openAll<T>(
  items: readonly T[],
  open: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      await Promise.all([open(items[index] as T, index), sleep(OPEN_PAUSE_MS)]);
    }
  };
  await Promise.all(Array.from({ length: OPEN_AT_ONCE }, lane));
}
