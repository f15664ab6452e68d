import { parentPort, workerData } from 'node:worker_threads';
import { CommitStore } from './commit-store.js';
import { JournalError } from './errors.js';
import { ExitGate } from './exit-gate.js';
import type { StoreOperations, StoreReply, StoreRequest } from './store-protocol.js';

/*
 * The writer thread: the only one that touches the journal's file. Everything synchronous about SQLite, an fsync above
 * all, happens here.
 */
if (parentPort === null) throw new Error('journal-worker runs in a worker thread');
const port = parentPort;
const gate = new ExitGate(workerData as SharedArrayBuffer);
let store: CommitStore | undefined;

port.on('message', (request: StoreRequest) => {
  gate.enter(() => port.postMessage(answer(request)));
  // The port keeps the thread alive; without it the thread ends by itself.
  if (request.operation === 'close') port.close();
});

function answer({ id, operation, input }: StoreRequest): StoreReply {
  try {
    if (operation === 'open') {
      const { directory, at } = input as StoreOperations['open']['input'];
      store = new CommitStore(directory, at);
      return { id, output: store.opened };
    }
    if (store === undefined) {
      if (operation === 'close') return { id, output: undefined };
      throw new JournalError('closed', 'the journal file is not open');
    }
    const operations = store as unknown as Record<typeof operation, (input: unknown) => unknown>;
    return { id, output: operations[operation](input) };
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return { id, failure: { code: error.code, message: error.message, outcome: error.outcome } };
  }
}
