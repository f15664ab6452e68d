import { count, type CountByCode } from './counters.js';

/** As much of a pino logger as is used here. */
export interface GatewayLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const QUIET_MS = 60_000;

/** Counts each refusal, and logs each kind at most once a minute with how many there were: a flood must not fill the disk. */
export class RefusalLog {
  private readonly kinds = new Map<string, { quietUntil: number; unsaid: number }>();

  constructor(
    private readonly log: GatewayLog,
    private readonly monotonicMs: () => number,
  ) {}

  note(into: CountByCode, code: string, fields: object, level: 'warn' | 'error' = 'warn'): void {
    count(into, code);
    const now = this.monotonicMs();
    const kind = this.kinds.get(code) ?? { quietUntil: -Infinity, unsaid: 0 };
    this.kinds.set(code, kind);
    kind.unsaid++;
    if (now < kind.quietUntil) return;
    this.log[level]({ code, times: kind.unsaid, ...fields }, 'front door');
    kind.quietUntil = now + QUIET_MS;
    kind.unsaid = 0;
  }
}
