import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { telemetryTopic } from '@watchfire/contracts';
import { connectAsync, type MqttClient } from 'mqtt';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';

/** What makes the disk fail, and what the server says of it. */
const FAULTS = [
  {
    name: 'fsync of the journal fails',
    env: { FAIL_FSYNC_OF: 'journal.db-wal', FAIL_FSYNC_WHILE: '' },
    reason: /journal/,
  },
  {
    name: 'the disk is full',
    env: { FULL_DISK_OF: '/journal/', FULL_DISK_WHILE: '' },
    reason: /journal/,
  },
] as const;

const shim = buildShim();
const base = Date.now() - 600_000;

/** [R1] A disk that fails: nothing is acknowledged meanwhile, it is said, and it heals without a restart. */
describe.each(FAULTS)(`when $name${shim.skip ?? ''}`, ({ env, reason }) => {
  const run = shim.library === undefined ? it.skip : it;
  const flag = join(tmpdir(), `watchfire-disk-fails-${process.pid}`);
  let centre: Centre;
  let client: MqttClient | undefined;

  beforeAll(async () => {
    if (shim.library === undefined) return;
    const faults = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value || flag]));
    centre = await Centre.start({ env: { LD_PRELOAD: shim.library, ...faults } });
  }, 90_000);
  afterEach(async () => {
    client?.end(true);
    await rm(flag, { force: true });
  });
  afterAll(async () => {
    if (shim.library === undefined) return;
    await centre.end();
  });

  const ready = async (): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${centre.server.url}/health/ready`);
    return { status: answer.status, text: await answer.text() };
  };

  run(
    'nothing is acknowledged that is not kept, and everything goes on by itself when it is over',
    async () => {
      const api = await centre.signIn();
      const { siteId } = await api.createSite();
      const device = await api.createDevice(siteId, 'gas.lel.point', 'gas-1');
      const acknowledged = new Set<number>();
      // A client that sends again what was not acknowledged, over as many connections as it takes.
      client = await connectAsync(centre.server.mqttUrl, {
        ...device.credential,
        reconnectPeriod: 100,
        reconnectOnConnackError: true,
      });
      client.on('error', () => undefined);
      const publish = async (from: number, count: number): Promise<void> => {
        for (let n = from; n < from + count; n++) {
          const message = JSON.stringify({ ts: base + n, seq: n, boot: 'b', values: { conc: 5 + (n % 7) } });
          await client?.publishAsync(telemetryTopic('gas-1'), message, { qos: 1 });
          acknowledged.add(base + n);
        }
      };
      await publish(0, 200);

      await writeFile(flag, '');
      const during = publish(200, 200);
      const red = await eventually(ready, ({ status }) => status === 503, 'ready turns red');
      expect(red.text).toMatch(reason);
      const kept = acknowledged.size;
      // A second device's connection is answered, if only with a refusal: the server lives.
      expect((await fetch(`${centre.server.url}/health/live`)).status).toBe(200);
      expect(acknowledged.size).toBe(kept);

      await rm(flag);
      await eventually(ready, ({ status }) => status === 200, 'ready turns green', 60_000);
      await during;
      await publish(400, 50);

      const stored = await eventually(
        () => api.history('gas-1.conc', base, base + 1_000),
        ({ points }) => points.length >= acknowledged.size,
        'all is in history',
      );
      expect(stored.points.map(([ts]) => ts)).toEqual([...acknowledged].sort((a, b) => a - b));
      expect(acknowledged.size).toBe(450);
    },
    120_000,
  );
});

/** The library that makes a disk fail, where this machine can build and preload one. */
function buildShim(): { readonly library?: string; readonly skip?: string } {
  if (process.platform !== 'linux') return { skip: ' (skipped: needs LD_PRELOAD)' };
  const library = join(tmpdir(), `watchfire-failing-disk-${process.pid}.so`);
  try {
    const source = resolve('test/faults/support/failing-fsync.c');
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], { stdio: 'ignore' });
  } catch {
    return { skip: ' (skipped: no C compiler)' };
  }
  return existsSync(library) ? { library } : { skip: ' (skipped: no C compiler)' };
}
