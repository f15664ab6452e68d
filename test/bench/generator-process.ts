import { runConnects } from './connect-load.js';
import { runFlood } from './flood-load.js';
import { type GeneratorReply, type GeneratorResult, type GeneratorTask } from './generator.js';
import { runIdle } from './idle-load.js';
import { runIngest } from './ingest-load.js';
import { runLatency } from './latency-load.js';

/** The load generator: a process of its own, so that neither a server nor the bookkeeping takes its turn. */
const answer = (reply: GeneratorReply): void => void process.send?.(reply);

function run(task: GeneratorTask): Promise<GeneratorResult> {
  switch (task.kind) {
    case 'ingest':
      return runIngest(task.plan);
    case 'latency':
      return runLatency(task.plan);
    case 'idle':
      return runIdle(task.plan);
    case 'connects':
      return runConnects(task.plan);
    case 'flood':
      return runFlood(task.plan);
  }
}

process.on('message', (task: GeneratorTask) => {
  run(task).then(
    (result) => answer({ ok: true, result }),
    (error: unknown) => answer({ ok: false, message: (error as Error).message }),
  );
});
process.on('disconnect', () => process.exit(0));
