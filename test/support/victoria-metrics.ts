import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { freePort, temporaryFolder } from './server-process.js';

const PROGRAM = '/usr/bin/victoria-metrics';
const START_ATTEMPTS = 200;
const ATTEMPT_EVERY_MS = 50;

/** A series as `/api/v1/export` gives it: values beside their times, epoch ms. */
export interface ExportedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (number | null)[];
  readonly timestamps: readonly number[];
}

export interface VictoriaMetrics {
  readonly url: string;
  /** All series of a name, with everything that was written before. */
  export(name: string): Promise<readonly ExportedSeries[]>;
  dispose(): Promise<void>;
}

export const victoriaMetricsMissing: string | undefined = existsSync(PROGRAM)
  ? undefined
  : `${PROGRAM} is not installed (Debian: apt-get install --no-install-recommends victoria-metrics)`;

/** Debian's VictoriaMetrics with a folder and a port of its own. */
export async function startVictoriaMetrics(): Promise<VictoriaMetrics> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const server = spawn(
    PROGRAM,
    [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${folder.path}`,
      '-retentionPeriod=100y',
      // A point that is written again is one point, as in InfluxDB.
      '-dedup.minScrapeInterval=1ms',
      '-memory.allowedBytes=256MB',
      '-loggerLevel=ERROR',
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  const dispose = async (): Promise<void> => {
    if (server.exitCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
    }
    await folder.remove();
  };
  for (let attempt = 0; attempt < START_ATTEMPTS && server.exitCode === null; attempt += 1) {
    const answered = await fetch(`${url}/health`).catch(() => undefined);
    if (answered?.ok) return { url, export: (name) => exported(url, name), dispose };
    await new Promise((resolve) => setTimeout(resolve, ATTEMPT_EVERY_MS));
  }
  await dispose();
  throw new Error(`VictoriaMetrics does not answer on ${url}`);
}

async function exported(url: string, name: string): Promise<readonly ExportedSeries[]> {
  // Points of the last second wait in memory, where no query sees them.
  await fetch(`${url}/internal/force_flush`);
  const query = new URLSearchParams({ 'match[]': name, start: '0' });
  const answer = await fetch(`${url}/api/v1/export?${query.toString()}`);
  if (!answer.ok) throw new Error(`the export was answered ${answer.status}: ${await answer.text()}`);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as ExportedSeries);
}
