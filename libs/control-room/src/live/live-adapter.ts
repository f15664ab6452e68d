import { type IncomingMessage } from 'node:http';
import { type INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { type Server, type ServerOptions } from 'socket.io';
import { requestOrigin } from '../access/same-origin.js';
import { type ControlRoomSettings } from '../dependencies.js';

const NOT_YET_SIGNED_IN_MS = 10_000;
/** A page that is gone is found within this and the next; a control room must know which seats are manned. */
const PING_EVERY_MS = 10_000;
const PING_ANSWER_MS = 15_000;

/** Socket.IO with the limits that it does not have by itself. */
export class LiveAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly settings: ControlRoomSettings,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const { allowedOrigins, limits } = this.settings;
    return super.createIOServer(port, {
      ...(options as ServerOptions),
      // WebSocket first; polling stays for clients that begin with it and for proxies that know nothing else.
      transports: ['websocket', 'polling'],
      // Compressing each message costs 16 times the CPU and seconds of delay under load.
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: limits.messageBytes,
      connectTimeout: NOT_YET_SIGNED_IN_MS,
      pingInterval: PING_EVERY_MS,
      pingTimeout: PING_ANSWER_MS,
      serveClient: false,
      cookie: false,
      allowRequest: (request: IncomingMessage, decide) => {
        const origin = requestOrigin(request.headers, allowedOrigins);
        decide(origin === 'foreign' ? 'cross_origin' : null, origin !== 'foreign');
      },
    });
  }
}
