import { type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { type Duplex } from 'node:stream';
import { Admission, type AdmissionRefusal } from './admission.js';
import { type ClientCertificate } from './certificates.js';
import { lendReads } from './direct-tcp.js';
import { type GatewayLimits } from './limits.js';
import { TlsDoor, type TlsOptions } from './tls-door.js';
import { WebSocketDoor } from './web-socket-door.js';

export interface DoorKeeper {
  readonly limits: GatewayLimits;
  monotonicMs(): number;
  /** A stream that may be read; `leave` is owed when it has ended. */
  arrived(stream: Duplex, address: string, peerCertificate?: ClientCertificate): void;
  turnedAway(reason: AdmissionRefusal, address: string): void;
  failed(where: string, error: unknown): void;
}

/** What becomes of a socket that was let in, after it was counted under this address. */
type Welcome = (address: string) => void;

/** Where connections come from: TCP and TLS listeners and a path of HTTP servers, counted before anything is read. */
export class Doors {
  private readonly admission: Admission;
  private readonly webSockets: WebSocketDoor;
  private readonly servers: Server[] = [];
  private readonly tlsDoors: TlsDoor[] = [];
  private closed = false;

  constructor(private readonly keeper: DoorKeeper) {
    this.admission = new Admission(keeper.limits, () => keeper.monotonicMs());
    this.webSockets = new WebSocketDoor((stream, address) => this.meterPlain(stream, address), keeper.limits);
  }

  listen(port: number, host: string): Promise<number> {
    return this.serve(port, host, (socket, address) => this.meterPlain(lendReads(socket), address));
  }

  /**
   * MQTT over TLS. The files are read anew when they change.
   *
   * @throws TlsFilesError where one of them cannot be used.
   */
  async listenTls(port: number, host: string, options: TlsOptions): Promise<number> {
    const door = await TlsDoor.open(options, {
      handshakeMs: this.keeper.limits.firstPacketMs,
      secured: (stream, address, certificate) => this.arrive(stream, address, certificate),
      failed: (address, reason) => {
        this.admission.leave(address);
        if (!this.closed) this.keeper.turnedAway(reason, address);
      },
      reloaded: (error) => {
        if (error !== undefined) this.keeper.failed('tls_files', error);
      },
    });
    try {
      const listening = await this.serve(port, host, (socket, remote) =>
        this.meter(socket, remote, (address) => door.shake(socket, address)),
      );
      this.tlsDoors.push(door);
      return listening;
    } catch (error) {
      door.close();
      throw error;
    }
  }

  attach(server: HttpServer, path: string): void {
    this.webSockets.attach(server, path);
  }

  leave(address: string): void {
    this.admission.leave(address);
  }

  /** Looks at once whether the certificate files have changed, as is done every ten seconds. */
  async reloadCertificates(): Promise<void> {
    await Promise.all(this.tlsDoors.map((door) => door.reloadIfChanged()));
  }

  /** Nobody comes in any more, those who wait included. */
  close(): void {
    this.closed = true;
    this.webSockets.close();
    for (const door of this.tlsDoors) door.close();
    for (const server of this.servers) server.close();
  }

  private serve(
    port: number,
    host: string,
    taken: (socket: Socket, address: string) => void,
  ): Promise<number> {
    // Paused, so that whoever has to wait for his turn cannot fill our memory meanwhile.
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) =>
      taken(socket, socket.remoteAddress ?? 'unknown'),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host, backlog: 4_096 }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.keeper.failed('listener', error));
        this.servers.push(server);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  private meterPlain(stream: Duplex, remoteAddress: string): void {
    this.meter(stream, remoteAddress, (address) => this.keeper.arrived(stream, address));
  }

  private meter(stream: Duplex, remoteAddress: string, welcome: Welcome): void {
    const address = remoteAddress.replace(/^::ffff:/, '');
    stream.on('error', () => undefined);
    if (this.closed) {
      stream.destroy();
      return;
    }
    const admitted = this.admission.enter(address);
    if (typeof admitted === 'string') {
      this.keeper.turnedAway(admitted, address);
      stream.destroy();
    } else if (admitted === 0) {
      welcome(address);
    } else {
      setTimeout(() => this.letIn(stream, address, welcome), admitted);
    }
  }

  private letIn(stream: Duplex, address: string, welcome: Welcome): void {
    if (!this.closed && !stream.destroyed) {
      welcome(address);
      return;
    }
    this.admission.leave(address);
    stream.destroy();
  }

  /** A handshake that ends while the server stops. */
  private arrive(stream: Duplex, address: string, certificate: ClientCertificate | undefined): void {
    if (this.closed) {
      this.admission.leave(address);
      stream.destroy();
    } else {
      this.keeper.arrived(stream, address, certificate);
    }
  }
}
