import { type Journal } from '@watchfire/journal';
import { type GatewayCounters } from './counters.js';
import { type RefusalLog } from './refusal-log.js';
import { type Session, type Sessions } from './session.js';
import { settled, TimeLimitError, type WorkInProgress } from './time-limit.js';

/** The comings and goings of devices in the journal, and what becomes of records that it does not take. */
export class ConnectionRecords {
  constructor(
    private readonly journal: Journal,
    private readonly sessions: Sessions,
    private readonly inProgress: WorkInProgress,
    private readonly refusals: RefusalLog,
    private readonly counters: GatewayCounters,
  ) {}

  /** `connected` is the state of the device afterwards: it is connected while one connection is left [IN18]. */
  append(session: Session, reason: string): Promise<unknown> {
    const { deviceId, clientId, connection } = session;
    const connected = this.sessions.of(deviceId).size > 0;
    const { address } = connection;
    return this.journal.append({ kind: 'connection', deviceId, connected, reason, clientId, address });
  }

  /** For records that nobody waits for: a stop does, and a failure, an exception included, is counted. */
  keep(begin: () => Promise<unknown>, deviceId: string): void {
    const work = settled(begin);
    this.inProgress.track(work);
    work.catch((error: unknown) => this.failed(error, deviceId));
  }

  failed(error: unknown, deviceId: string | undefined): void {
    const code = error instanceof TimeLimitError ? 'timeout' : codeOf(error);
    this.refusals.note(this.counters.journalFailures, code, { deviceId, err: error }, 'error');
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}
