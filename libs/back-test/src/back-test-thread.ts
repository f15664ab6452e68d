import { Worker } from 'node:worker_threads';
import { type History } from '@watchfire/history';
import { backTestWorkerEntry } from './back-test-worker-entry.js';
import { type BackTestPlan, type BackTestResult } from './model.js';
import { type FromWorker, type ToWorker } from './worker-protocol.js';

/** Of the thread alone: a test that wants more is given up, and the server goes on. */
const HEAP_MEGABYTES = 256;

export interface Ending {
  readonly result?: BackTestResult;
  readonly failure?: { readonly code: string; readonly message: string };
}

type Asked = Extract<FromWorker, { kind: 'read' }>;

/**
 * One back-test in a thread of its own. This side does nothing but hand over pages of the history, so that live alarms do not
 * wait for it.
 */
export class BackTestThread {
  /** Resolves once, when the thread has ended by itself or was stopped. */
  readonly ended: Promise<Ending>;
  private readonly worker: Worker;

  constructor(
    plan: BackTestPlan,
    private readonly history: Pick<History, 'columns' | 'missing'>,
    private readonly told: (progress: number) => void,
  ) {
    this.worker = new Worker(backTestWorkerEntry, {
      workerData: plan,
      name: 'back-test',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    });
    this.ended = new Promise((resolve) => {
      let ending: Ending = { failure: { code: 'cancelled', message: 'The back-test was stopped.' } };
      this.worker.on('message', (message: FromWorker) => {
        if (message.kind === 'read') void this.answer(message);
        else if (message.kind === 'progress') this.told(message.progress);
        else if (message.kind === 'done') ending = { result: message.result };
        else ending = { failure: message };
      });
      this.worker.on('error', (error) => {
        const { code } = error as { code?: unknown };
        const isTooLarge = code === 'ERR_WORKER_OUT_OF_MEMORY';
        ending = {
          failure: { code: isTooLarge ? 'back_test_too_large' : 'internal', message: error.message },
        };
      });
      this.worker.on('exit', () => resolve(ending));
    });
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private async answer({ id, pointId, from, to, limit }: Asked): Promise<void> {
    try {
      const columns = await this.history.columns(pointId, from, to, limit);
      const gap = await this.history.missing(from, to);
      if (gap !== undefined) {
        this.post({ kind: 'unreadable', id, code: 'history_incomplete', message: gap.reason });
        return;
      }
      const { ts, receivedAt, quality, values } = columns;
      const memory = [ts.buffer, receivedAt.buffer, quality.buffer] as ArrayBuffer[];
      if (values instanceof Float64Array) memory.push(values.buffer as ArrayBuffer);
      this.post({ kind: 'columns', id, columns }, memory);
    } catch (error) {
      const { code, message } = error as { code?: unknown; message?: unknown };
      this.post({
        kind: 'unreadable',
        id,
        code: typeof code === 'string' ? code : 'internal',
        message: typeof message === 'string' ? message : String(error),
      });
    }
  }

  private post(message: ToWorker, memory: readonly ArrayBuffer[] = []): void {
    this.worker.postMessage(message, memory);
  }
}
