import { setTimeout as sleep } from 'node:timers/promises';
import { type BackTestView } from '@watchfire/contracts';
import { BackTestApi, RefusedError } from './api.js';
import { type BackTestArguments, readArguments, USAGE, UsageError } from './arguments.js';
import { reportText } from './report.js';

/** A small test is over at once; the server gives up what is not asked for in a minute. */
const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 2_000;
const INTERRUPTED = 130;

function accessOf({ user }: BackTestArguments): { user: string; password: string } | { token: string } {
  const { WATCHFIRE_PASSWORD: password, WATCHFIRE_TOKEN: token } = process.env;
  if (user !== undefined) {
    if (password === undefined)
      throw new UsageError('--user: the password is taken from WATCHFIRE_PASSWORD.');
    return { user, password };
  }
  if (token === undefined) throw new UsageError('Sign in with --user, or set WATCHFIRE_TOKEN.');
  return { token };
}

/** What came of it; `undefined` when it was interrupted. */
async function finished(api: BackTestApi, started: BackTestView): Promise<BackTestView | undefined> {
  let view = started;
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  for (let wait = FIRST_LOOK_MS; view.state === 'waiting' || view.state === 'running';) {
    await sleep(wait, undefined, { signal: interrupted.signal }).catch(() => undefined);
    if (interrupted.signal.aborted) {
      await api.cancel(view.id);
      return undefined;
    }
    wait = Math.min(wait * 2, LONGEST_LOOK_MS);
    view = await api.find(view.id);
    if (process.stderr.isTTY) process.stderr.write(`\r${view.state} ${Math.round(view.progress * 100)} %  `);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return view;
}

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2), Date.now());
  if (given === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const api = await BackTestApi.open(given.url, accessOf(given));
  const view = await finished(api, await api.start(given.asked));
  if (view === undefined) return INTERRUPTED;
  if (given.json) process.stdout.write(`${JSON.stringify(view, null, 2)}\n`);
  else process.stdout.write(reportText(view, given.differences));
  if (view.state === 'done') return 0;
  process.stderr.write(
    `The back-test was ${view.state}: ${view.failure?.code ?? ''} ${view.failure?.message ?? ''}\n`,
  );
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = error instanceof UsageError;
  if (!isUsage && !(error instanceof RefusedError)) throw error;
  process.stderr.write(`${error.message}\n${isUsage ? `\n${USAGE}\n` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}
