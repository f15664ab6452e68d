import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type ConnectPlan, type ConnectResult } from './connect-load.js';
import { type FloodPlan, type FloodResult } from './flood-load.js';
import { type IdlePlan, type IdleResult } from './idle-load.js';
import { type IngestPlan, type IngestResult } from './ingest-load.js';
import { type LatencyPlan, type LatencyResult } from './latency-load.js';

export type GeneratorTask =
  | { readonly kind: 'ingest'; readonly plan: IngestPlan }
  | { readonly kind: 'latency'; readonly plan: LatencyPlan }
  | { readonly kind: 'idle'; readonly plan: IdlePlan }
  | { readonly kind: 'connects'; readonly plan: ConnectPlan }
  | { readonly kind: 'flood'; readonly plan: FloodPlan };
export type GeneratorResult = IngestResult | LatencyResult | IdleResult | ConnectResult | FloodResult;
export type GeneratorReply =
  { readonly ok: true; readonly result: GeneratorResult } | { readonly ok: false; readonly message: string };

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

  async idle(plan: IdlePlan): Promise<IdleResult> {
    return (await this.#run({ kind: 'idle', plan })) as IdleResult;
  }

  async connects(plan: ConnectPlan): Promise<ConnectResult> {
    return (await this.#run({ kind: 'connects', plan })) as ConnectResult;
  }

  async flood(plan: FloodPlan): Promise<FloodResult> {
    return (await this.#run({ kind: 'flood', plan })) as FloodResult;
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
