import { type GeneratorReply, type GeneratorTask } from './generator.js';
import { runIngest } from './ingest-load.js';
import { runLatency } from './latency-load.js';

/** The load generator: a process of its own, so that neither a server nor the bookkeeping takes its turn. */
const answer = (reply: GeneratorReply): void => void process.send?.(reply);

process.on('message', (task: GeneratorTask) => {
  const run = task.kind === 'ingest' ? runIngest(task.plan) : runLatency(task.plan);
  run.then(
    (result) => answer({ ok: true, result }),
    (error: unknown) => answer({ ok: false, message: (error as Error).message }),
  );
});
process.on('disconnect', () => process.exit(0));
