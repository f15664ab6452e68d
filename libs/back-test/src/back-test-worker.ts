import { parentPort, workerData } from 'node:worker_threads';
import { type SampleColumns } from '@watchfire/history';
import { type BackTestPlan } from './model.js';
import { runBackTest } from './run.js';
import { type FromWorker, type ToWorker } from './worker-protocol.js';

const port = parentPort;
if (port === null) throw new Error('back-test-worker runs as a worker thread only');

const post = (message: FromWorker): void => port.postMessage(message);
const waiting = new Map<
  number,
  { readonly resolve: (columns: SampleColumns) => void; readonly reject: (error: Error) => void }
>();
let lastId = 0;

port.on('message', (message: ToWorker) => {
  const asked = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.kind === 'columns') asked?.resolve(message.columns);
  else asked?.reject(Object.assign(new Error(message.message), { code: message.code }));
});

function read(pointId: string, from: number, to: number, limit: number): Promise<SampleColumns> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    post({ kind: 'read', id, pointId, from, to, limit });
  });
}

try {
  const plan = workerData as BackTestPlan;
  const result = await runBackTest(plan, read, {
    told: (progress) => post({ kind: 'progress', progress }),
  });
  post({ kind: 'done', result });
} catch (error) {
  const { code, message } = error as { code?: unknown; message?: unknown };
  post({
    kind: 'failed',
    code: typeof code === 'string' ? code : 'internal',
    message: typeof message === 'string' ? message : String(error),
  });
}
port.close();
