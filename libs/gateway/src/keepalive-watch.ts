import { type Sessions } from './session.js';

const LOOK_EVERY_MS = 1_000;

/** Cuts clients that have been silent for too long [IN20]: one timer for all of them. */
export class KeepaliveWatch {
  private readonly timer: NodeJS.Timeout;
  private lookedAt: number;

  constructor(
    private readonly sessions: Sessions,
    private readonly monotonicMs: () => number,
  ) {
    this.lookedAt = monotonicMs();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = this.monotonicMs();
    const paused = now - this.lookedAt > 2 * LOOK_EVERY_MS;
    this.lookedAt = now;
    // After a pause of the whole process (a frozen machine, a long collection) what clients sent meanwhile is still unread:
    // timers come before sockets in a turn of the loop, and all of them would be cut at once.
    if (paused) return;
    for (const { connection, silenceLimitMs } of [...this.sessions.all()]) {
      if (connection.isHeldBack) connection.lastByteAt = now;
      else if (now - connection.lastByteAt > silenceLimitMs) connection.cut('keepalive_timeout');
    }
  }
}
