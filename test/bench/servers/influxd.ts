import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Child } from '../child-process.js';
import { freePort } from '../free-port.js';

const INFLUXD = '/usr/bin/influxd';

export const influxdIsThere = (): boolean => existsSync(INFLUXD);

export interface Influxd {
  readonly url: string;
  stop(): Promise<void>;
}

/** InfluxDB 1.x of the operating system with its defaults, on free ports and in a folder of its own. */
export async function startInfluxd(folder: string): Promise<Influxd> {
  await mkdir(folder, { recursive: true });
  const [http, rpc] = [await freePort(), await freePort()];
  const config = join(folder, 'influxdb.conf');
  await writeFile(
    config,
    [
      'reporting-disabled = true',
      `bind-address = "127.0.0.1:${rpc}"`,
      `[meta]\n  dir = "${folder}/meta"`,
      `[data]\n  dir = "${folder}/data"\n  wal-dir = "${folder}/wal"\n  query-log-enabled = false`,
      '[monitor]\n  store-enabled = false',
      `[http]\n  bind-address = "127.0.0.1:${http}"\n  log-enabled = false`,
    ].join('\n'),
  );
  const child = await Child.start({
    command: INFLUXD,
    args: ['-config', config],
    ready: /Listening for signals/,
  });
  return { url: `http://127.0.0.1:${http}`, stop: () => child.stop() };
}
