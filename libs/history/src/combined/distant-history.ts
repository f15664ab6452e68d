import { type History } from '../history.js';
import { HistoryError, type HistoryErrorCode } from '../history-error.js';
import { type HistoryLog } from '../history-log.js';

/** What an administrator, or time, mends: until then the local history answers alone. */
const AWAY: ReadonlySet<HistoryErrorCode> = new Set([
  'unreachable',
  'overloaded',
  'unauthorised',
  'missing',
  'refused',
]);
/** A server that hangs costs each question its whole time limit: after a failure one question is tried so often. */
const TRY_EVERY_MS = 5_000;
const TRY_FOR_MS = 2_000;
/** Who asks whether something is missing asks after the answer that it is about. */
const TOLD_FOR_MS = 2_000;

/** A history on another machine: what it does not answer is told, and keeps nobody waiting twice. */
export class DistantHistory {
  private failure: string | undefined;
  private triedAt = 0;
  private trying = false;
  private lackedAt = -Infinity;

  constructor(
    private readonly history: History,
    private readonly monotonicMs: () => number,
    private readonly log: HistoryLog,
    /** Resolves after so long. */
    private readonly later: (ms: number) => Promise<void>,
  ) {}

  /** Undefined where it does not answer now. What is wrong with the question itself rejects. */
  async ask<T>(question: (history: History) => Promise<T>): Promise<T | undefined> {
    const isProbe = this.failure !== undefined;
    if (isProbe && (this.trying || this.monotonicMs() - this.triedAt < TRY_EVERY_MS)) return this.lack();
    this.trying ||= isProbe;
    try {
      const answer = question(this.history).then((value) => {
        if (isProbe) this.answered();
        return value;
      });
      return await (isProbe ? this.inTime(answer) : answer);
    } catch (error) {
      if (!(error instanceof HistoryError) || !AWAY.has(error.code)) throw error;
      this.failed(error);
      return this.lack();
    } finally {
      if (isProbe) this.trying = false;
    }
  }

  /** Whoever tries it for the others does not wait for the whole time limit of a server that hangs. */
  private inTime<T>(answer: Promise<T>): Promise<T | undefined> {
    answer.catch(() => undefined);
    const late = this.later(TRY_FOR_MS).then(() => {
      this.triedAt = this.monotonicMs();
      return this.lack();
    });
    return Promise.race([answer, late]);
  }

  /** Why an answer of now, or of a moment ago, lacks what this history has. */
  lacking(): string | undefined {
    const isRecent = this.monotonicMs() - this.lackedAt < TOLD_FOR_MS;
    return this.failure ?? (isRecent ? 'it did not answer in time' : undefined);
  }

  private lack(): undefined {
    this.lackedAt = this.monotonicMs();
    return undefined;
  }

  private failed(error: HistoryError): void {
    if (this.failure === undefined) this.log.warn({ err: error }, 'older history does not answer');
    this.failure = `${error.code}: ${error.message}`;
    this.triedAt = this.monotonicMs();
  }

  private answered(): void {
    this.failure = undefined;
    this.log.info({}, 'older history answers again');
  }
}
