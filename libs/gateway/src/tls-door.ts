import { constants } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { type Socket } from 'node:net';
import {
  createSecureContext,
  createServer,
  type SecureContextOptions,
  type Server,
  type TLSSocket,
} from 'node:tls';
import { clientCertificate, type ClientCertificate } from './certificates.js';

export interface TlsOptions {
  /** Files in PEM: the certificate with its chain, its private key, and the CAs of client certificates. */
  readonly certificate: string;
  readonly key: string;
  readonly clientCa: string | null;
  /**
   * `none`: not asked for. `optional`: a device may sign in with one instead of a password. `required`: nobody comes in
   * without one that the client CA has issued, or that is a device's own.
   */
  readonly clientCertificates: 'none' | 'optional' | 'required';
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
}

export interface TlsDoorKeeper {
  /** From the beginning of the handshake to its end. */
  readonly handshakeMs: number;
  secured(stream: TLSSocket, address: string, certificate: ClientCertificate | undefined): void;
  /** The socket has ended before that. */
  failed(address: string, reason: 'tls_handshake' | 'certificate_required'): void;
  /** The files have changed and cannot be used: the ones before stay. `undefined`: they are in use. */
  reloaded(error: unknown): void;
}

export class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError';
  readonly code = 'tls_files';
}

const LOOK_AGAIN_MS = 10_000;

/** Handshakes over sockets that others have counted and let in; takes new certificate files without a restart. */
export class TlsDoor {
  private readonly server: Server;
  /** Sockets whose handshake is not done, with the address that they were counted under, by their two ends. */
  private readonly shaking = new Map<string, { readonly socket: Socket; readonly address: string }>();
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly options: TlsOptions,
    private readonly keeper: TlsDoorKeeper,
    context: SecureContextOptions,
    private seen: string,
  ) {
    const { clientCertificates } = options;
    this.server = createServer({
      ...context,
      handshakeTimeout: keeper.handshakeMs,
      requestCert: clientCertificates !== 'none',
      // Judged here and at sign-in: a device's own certificate needs no CA.
      rejectUnauthorized: false,
    });
    this.server.on('secureConnection', (socket) => this.shaken(socket));
    this.server.on('tlsClientError', (_error, socket) => socket.destroy());
    this.timer = setInterval(() => void this.reloadIfChanged(), LOOK_AGAIN_MS);
    this.timer.unref();
  }

  /** @throws TlsFilesError where a file cannot be read or used. */
  static async open(options: TlsOptions, keeper: TlsDoorKeeper): Promise<TlsDoor> {
    try {
      const seen = await stateOf(options);
      return new TlsDoor(options, keeper, await usable(options), seen);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new TlsFilesError(`The TLS certificate, key or client CA cannot be used: ${why}`, {
        cause: error,
      });
    }
  }

  /** Begins the handshake; the end is told to the keeper, once, whichever it is. */
  shake(socket: Socket, address: string): void {
    const ends = endsOf(socket);
    if (ends === undefined) {
      socket.destroy();
      this.keeper.failed(address, 'tls_handshake');
      return;
    }
    this.shaking.set(ends, { socket, address });
    socket.once('close', () => {
      if (this.shaking.delete(ends)) this.keeper.failed(address, 'tls_handshake');
    });
    this.server.emit('connection', socket);
  }

  /** Looks whether the files are others than those in use. */
  async reloadIfChanged(): Promise<void> {
    try {
      const seen = await stateOf(this.options);
      if (seen === this.seen) return;
      this.seen = seen;
      this.server.setSecureContext(await usable(this.options));
      this.keeper.reloaded(undefined);
    } catch (error) {
      // Half-written, or certificate and key do not belong together yet: looked at again when they change.
      this.keeper.reloaded(error);
    }
  }

  /** Whoever has not come in yet does not. */
  close(): void {
    clearInterval(this.timer);
    for (const { socket } of this.shaking.values()) socket.destroy();
  }

  private shaken(socket: TLSSocket): void {
    socket.on('error', () => undefined);
    const ends = endsOf(socket);
    const address = ends === undefined ? undefined : this.shaking.get(ends)?.address;
    if (ends === undefined || address === undefined) {
      socket.destroy();
      return;
    }
    this.shaking.delete(ends);
    const required = this.options.clientCertificates === 'required';
    const certificate = clientCertificate(socket, required);
    if (certificate === undefined && required) {
      socket.destroy();
      this.keeper.failed(address, 'certificate_required');
      return;
    }
    this.keeper.secured(socket, address, certificate);
  }
}

/** No two open sockets of this server share it. */
function endsOf({ remoteAddress, remotePort, localPort }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort} ${localPort}`;
}

function filesOf({ certificate, key, clientCa }: TlsOptions): string[] {
  return clientCa === null ? [certificate, key] : [certificate, key, clientCa];
}

async function stateOf(options: TlsOptions): Promise<string> {
  const states = await Promise.all(filesOf(options).map((file) => stat(file)));
  return states.map(({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`).join('\n');
}

/** The options with the content of the files, tried. */
async function usable(options: TlsOptions): Promise<SecureContextOptions> {
  const [cert, key, ca] = await Promise.all(filesOf(options).map((file) => readFile(file)));
  const context: SecureContextOptions = {
    minVersion: options.minVersion,
    // A client that negotiates anew, again and again, costs us much more than itself.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    // An empty list trusts nobody; without one, every public CA could issue device certificates.
    ca: ca ?? [],
  };
  createSecureContext(context);
  return context;
}
