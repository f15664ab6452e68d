import { type Server as HttpServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { readCallbackBodies } from './callbacks/raw-body.js';
import { ControlRoomModule } from './control-room.module.js';
import { type ControlRoomDependencies } from './dependencies.js';
import { LiveAdapter } from './live/live-adapter.js';
import { NestLog } from './nest-log.js';
import { openApiDocument } from './openapi/document.js';
import { OpenApi } from './openapi/open-api.js';
import { servePage } from './page.js';
import { failedOutside, nothingHere } from './problem/send-problem.js';
import { securityHeaders } from './security-headers.js';

/** A client that dawdles over its request holds a connection no longer than this. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;

export interface ControlRoom {
  readonly app: INestApplication;
  readonly httpServer: HttpServer;
  /** Resolves with the port; may be called again after it was refused (`EADDRINUSE`). */
  listen(port: number, host: string): Promise<number>;
  /** Ends live pages and requests, and frees the port. */
  stop(): Promise<void>;
}

/** Builds the whole HTTP and Socket.IO side. Nothing listens until `listen`. */
export async function createControlRoom(deps: ControlRoomDependencies): Promise<ControlRoom> {
  const { registry, settings, log } = deps;
  // What was running when the last process ended will never answer.
  await registry.idempotency.abandonAll();
  const app = await NestFactory.create<NestExpressApplication>(ControlRoomModule.for(deps), {
    logger: new NestLog(log),
    bodyParser: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  app.disable('x-powered-by');
  app.set('trust proxy', settings.trustProxy ? 1 : false);
  // Flat query strings only: nested ones are a second, unwanted language.
  app.set('query parser', 'simple');
  app.use(securityHeaders(settings));
  readCallbackBodies(app, settings.limits.callbackBytes);
  app.useBodyParser('json', { limit: settings.limits.bodyBytes, reviver: refusePrototype });
  app.setGlobalPrefix('api/v1', { exclude: ['health/live', 'health/ready', 'metrics'] });
  app.useWebSocketAdapter(new LiveAdapter(app, settings));
  if (settings.pageDirectory !== null) servePage(app, settings.pageDirectory);
  await app.init();
  app.use(nothingHere);
  app.use(failedOutside);
  app.get(OpenApi).document = openApiDocument(app, settings.version);

  const httpServer = app.getHttpServer();
  httpServer.headersTimeout = HEADERS_MS;
  httpServer.requestTimeout = REQUEST_MS;
  return {
    app,
    httpServer,
    listen: (port, host) => listen(httpServer, port, host),
    stop: () => app.close(),
  };
}

/** No key of ours has this name; whoever sends it wants to change what all objects inherit. */
function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('a key must not be __proto__');
  return value;
}

function listen(server: HttpServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => reject(error);
    server.once('error', refused);
    server.listen(port, host, () => {
      server.off('error', refused);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
