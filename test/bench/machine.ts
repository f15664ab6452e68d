import { fdatasyncSync, mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { LatencyHistogram } from './statistics.js';

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly load: number;
  /** Of the folder that holds the data: fdatasync of 4 KiB, ms. */
  readonly fsyncP50: number;
  readonly fsyncP99: number;
  /** True when the data folder is in memory, so that "durable" means nothing on this run. */
  readonly memoryDisk: boolean;
}

const TMPFS_MAGIC = 0x01021994;
const SYNCS = 300;

export async function describeMachine(dataFolder: string): Promise<Machine> {
  const times = timeSyncs(dataFolder);
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    load: loadavg()[0] ?? 0,
    fsyncP50: times.quantile(0.5),
    fsyncP99: times.quantile(0.99),
    memoryDisk: (await statfs(dataFolder)).type === TMPFS_MAGIC,
  };
}

function timeSyncs(dataFolder: string): LatencyHistogram {
  const times = new LatencyHistogram();
  const folder = mkdtempSync(join(dataFolder, 'fsync-'));
  const file = openSync(join(folder, 'probe'), 'w');
  const block = Buffer.alloc(4096, 1);
  for (let i = 0; i < SYNCS; i++) {
    writeSync(file, block);
    const from = performance.now();
    fdatasyncSync(file);
    times.record(performance.now() - from);
  }
  closeSync(file);
  rmSync(folder, { recursive: true });
  return times;
}
