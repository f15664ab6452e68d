import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ServerInfo } from '@watchfire/contracts';
import { ApiClient } from '../support/api-client.js';
import {
  freePort,
  ServerProcess,
  type ServerProcessOptions,
  temporaryFolder,
} from '../support/server-process.js';

/** What the person who starts it sees. */
describe('starting', () => {
  let options: ServerProcessOptions;
  let remove: () => Promise<void>;
  const running: ServerProcess[] = [];

  beforeEach(async () => {
    const folder = await temporaryFolder();
    remove = folder.remove;
    options = { data: folder.path, httpPort: await freePort(), mqttPort: await freePort() };
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.kill9();
    await remove();
  });

  const start = async (more: Partial<ServerProcessOptions> = {}): Promise<ServerProcess> => {
    const server = await ServerProcess.start({ ...options, ...more });
    running.push(server);
    return server;
  };
  const fail = async (more: Partial<ServerProcessOptions> = {}): Promise<readonly string[]> => {
    const server = ServerProcess.spawn({ ...options, ...more });
    running.push(server);
    expect(await server.ended()).toBe(1);
    return server.standardError.filter((line) => line.startsWith('watchfire:') || line.startsWith('  - '));
  };

  it('prints one ready line, and the password of the first administrator once', async () => {
    const env = { WATCHFIRE_ADMIN_PASSWORD: '' };
    const first = await start({ env });
    const password = /password (\S+)/.exec(first.standardOutput.join('\n'))?.[1];
    if (password === undefined) throw new Error('no password was printed');
    expect(first.standardOutput.at(-1)).toBe(`Watchfire ready http://localhost:${options.httpPort}`);
    await ApiClient.signedIn(first.url, 'admin', password);
    expect(await first.terminate()).toBe(0);
    const second = await start({ env });
    expect(second.standardOutput.join('\n')).not.toContain('password');
  }, 60_000);

  it('says in one line that a port is taken', async () => {
    const other = createServer().listen(options.mqttPort, '127.0.0.1');
    await once(other, 'listening');
    try {
      expect(await fail()).toEqual([expect.stringContaining(`Port ${options.mqttPort} for MQTT is in use`)]);
    } finally {
      other.close();
    }
  }, 60_000);

  it('names everything that is wrong with a configuration', async () => {
    const file = join(options.data, 'wrong.yaml');
    await writeFile(file, 'mqtt: { prot: 1883 }\njournal: { retentionDays: many }\n');
    const lines = await fail({ env: { WATCHFIRE_CONFIG: file, WATCHFIRE_HISTORY: 'stone' } });
    expect(lines.join('\n')).toMatch(
      /mqtt\.prot[^]*journal\.retentionDays|journal\.retentionDays[^]*mqtt\.prot/,
    );
    expect(lines.join('\n')).toContain('WATCHFIRE_HISTORY');
  }, 60_000);

  it('refuses a second server on the same data', async () => {
    await start();
    const lines = await fail({ httpPort: await freePort(), mqttPort: await freePort() });
    expect(lines.join('\n')).toContain(options.data);
  }, 60_000);

  it('refuses the data of a demo, whose passwords are published', async () => {
    const demo = await start({ args: ['--demo'] });
    await demo.terminate();
    expect(await fail()).toEqual([expect.stringContaining('made by demo mode')]);
  }, 60_000);

  it('takes the next free port in demo mode, and says so; accounts are shown in demo mode only', async () => {
    const other = createServer().listen(options.httpPort, '127.0.0.1');
    await once(other, 'listening');
    try {
      const demo = await start({ args: ['--demo'] });
      const url = demo.standardOutput.at(-1)?.replace('Watchfire ready ', '') ?? '';
      expect(Number(new URL(url).port)).toBeGreaterThan(options.httpPort);
      expect(demo.standardError.join('\n')).toContain(`port ${options.httpPort}`);
      const info = await new ApiClient(url.replace('localhost', '127.0.0.1')).get<ServerInfo>('/server/info');
      expect(info.demo?.accounts.map(({ role }) => role)).toContain('operator');
    } finally {
      other.close();
    }
    await running.at(-1)?.kill9();
    const centre = await start({ data: join(options.data, 'another') });
    expect((await new ApiClient(centre.url).get<ServerInfo>('/server/info')).demo).toBeNull();
  }, 90_000);
});
