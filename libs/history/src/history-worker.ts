import { parentPort, workerData } from 'node:worker_threads';
import { HistoryError } from './history-error.js';
import { EmbeddedStore } from './store/embedded-store.js';
import {
  type WorkerFailure,
  type WorkerMessage,
  type WorkerRequest,
  type WorkerSettings,
} from './worker-protocol.js';

const port = parentPort;
if (port === null) throw new Error('history-worker runs as a worker thread only');

const post = (message: WorkerMessage): void => port.postMessage(message);
const failureOf = (error: unknown): WorkerFailure =>
  error instanceof HistoryError
    ? { code: error.code, message: error.message, retryable: error.retryable }
    : { code: 'io_error', message: error instanceof Error ? error.message : String(error), retryable: true };

async function answer(store: EmbeddedStore, request: WorkerRequest): Promise<void> {
  try {
    const get: unknown = await store.call(request.call, request.give);
    post({ kind: 'answer', id: request.id, get });
  } catch (error) {
    post({ kind: 'answer', id: request.id, failure: failureOf(error) });
  }
  // The thread ends when nothing is left to wait for.
  if (request.call === 'close') port?.close();
}

try {
  const store = EmbeddedStore.open(workerData as WorkerSettings, (message) =>
    post({ kind: 'damaged', message }),
  );
  port.on('message', (request: WorkerRequest) => void answer(store, request));
  post({ kind: 'opened' });
} catch (error) {
  post({ kind: 'opened', failure: failureOf(error) });
  port.close();
}
