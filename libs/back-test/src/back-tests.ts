import { type History } from '@watchfire/history';
import { BackTestThread, type Ending } from './back-test-thread.js';
import { BackTestError } from './errors.js';
import {
  BACK_TEST_LIMITS,
  type BackTestJob,
  type BackTestLimits,
  type BackTestRequest,
  WARM_UP_MS,
} from './model.js';

export interface BackTestsOptions {
  readonly history: Pick<History, 'columns' | 'missing'>;
  readonly clock: { now(): number; monotonicMs(): number };
  readonly newId: () => string;
  /** Between device time and receive time, as the gateway takes them. */
  readonly maxLateMs: number;
  readonly maxAheadMs: number;
  readonly limits?: Partial<BackTestLimits>;
}

/** How often it is looked whether anybody still wants what waits and runs. */
const SWEEP_MS = 5_000;

type Changeable<T> = { -readonly [K in keyof T]: T[K] };
interface Entry {
  readonly job: Changeable<BackTestJob>;
  askedAt: number;
  thread?: BackTestThread;
}

/**
 * The desk of back-tests: one runs at a time, the others wait. Nothing of it is durable: a test can be run again and comes to
 * the same result, so a restart forgets them all.
 */
export class BackTests {
  private readonly entries = new Map<string, Entry>();
  private readonly limits: BackTestLimits;
  private readonly timer: NodeJS.Timeout;
  private running: Promise<void> | undefined;

  constructor(private readonly options: BackTestsOptions) {
    this.limits = { ...BACK_TEST_LIMITS, ...options.limits };
    this.timer = setInterval(() => this.sweep(), SWEEP_MS);
    this.timer.unref();
  }

  /** @throws BackTestError `back_test_too_large`, `back_test_busy` */
  start(request: BackTestRequest, owner: string): BackTestJob {
    const { devices, periodMs, open } = this.limits;
    if (request.devices.length > devices) {
      throw new BackTestError(
        'back_test_too_large',
        `At most ${devices} devices, not ${request.devices.length}.`,
      );
    }
    if (request.to - request.from > periodMs) {
      const days = Math.floor(periodMs / 86_400_000);
      throw new BackTestError('back_test_too_large', `At most ${days} days.`);
    }
    if ([...this.entries.values()].filter(isOpen).length >= open) {
      throw new BackTestError('back_test_busy', `${open} back-tests wait or run already: try again later.`);
    }
    const { clock, newId, maxLateMs, maxAheadMs } = this.options;
    const plan = { ...request, warmUpMs: WARM_UP_MS, maxLateMs, maxAheadMs };
    const id = newId();
    const job = { id, owner, state: 'waiting' as const, progress: 0, createdAt: clock.now(), plan };
    this.entries.set(id, { job, askedAt: clock.monotonicMs() });
    this.forgetOldest();
    this.runNext();
    return { ...job };
  }

  /** Tells the test how far it is; asking is what keeps it alive. */
  find(id: string): BackTestJob | undefined {
    const entry = this.entries.get(id);
    if (entry === undefined) return undefined;
    entry.askedAt = this.options.clock.monotonicMs();
    return { ...entry.job };
  }

  /** Resolves when it no longer runs; one that is over stays as it is. */
  async cancel(id: string): Promise<void> {
    const entry = this.entries.get(id);
    if (entry === undefined || !isOpen(entry)) return;
    entry.job.state = 'cancelled';
    await entry.thread?.stop();
  }

  /** Gives up what nobody has asked for. */
  sweep(): void {
    const now = this.options.clock.monotonicMs();
    for (const entry of this.entries.values()) {
      const isAbandoned = now - entry.askedAt >= this.limits.abandonedAfterMs;
      if (isOpen(entry) && isAbandoned) void this.cancel(entry.job.id);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const { job } of this.entries.values()) await this.cancel(job.id);
    await this.running;
  }

  private runNext(): void {
    if (this.running !== undefined) return;
    const next = [...this.entries.values()].find(({ job }) => job.state === 'waiting');
    if (next === undefined) return;
    this.running = this.run(next).finally(() => {
      this.running = undefined;
      this.runNext();
    });
  }

  private async run(entry: Entry): Promise<void> {
    const { job } = entry;
    job.state = 'running';
    entry.thread = new BackTestThread(job.plan, this.options.history, (progress) => {
      job.progress = progress;
    });
    const ending = await entry.thread.ended;
    delete entry.thread;
    if (isOpen(entry)) Object.assign(job, outcomeOf(ending));
  }

  private forgetOldest(): void {
    const over = [...this.entries.values()].filter((entry) => !isOpen(entry));
    for (const { job } of over.slice(0, Math.max(0, over.length - this.limits.kept))) {
      this.entries.delete(job.id);
    }
  }
}

function isOpen({ job }: Entry): boolean {
  return job.state === 'waiting' || job.state === 'running';
}

function outcomeOf({ result, failure }: Ending): Partial<BackTestJob> {
  if (result !== undefined) return { state: 'done', progress: 1, result };
  const { code = 'internal', message = '' } = failure ?? {};
  return { state: 'failed', failure: { code, message } };
}
