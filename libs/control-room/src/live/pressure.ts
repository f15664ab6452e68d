import { type Socket } from 'socket.io';

/** A page that is this far behind gets no more until it has read. Both are a fraction of a megabyte of heap. */
const MOST_PACKETS = 256;
const MOST_BYTES = 512 * 1024;

/** The parts of an engine.io connection in which bytes wait for a client; they have no public name. */
interface Connection {
  readonly writeBuffer: readonly { readonly data?: string | Uint8Array }[];
  readonly transport: { readonly socket?: { readonly bufferedAmount?: number; terminate?(): void } };
}

const connectionOf = (socket: Pick<Socket, 'conn'>): Connection => socket.conn as unknown as Connection;

/** What the server holds for this client because it has not been read. */
export function waiting(socket: Pick<Socket, 'conn'>): { readonly packets: number; readonly bytes: number } {
  const { writeBuffer, transport } = connectionOf(socket);
  let bytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) bytes += data?.length ?? 0;
  return { packets: writeBuffer.length, bytes };
}

export function congested(socket: Pick<Socket, 'conn'>): boolean {
  const { packets, bytes } = waiting(socket);
  return packets >= MOST_PACKETS || bytes >= MOST_BYTES;
}

/** Ends a connection without waiting for what it will not read. */
export function cut(socket: Pick<Socket, 'conn'>): void {
  const { transport } = connectionOf(socket);
  socket.conn.close(true);
  // A closing handshake with a client that does not read would hold its buffers for another half minute.
  transport.socket?.terminate?.();
}
