import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../child-process.js';
import { freePort } from '../free-port.js';
import { telemetryTopicOf } from '../telemetry-frames.js';
import { anonymousDevices, type ServerUnderTest } from './server-under-test.js';

const BINARIES = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'];

export function mosquittoBinary(): string | undefined {
  return BINARIES.find((path) => existsSync(path));
}

/** Mosquitto with a configuration of the bench: memory only, no log, no delay on small packets. */
export async function startMosquitto(binary: string): Promise<ServerUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'watchfire-bench-'));
  const port = await freePort();
  const config = join(folder, 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    'set_tcp_nodelay true',
    'log_dest stderr',
    'log_type error',
    'log_type information',
    'connection_messages false',
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const child = await Child.start({
    command: binary,
    args: ['-c', config],
    ready: /mosquitto version .* running/,
  });
  return {
    name: 'mosquitto',
    promise: 'in memory, nothing kept, nothing looked at',
    pid: child.pid,
    mqttPort: port,
    connectionsPerDevice: 1,
    devices: (prefix, count) => Promise.resolve(anonymousDevices(prefix, count)),
    alarmsOf: (probes) =>
      Promise.resolve({
        kind: 'subscriber',
        port,
        credential: { clientId: 'bench-subscriber', username: 'bench', password: 'nobody-checks-this' },
        topics: probes.map(({ clientId }) => telemetryTopicOf(clientId)),
      }),
    stop: async () => {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
