import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { type Duplex } from 'node:stream';

const BUFFER_BYTES = 64 * 1024;

/** What all sockets bring, one after the other. */
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
/** Its beginnings, by their length: reads of one message each have few lengths, and a view costs as much as finding a packet. */
const beginnings = new Array<Buffer | undefined>(BUFFER_BYTES + 1);

interface Borrower {
  take: (bytes: Buffer) => void;
}

/** Who is lent what comes; by the socket that it comes on. */
const borrowers = new WeakMap<Duplex, Borrower>();

/**
 * The same connection as a socket that only lends its bytes (`onBytes`). Left to itself Node makes 64 KiB for each read and gives
 * most of it back, which with one message a read costs more than the message (docs/decisions/0011-lent-reads.md). To be called
 * before anything was read. Where this Node does not let a connection be moved to another socket, the socket is answered as
 * it is.
 */
export function lendReads(accepted: Socket): Socket {
  const holder = accepted as unknown as { _handle?: { useUserBuffer?: unknown } | null };
  const handle = holder._handle;
  if (typeof handle?.useUserBuffer !== 'function') return accepted;
  holder._handle = null;
  const borrower: Borrower = { take: () => undefined };
  const onread: OnReadOpts = {
    buffer,
    callback: (bytes) => {
      borrower.take((beginnings[bytes] ??= buffer.subarray(0, bytes)));
      return true;
    },
  };
  // `onread` is public where Node connects, `handle` is what its server gives to the sockets that it makes.
  const socket = new Socket({ handle, onread, pauseOnCreate: true } as SocketConstructorOpts);
  borrowers.set(socket, borrower);
  return socket;
}

/** What comes on a stream, once it flows: valid until `take` returns. */
export function onBytes(stream: Duplex, take: (bytes: Buffer) => void): void {
  const borrower = borrowers.get(stream);
  if (borrower === undefined) stream.on('data', take);
  else borrower.take = take;
}
