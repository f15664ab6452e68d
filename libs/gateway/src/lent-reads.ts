import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

const BUFFER_BYTES = 64 * 1024;

/** What all sockets bring, one after the other. */
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

/**
 * The same connection as a socket whose `data` events lend their bytes: they are valid until the listener returns. Left to
 * itself Node makes 64 KiB for each read and gives most of it back, which with one message a read costs more than the message
 * (docs/decisions/0011-lent-reads.md). To be called before anything was read. Where this Node does not let a connection be moved
 * to another socket, the socket is answered as it is.
 */
export function lendReads(accepted: Socket): Socket {
  const holder = accepted as unknown as { _handle?: { useUserBuffer?: unknown } | null };
  const handle = holder._handle;
  if (typeof handle?.useUserBuffer !== 'function') return accepted;
  holder._handle = null;
  const onread: OnReadOpts = {
    buffer,
    callback: (bytes) => {
      socket.emit('data', buffer.subarray(0, bytes));
      return true;
    },
  };
  // `onread` is public where Node connects, `handle` is what its server gives to the sockets that it makes.
  const socket = new Socket({ handle, onread } as SocketConstructorOpts);
  return socket;
}
