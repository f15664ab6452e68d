import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { type Duplex } from 'node:stream';
import { getSystemErrorName } from 'node:util';

/**
 * The only file that knows the inside of Node's TCP: short messages are read and answered past the stream around a connection,
 * which costs more than they do (docs/decisions/0011-lent-reads.md, 0014-answers-past-the-stream.md). Whatever of it a Node does
 * not have, the stream does instead.
 */

/** Who is lent what comes. */
export interface Borrower {
  /** Bytes that are valid until this returns. */
  receive(bytes: Buffer): void;
}

const BORROWER = Symbol('borrower');

/** A connection as `net.Socket` holds it. */
interface TcpHandle {
  [BORROWER]: Borrower;
  readonly useUserBuffer?: unknown;
  onread: OnRead;
  /** 0 or an error number. The request is used only when the kernel does not take all bytes at once. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

type OnRead = (this: TcpHandle, bytes: unknown) => unknown;

/** A write that the kernel did not take at once. */
interface WriteRequest {
  /** Keeps the bytes alive. */
  buffer?: Uint8Array;
  oncomplete?: (status: number) => void;
}

/** What Node says about the last call of any handle, where its own streams read it too. */
interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly streamBaseState: ArrayLike<number>;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

const binding = streamBinding();

function streamBinding(): StreamBinding | undefined {
  const { binding: find } = process as unknown as { binding?: (name: string) => Partial<StreamBinding> };
  try {
    const found = find?.('stream_wrap') ?? {};
    const { WriteWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = found;
    if (WriteWrap === undefined || streamBaseState === undefined) return undefined;
    if (kReadBytesOrError === undefined || kLastWriteWasAsync === undefined) return undefined;
    return { WriteWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync };
  } catch {
    // A Node that does not give it away, or not to everybody.
    return undefined;
  }
}

const BUFFER_BYTES = 64 * 1024;

/** What all sockets bring, one after the other. */
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
/** Its beginnings, by their length: reads of one message each have few lengths, and a view costs as much as finding a packet. */
const beginnings = new Array<Buffer | undefined>(BUFFER_BYTES + 1);

const NOBODY: Borrower = { receive: () => undefined };

/** Handles of the connections that were moved. */
const handles = new WeakMap<Duplex, TcpHandle>();

/** What a stream does with what comes; the same for all of them. */
let toStream: OnRead | undefined;

function lend(handle: TcpHandle, bytes: number): void {
  handle[BORROWER].receive((beginnings[bytes] ??= buffer.subarray(0, bytes)));
}

/** One for all handles: with thousands that are read in turn, each object of a handle's own has to be fetched anew for each read. */
function readPastStream(this: TcpHandle, bytes: unknown): unknown {
  const count = binding!.streamBaseState[binding!.kReadBytesOrError]!;
  // The end and errors are the stream's.
  if (count <= 0) return toStream!.call(this, bytes);
  lend(this, count);
  return undefined;
}

/**
 * The same connection as a socket that only lends its bytes (`lendBytes`) and takes short answers at once (`Outgoing`). To be
 * called before anything was read. Where this Node does not let a connection be moved to another socket, the socket is
 * answered as it is.
 */
export function lendReads(accepted: Socket): Socket {
  const holder = accepted as unknown as { _handle?: TcpHandle | null };
  const handle = holder._handle;
  if (typeof handle?.useUserBuffer !== 'function') return accepted;
  holder._handle = null;
  handle[BORROWER] = NOBODY;
  const onread: OnReadOpts = {
    buffer,
    callback: (bytes) => {
      lend(handle, bytes);
      return true;
    },
  };
  // `onread` is public where Node connects, `handle` is what its server gives to the sockets that it makes.
  const socket = new Socket({ handle, onread, pauseOnCreate: true } as SocketConstructorOpts);
  if (binding !== undefined) {
    toStream = handle.onread;
    handle.onread = readPastStream;
  }
  handles.set(socket, handle);
  return socket;
}

/** Gives what comes on a stream, once it flows, to the borrower. */
export function lendBytes(stream: Duplex, borrower: Borrower): void {
  const handle = handles.get(stream);
  if (handle === undefined) stream.on('data', (bytes: Buffer) => borrower.receive(bytes));
  else handle[BORROWER] = borrower;
}

/** For the next write: it is the same for all of them until the kernel has no room for one. */
let request = binding && new binding.WriteWrap();

/** What is written to a stream that has not ended, in the order in which it is given. */
export class Outgoing {
  /** Undefined where everything goes through the stream. */
  private readonly handle: TcpHandle | undefined;
  /** Something may still wait in the stream: what comes now has to go behind it. */
  private isBehindStream: boolean;
  /** The kernel has not taken all of what went past the stream. */
  private isUnsent = false;

  constructor(private readonly stream: Duplex) {
    this.handle = binding && handles.get(stream);
    this.isBehindStream = this.handle === undefined;
  }

  /** False when so much waits in the stream that whoever writes should wait as well. */
  write(bytes: Uint8Array, written?: () => void): boolean {
    if (written === undefined && !this.isBehindStream && this.writeAtOnce(bytes)) return true;
    return this.writeToStream(bytes, written);
  }

  private writeToStream(bytes: Uint8Array, written: (() => void) | undefined): boolean {
    const { stream } = this;
    const isAtEase = stream.write(bytes, written);
    this.isBehindStream = this.handle === undefined || this.isUnsent || stream.writableLength > 0;
    return isAtEase;
  }

  /** False when nothing was written: the stream will find out why. */
  private writeAtOnce(bytes: Uint8Array): boolean {
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = binding!;
    if (this.handle!.writeBuffer(request!, bytes) !== 0) {
      // It may have been used up on the way to the error.
      request = new WriteWrap();
      return false;
    }
    if (streamBaseState[kLastWriteWasAsync] !== 0) this.await(bytes);
    return true;
  }

  private await(bytes: Uint8Array): void {
    this.isUnsent = true;
    this.isBehindStream = true;
    request!.buffer = bytes;
    request!.oncomplete = (status) => {
      this.isUnsent = false;
      if (status < 0) this.stream.destroy(new Error(`write: ${getSystemErrorName(status)}`));
    };
    request = new binding!.WriteWrap();
  }
}
