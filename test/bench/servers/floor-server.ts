import { createServer, type AddressInfo, type Socket } from 'node:net';
import { FrameScanner } from '../frame-scanner.js';
import { PUBACK } from '../mqtt-frames.js';

/**
 * Acknowledges without looking inside: no session, no topic, no subscriber. What Node can answer at most, and the proof
 * that the load generator could have driven anything slower.
 */
const CONNECT = 0x10;
const PUBLISH_QOS_1 = 0x32;

function serve(socket: Socket): void {
  const acknowledgements: number[] = [];
  const scanner = new FrameScanner((header, body) => {
    if (header === CONNECT) socket.write(Buffer.from([0x20, 2, 0, 0]));
    if (header !== PUBLISH_QOS_1) return;
    const packetIdAt = 2 + body.readUInt16BE(0);
    acknowledgements.push(PUBACK, 2, body[packetIdAt] ?? 0, body[packetIdAt + 1] ?? 0);
  });
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    scanner.push(chunk);
    if (acknowledgements.length > 0) socket.write(Buffer.from(acknowledgements));
    acknowledgements.length = 0;
  });
}

const server = createServer(serve);
process.on('SIGTERM', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready mqtt=${(server.address() as AddressInfo).port} http=0\n`);
});
