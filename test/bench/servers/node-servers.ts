import { fileURLToPath } from 'node:url';
import { Child } from '../child-process.js';
import { anonymousDevices, type ServerUnderTest } from './server-under-test.js';

async function startNode(
  file: string,
  ...args: readonly string[]
): Promise<{ child: Child; mqtt: number; http: number }> {
  const child = await Child.start({
    command: process.execPath,
    args: [fileURLToPath(new URL(file, import.meta.url)), ...args],
    ready: /^ready mqtt=\d+ http=\d+$/,
  });
  const [mqtt = 0, http = 0] = [...child.readyLine.matchAll(/=(\d+)/g)].map((match) => Number(match[1]));
  return { child, mqtt, http };
}

/** aedes on its own. `fanOut`: with a subscriber in the process that feeds Socket.IO, for the latency comparison. */
export async function startAedes(options: { readonly fanOut: boolean }): Promise<ServerUnderTest> {
  const { child, mqtt, http } = await startNode(
    './aedes-server.js',
    ...(options.fanOut ? ['--fan-out'] : []),
  );
  return {
    name: 'aedes',
    promise: 'in memory, nothing kept, nothing looked at',
    pid: child.pid,
    mqttPort: mqtt,
    connectionsPerDevice: 1,
    devices: (prefix, count) => Promise.resolve(anonymousDevices(prefix, count)),
    alarmsOf: () => Promise.resolve({ kind: 'socket-io', url: `http://127.0.0.1:${http}` }),
    stop: () => child.stop(),
  };
}

export async function startFloor(): Promise<ServerUnderTest> {
  const { child, mqtt } = await startNode('./floor-server.js');
  return {
    name: 'floor',
    promise: 'acknowledged unread: no broker, the most that Node can answer',
    pid: child.pid,
    mqttPort: mqtt,
    connectionsPerDevice: 1,
    devices: (prefix, count) => Promise.resolve(anonymousDevices(prefix, count)),
    stop: () => child.stop(),
  };
}
