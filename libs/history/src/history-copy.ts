import { HistoryError } from './history-error.js';
import { historyWorkerEntry } from './history-worker-entry.js';
import { WorkerClient } from './worker-client.js';

/**
 * Looks at every page of a copied history and answers its cursor. `directory` holds the copy; never that of a history in use.
 *
 * @throws HistoryError `damaged` and the others of opening.
 */
export async function checkHistoryCopy(directory: string): Promise<number> {
  const settings = { directory, maxBufferedSamples: 0 };
  const worker = await WorkerClient.start(historyWorkerEntry, settings, () => undefined);
  try {
    const found = await worker.ask('check', null);
    if (found !== 'ok') throw new HistoryError('damaged', `the history in ${directory}: ${found}`, false);
    return await worker.ask('cursor', null);
  } finally {
    await worker.close();
  }
}
