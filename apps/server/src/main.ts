import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { loadSettings, SettingsError } from '@watchfire/settings';
import { DEMO_SETTINGS } from './demo-mode.js';
import { createLog } from './log.js';
import { projectPath } from './project-path.js';
import { type Server, startServer } from './server.js';

const USAGE = `Usage: watchfire [--demo]

  --demo   load the demo district and its accounts; listen on this machine only; take the next free port where one is taken

Configuration: config/default.yaml, the file in WATCHFIRE_CONFIG, the environment (see the README).
`;

/** A stop that takes longer than this has hung; the journal has everything that was acknowledged. */
const STOP_LIMIT_MS = 20_000;

/**
 * By how much the heap may grow before all of it is marked again, percent. V8 chooses down to a tenth for one that is as calm as
 * ours, and what the arrays of readings add between two collections of the young generation is more than that: a busy server
 * could mark its whole heap twice a second. Our suggestion; a heap of 80 MB stays below 160.
 */
const HEAP_GROWTH_PERCENT = 100;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { demo: { type: 'boolean', default: false }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const demo = values.demo || process.env['WATCHFIRE_DEMO'] === '1';
  const settings = await loadSettings({
    defaults: projectPath('config/default.yaml'),
    environment: process.env,
    ...(demo ? { base: DEMO_SETTINGS } : {}),
  });
  const log = createLog(settings.log.level);
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'));
  const server = await startServer({ settings, demo, log });
  stopOnSignals(server, log);
  process.on('SIGHUP', () => void server.reload());
  process.stdout.write(`Watchfire ready ${server.url}\n`);
}

function stopOnSignals(server: Server, log: ReturnType<typeof createLog>): void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error('stop took too long; what was acknowledged is in the journal');
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stop failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
try {
  await main();
} catch (error) {
  // One clear line for the person who starts it; a stack only where the fault is ours.
  const expected = error instanceof SettingsError || (error instanceof Error && 'code' in error);
  const text =
    error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`watchfire: ${text}\n`);
  process.exit(1);
}
