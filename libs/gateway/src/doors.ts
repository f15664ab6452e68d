import { type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { type Duplex } from 'node:stream';
import { Admission, type AdmissionRefusal } from './admission.js';
import { type GatewayLimits } from './limits.js';
import { WebSocketDoor } from './web-socket-door.js';

export interface DoorKeeper {
  readonly limits: GatewayLimits;
  monotonicMs(): number;
  /** A stream that may be read; `leave` is owed when it has ended. */
  arrived(stream: Duplex, address: string): void;
  turnedAway(reason: AdmissionRefusal, address: string): void;
  failed(where: string, error: unknown): void;
}

/** Where connections come from: TCP listeners and a path of HTTP servers, counted and metered before anything is read. */
export class Doors {
  private readonly admission: Admission;
  private readonly webSockets: WebSocketDoor;
  private readonly servers: Server[] = [];
  private closed = false;

  constructor(private readonly keeper: DoorKeeper) {
    this.admission = new Admission(keeper.limits, () => keeper.monotonicMs());
    this.webSockets = new WebSocketDoor((stream, address) => this.meter(stream, address), keeper.limits);
  }

  listen(port: number, host: string): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) =>
      this.meter(socket, socket.remoteAddress ?? 'unknown'),
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

  attach(server: HttpServer, path: string): void {
    this.webSockets.attach(server, path);
  }

  leave(address: string): void {
    this.admission.leave(address);
  }

  /** Nobody comes in any more, those who wait included. */
  close(): void {
    this.closed = true;
    this.webSockets.close();
    for (const server of this.servers) server.close();
  }

  private meter(stream: Duplex, remoteAddress: string): void {
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
      this.keeper.arrived(stream, address);
    } else {
      setTimeout(() => this.letIn(stream, address), admitted);
    }
  }

  private letIn(stream: Duplex, address: string): void {
    if (!this.closed && !stream.destroyed) {
      this.keeper.arrived(stream, address);
      return;
    }
    this.admission.leave(address);
    stream.destroy();
  }
}
