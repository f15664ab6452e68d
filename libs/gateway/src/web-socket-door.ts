import { type IncomingMessage, type Server } from 'node:http';
import { type Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer, type WebSocket } from 'ws';
import { type GatewayLimits } from './limits.js';

export type Accept = (stream: Duplex, address: string) => void;

const SUBPROTOCOLS = ['mqtt', 'mqttv3.1'];
/** What a client may send until its first message is whole, which begins with CONNECT: nobody knows yet who it is. */
const FIRST_MESSAGE_BYTES = 16_384;

/** MQTT over WebSocket (MQTT 3.1.1 §6) at one path of HTTP servers that are not ours; other upgrades are not touched. */
export class WebSocketDoor {
  private readonly sockets: WebSocketServer;
  private readonly detach: (() => void)[] = [];

  constructor(
    private readonly accept: Accept,
    limits: GatewayLimits,
  ) {
    this.sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.maxPacketBytes,
      handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
    });
    this.sockets.on('error', () => undefined);
  }

  attach(server: Server, path: string): void {
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      if (request.url?.split('?', 1)[0] !== path) return;
      socket.on('error', () => undefined);
      const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
      if (!SUBPROTOCOLS.some((name) => offered.includes(name))) {
        // [MQTT-6.0.0-3]
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', () => undefined);
        webSocket.on('message', (_data, isBinary) => {
          if (!isBinary) webSocket.close(1003); // [MQTT-6.0.0-1]
        });
        boundFirstMessage(webSocket, socket, head.length);
        const stream = createWebSocketStream(webSocket);
        this.accept(stream, request.socket.remoteAddress ?? 'unknown');
      });
    };
    server.on('upgrade', onUpgrade);
    this.detach.push(() => server.off('upgrade', onUpgrade));
  }

  /** No new connections; those that are open are the gateway's to close. */
  close(): void {
    for (const detach of this.detach.splice(0)) detach();
  }
}

/** A message is handed over when it is whole, so its frames are counted on the way in. */
function boundFirstMessage(webSocket: WebSocket, socket: Duplex, already: number): void {
  let bytes = already;
  let isFirst = true;
  const look = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (!isFirst || bytes <= FIRST_MESSAGE_BYTES) return;
    // What still comes is thrown away, so that it does not turn the answer into a reset.
    socket.removeAllListeners('data');
    socket.resume();
    webSocket.close(1009);
    socket.end();
  };
  socket.on('data', look);
  webSocket.once('message', () => {
    isFirst = false;
    socket.off('data', look);
  });
}
