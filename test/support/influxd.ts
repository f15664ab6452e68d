import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INFLUXD = '/usr/bin/influxd';
const START_ATTEMPTS = 200;
const ATTEMPT_EVERY_MS = 50;

export interface Influxd {
  readonly url: string;
  /** Where `influxd backup` and `restore` ask. */
  readonly backupHost: string;
  /** Ends the server as a loss of power would. */
  kill(): Promise<void>;
  /** It stands still, with its connections open, until `resume`. */
  pause(): void;
  resume(): void;
  /** Starts it again on the same files and port. */
  start(): Promise<void>;
  /** Ends the server and deletes its files. */
  dispose(): Promise<void>;
}

/** Why the tests over a real server of generation 1 cannot run here; undefined where they can. */
export const influxdMissing: string | undefined = existsSync(INFLUXD)
  ? undefined
  : `${INFLUXD} is not installed (Debian: apt-get install --no-install-recommends influxdb)`;

/** Debian's influxd with a configuration, folder and ports of its own. */
export async function startInfluxd(options: { readonly auth?: boolean } = {}): Promise<Influxd> {
  const directory = await mkdtemp(join(tmpdir(), 'watchfire-influxd-'));
  const [httpPort, rpcPort] = await freePorts();
  const config = join(directory, 'influxdb.conf');
  await writeFile(
    config,
    [
      'reporting-disabled = true',
      `bind-address = "127.0.0.1:${rpcPort}"`,
      `[meta]\n  dir = "${directory}/meta"\n  logging-enabled = false`,
      `[data]\n  dir = "${directory}/data"\n  wal-dir = "${directory}/wal"\n  query-log-enabled = false`,
      '[monitor]\n  store-enabled = false',
      `[http]\n  bind-address = "127.0.0.1:${httpPort}"\n  log-enabled = false\n  auth-enabled = ${options.auth === true}`,
      '[logging]\n  level = "error"',
    ].join('\n'),
  );
  const url = `http://127.0.0.1:${httpPort}`;
  let server: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const ending = server;
    server = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill('SIGKILL');
    await ended;
  };
  const start = async (): Promise<void> => {
    server = spawn(INFLUXD, ['-config', config], { stdio: 'ignore' });
    for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
      if (server.exitCode !== null) break;
      const answered = await fetch(`${url}/ping`).catch(() => undefined);
      if (answered?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, ATTEMPT_EVERY_MS));
    }
    throw new Error(`influxd does not answer on ${url}`);
  };
  const dispose = async (): Promise<void> => {
    await kill();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    url,
    backupHost: `127.0.0.1:${rpcPort}`,
    kill,
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    start,
    dispose,
  };
}

/** Two ports that were free a moment ago. Both are held until both are known, so that they differ. */
async function freePorts(): Promise<readonly number[]> {
  const servers = await Promise.all(
    [0, 1].map(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const probe = createServer();
          probe.once('error', reject);
          probe.listen(0, '127.0.0.1', () => resolve(probe));
        }),
    ),
  );
  const ports = servers.map((probe) => {
    const address = probe.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
