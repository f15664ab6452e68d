import { io } from 'socket.io-client';
import { FrameScanner } from './frame-scanner.js';
import { type Credential, pubackFrame, PUBLISH, SUBACK, subscribeFrame } from './mqtt-frames.js';
import { RawClient } from './raw-client.js';

/** Where the crossings of a limit come out: an operator's page, or what stands for it with a bare broker. */
export type AlarmSource =
  /** The control room of Watchfire: alarm raised, returned, raised again. */
  | { readonly kind: 'control-room'; readonly url: string; readonly token: string }
  /** A page behind a bare broker: each crossing is one `alarm` event. */
  | { readonly kind: 'socket-io'; readonly url: string }
  /** A subscriber of QoS 1: each crossing is one PUBLISH. */
  | {
      readonly kind: 'subscriber';
      readonly port: number;
      readonly credential: Credential;
      readonly topics: readonly string[];
    };

export interface AlarmReceiver {
  close(): void;
}

type OnAlarm = (deviceId: string) => void;

const START_TIMEOUT_MS = 10_000;
/** The transitions that a crossing makes; another one (a comment, a lost connection) is none of ours. */
const CROSSINGS = new Set(['raised', 'returned', 'reoccurred']);

interface ControlRoomAlarm {
  readonly event: { readonly type: string };
  readonly alarm: { readonly deviceId: string; readonly pointId: string | null };
}

/** Resolves when the receiver hears everything that happens from now on. */
export function listenForAlarms(source: AlarmSource, onAlarm: OnAlarm): Promise<AlarmReceiver> {
  switch (source.kind) {
    case 'control-room':
      return controlRoom(source.url, source.token, onAlarm);
    case 'socket-io':
      return plainSocket(source.url, onAlarm);
    case 'subscriber':
      return subscriber(source, onAlarm);
  }
}

async function controlRoom(url: string, token: string, onAlarm: OnAlarm): Promise<AlarmReceiver> {
  const socket = io(`${url}/control-room`, {
    transports: ['websocket'],
    auth: { token },
    reconnection: false,
  });
  await connected(socket);
  socket.on('alarm', ({ event, alarm }: ControlRoomAlarm) => {
    if (alarm.pointId !== null && CROSSINGS.has(event.type)) onAlarm(alarm.deviceId);
  });
  const reply = (await socket.timeout(START_TIMEOUT_MS).emitWithAck('subscribe', {})) as {
    ok: boolean;
    message?: string;
  };
  if (!reply.ok) throw new Error(`The control room refused to subscribe: ${reply.message ?? 'no reason'}.`);
  return socket;
}

async function plainSocket(url: string, onAlarm: OnAlarm): Promise<AlarmReceiver> {
  const socket = io(url, { transports: ['websocket'], reconnection: false });
  await connected(socket);
  socket.on('alarm', ({ deviceId }: { deviceId: string }) => onAlarm(deviceId));
  return socket;
}

function connected(socket: ReturnType<typeof io>): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      socket.close();
      reject(error);
    });
  });
}

type SubscriberSource = Extract<AlarmSource, { kind: 'subscriber' }>;

async function subscriber(source: SubscriberSource, onAlarm: OnAlarm): Promise<AlarmReceiver> {
  let subscribed: () => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;
  const ready = new Promise<void>((resolve, reject) => {
    subscribed = resolve;
    failed = reject;
  });
  const scanner = new FrameScanner((header, body) => {
    if (header === SUBACK) subscribed();
    if ((header & 0xf0) !== PUBLISH) return;
    const topicEnd = 2 + body.readUInt16BE(0);
    onAlarm(body.toString('utf8', 2, topicEnd).split('/')[3] ?? '');
    client.socket.write(pubackFrame(body.readUInt16BE(topicEnd)));
  });
  const client = await RawClient.open({
    port: source.port,
    credential: source.credential,
    onData: (chunk) => scanner.push(chunk),
    onLost: (error) => failed(error),
  });
  client.socket.write(subscribeFrame(1, source.topics));
  await ready;
  return client;
}
