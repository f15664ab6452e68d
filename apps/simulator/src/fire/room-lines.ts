import { createSocket } from 'node:dgram';
import { connect, isIP, isIPv6, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { type Random } from '../random.js';
import { type RoomLine } from './fire-room.js';
import { CLEAN_DATAGRAMS, type DatagramFaults } from './wire-faults.js';

export const WAYS = ['tcp', 'udp', 'tls'] as const;
export type Way = (typeof WAYS)[number];

export interface FireAddress {
  readonly host: string;
  readonly port: number;
  /** TCP where nothing is said. */
  readonly over?: Way;
  /** In PEM: whom the device trusts beside the CAs of Node.js, and what it shows. */
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>;
  /** Over UDP. */
  readonly faults?: DatagramFaults;
}

export interface LineEvents {
  up(line: RoomLine): void;
  heard(bytes: Uint8Array): void;
  /** Once, whoever ended it. */
  down(): void;
}

/** Ends it after what was sent has gone out. */
export type EndLine = () => Promise<void>;

/** Begins a connection, or what stands for one over UDP: a port of its own. */
export function openLine(at: FireAddress, events: LineEvents, random: Random): EndLine {
  return at.over === 'udp' ? datagrams(at, events, random) : stream(at, events);
}

function stream({ host, port, over, tls }: FireAddress, events: LineEvents): EndLine {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket: Socket =
    over === 'tls' ? connectTls({ host, port, ...name, ...tls }) : connect({ host, port, noDelay: true });
  socket.on(over === 'tls' ? 'secureConnect' : 'connect', () => {
    socket.setNoDelay(true);
    events.up({
      send: (bytes) => void (socket.writable && socket.write(bytes)),
      drop: () => socket.destroy(),
    });
  });
  socket.on('data', (chunk) => events.heard(chunk));
  socket.on('error', () => undefined);
  socket.on('close', () => events.down());
  return () => {
    if (socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      socket.destroySoon();
    });
  };
}

function datagrams(
  { host, port, faults: { lost, doubled } = CLEAN_DATAGRAMS }: FireAddress,
  events: LineEvents,
  random: Random,
): EndLine {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  let isOpen = true;
  const close = (): void => {
    if (isOpen) socket.close();
    isOpen = false;
  };
  const send = (bytes: Uint8Array): void => {
    if (!isOpen || random.chance(lost)) return;
    // Nobody listens there yet: as if it were lost.
    const times = random.chance(doubled) ? 2 : 1;
    for (let n = 0; n < times; n++) socket.send(bytes, port, host, () => undefined);
  };
  socket.on('message', (bytes) => {
    if (!random.chance(lost)) events.heard(bytes);
  });
  socket.on('error', () => close());
  socket.on('close', () => events.down());
  socket.bind(0, () => events.up({ send, drop: close }));
  return () => {
    if (!isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      close();
    });
  };
}
