import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type IngestPlan, type IngestResult } from './ingest-load.js';
import { type LatencyPlan, type LatencyResult } from './latency-load.js';

export type GeneratorTask =
  | { readonly kind: 'ingest'; readonly plan: IngestPlan }
  | { readonly kind: 'latency'; readonly plan: LatencyPlan };
export type GeneratorReply =
  | { readonly ok: true; readonly result: IngestResult | LatencyResult }
  | { readonly ok: false; readonly message: string };

/** The load generator as the bench sees it; one task at a time. */
export class Generator {
  readonly #process: ChildProcess;

  constructor() {
    this.#process = fork(fileURLToPath(new URL('./generator-process.js', import.meta.url)));
  }

  async ingest(plan: IngestPlan): Promise<IngestResult> {
    return (await this.#run({ kind: 'ingest', plan })) as IngestResult;
  }

  async latency(plan: LatencyPlan): Promise<LatencyResult> {
    return (await this.#run({ kind: 'latency', plan })) as LatencyResult;
  }

  stop(): void {
    this.#process.disconnect();
  }

  async #run(task: GeneratorTask): Promise<unknown> {
    this.#process.send(task);
    const ended = new AbortController();
    const exit = once(this.#process, 'exit', { signal: ended.signal }).then(() => {
      throw new Error('The load generator ended before it answered.');
    });
    exit.catch(() => undefined);
    try {
      const [reply] = (await Promise.race([once(this.#process, 'message'), exit])) as [GeneratorReply];
      if (!reply.ok) throw new Error(reply.message);
      return reply.result;
    } finally {
      ended.abort();
    }
  }
}
