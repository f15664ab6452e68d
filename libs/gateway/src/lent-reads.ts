import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { type Duplex } from 'node:stream';

const BUFFER_BYTES = 64 * 1024;

/** What all sockets bring, one after the other. */
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
/** Its beginnings, by their length: reads of one message each have few lengths, and a view costs as much as finding a packet. */
const beginnings = new Array<Buffer | undefined>(BUFFER_BYTES + 1);

/** Who is lent what comes. */
export interface Borrower {
  /** Bytes that are valid until this returns. */
  receive(bytes: Buffer): void;
}

/** Tells a socket who borrows what comes on it. */
const lenders = new WeakMap<Duplex, (borrower: Borrower) => void>();
const NOBODY: Borrower = { receive: () => undefined };

/**
 * The same connection as a socket that only lends its bytes (`lendBytes`). Left to itself Node makes 64 KiB for each read and gives
 * most of it back, which with one message a read costs more than the message (docs/decisions/0011-lent-reads.md). To be called
 * before anything was read. Where this Node does not let a connection be moved to another socket, the socket is answered as
 * it is.
 */
export function lendReads(accepted: Socket): Socket {
  const holder = accepted as unknown as { _handle?: { useUserBuffer?: unknown } | null };
  const handle = holder._handle;
  if (typeof handle?.useUserBuffer !== 'function') return accepted;
  holder._handle = null;
  let borrower = NOBODY;
  const onread: OnReadOpts = {
    buffer,
    callback: (bytes) => {
      borrower.receive((beginnings[bytes] ??= buffer.subarray(0, bytes)));
      return true;
    },
  };
  // `onread` is public where Node connects, `handle` is what its server gives to the sockets that it makes.
  const socket = new Socket({ handle, onread, pauseOnCreate: true } as SocketConstructorOpts);
  lenders.set(socket, (next) => (borrower = next));
  return socket;
}

/** Gives what comes on a stream, once it flows, to the borrower. */
export function lendBytes(stream: Duplex, borrower: Borrower): void {
  const lend = lenders.get(stream);
  if (lend === undefined) stream.on('data', (bytes: Buffer) => borrower.receive(bytes));
  else lend(borrower);
}
