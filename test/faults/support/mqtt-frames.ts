import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';

export interface DeviceCredential {
  readonly username: string;
  readonly password: string;
}

export function connectFrame(credential: DeviceCredential, clientId: string): Buffer {
  return generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 600,
    clientId,
    username: credential.username,
    password: Buffer.from(credential.password),
  });
}

export function publishFrame(topic: string, payload: string, messageId: number): Buffer {
  return generate({ cmd: 'publish', topic, payload, qos: 1, messageId, retain: false, dup: false });
}

/** A connection that says what it is told to, and tells what it hears. */
export function openSocket(
  port: number,
  heard: (chunk: Buffer, socket: Socket) => void = () => undefined,
): Socket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => heard(chunk, socket));
  return socket;
}

/** Resolves with the return code of the CONNACK; `undefined` when the connection ends without one. */
export function signIn(
  port: number,
  credential: DeviceCredential,
  clientId: string,
): Promise<{ readonly socket: Socket; readonly returnCode: number | undefined }> {
  return new Promise((resolve) => {
    const socket = openSocket(port);
    socket.once('data', (chunk) => resolve({ socket, returnCode: chunk[3] }));
    socket.once('close', () => resolve({ socket, returnCode: undefined }));
    socket.once('connect', () => socket.write(connectFrame(credential, clientId)));
  });
}
