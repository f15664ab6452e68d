import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { Aedes, type AedesPublishPacket } from 'aedes';
import { Server } from 'socket.io';

/**
 * aedes as its README starts it: everything in memory, nobody asked for a password. With `--fan-out` a subscriber in
 * the process hands what the probe devices publish to Socket.IO clients, the plain way to put a page behind a broker.
 */
const listen = (server: { listen(port: number, host: string, done: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const portOf = (address: AddressInfo | string | null): number => (address as AddressInfo).port;

const broker = await Aedes.createBroker();
const mqtt = createServer((socket) => broker.handle(socket));
await listen(mqtt);

const http = createHttpServer();
if (process.argv.includes('--fan-out')) {
  const io = new Server(http, { transports: ['websocket'] });
  const forward = (packet: AedesPublishPacket, done: () => void): void => {
    const deviceId = packet.topic.split('/')[3] ?? '';
    if (deviceId.startsWith('probe-'))
      io.emit('alarm', { deviceId, message: JSON.parse(packet.payload.toString()) as unknown });
    done();
  };
  broker.subscribe('watchfire/v1/devices/+/telemetry', forward, () => undefined);
}
await listen(http);

process.on('SIGTERM', () => process.exit(0));
process.stdout.write(`ready mqtt=${portOf(mqtt.address())} http=${portOf(http.address())}\n`);
