export interface ClockOptions {
  /** A clock that is further off is set; `null`: none is. */
  readonly clockLimitMs: number | null;
  /** A clock is set at most so often. */
  readonly clockEveryMs: number;
  /** After it has connected a device first says what it could not say before, with times of then. */
  readonly settleMs: number;
}

interface Watched {
  isThere: boolean;
  /** Device time less receive time of its last frames, ms. */
  ahead: number[];
  /** Nothing is set before. */
  notBefore: number;
}

/** A frame that was under way for long, or was sent for the first time long ago, makes a clock seem behind: one of so many was not. */
const FRAMES = 3;
/** Time labels leave out what is less than a second. */
const LABEL_MS = 1_000;

/** Whose clock is to be set. Pure: time comes in. */
export class ClockWatch {
  private readonly devices = new Map<string, Watched>();
  /** Of those that are there. */
  private readonly wrong = new Set<string>();

  constructor(private readonly options: ClockOptions) {}

  arrived(deviceId: string, now: number): void {
    const notBefore = Math.max(
      now + this.options.settleMs,
      this.devices.get(deviceId)?.notBefore ?? -Infinity,
    );
    this.devices.set(deviceId, { isThere: true, ahead: [], notBefore });
    this.wrong.delete(deviceId);
  }

  left(deviceId: string): void {
    const watched = this.devices.get(deviceId);
    if (watched !== undefined) watched.isThere = false;
    this.wrong.delete(deviceId);
  }

  forget(deviceId: string): void {
    this.devices.delete(deviceId);
    this.wrong.delete(deviceId);
  }

  /** A frame that was not sent before said what time it is. */
  read(deviceId: string, aheadMs: number): void {
    const watched = this.devices.get(deviceId);
    if (watched?.isThere !== true) return;
    watched.ahead = [...watched.ahead, aheadMs].slice(-FRAMES);
    if (this.isWrong(watched.ahead)) this.wrong.add(deviceId);
    else this.wrong.delete(deviceId);
  }

  /** Those whose clock is to be set now. */
  due(now: number): string[] {
    return [...this.wrong].filter((deviceId) => (this.devices.get(deviceId)?.notBefore ?? Infinity) <= now);
  }

  /** It was told the time: what its frames said before does not count any more. */
  told(deviceId: string, now: number): void {
    const watched = this.devices.get(deviceId);
    if (watched === undefined) return;
    watched.ahead = [];
    watched.notBefore = now + this.options.clockEveryMs;
    this.wrong.delete(deviceId);
  }

  private isWrong(ahead: readonly number[]): boolean {
    const { clockLimitMs } = this.options;
    if (clockLimitMs === null || ahead.length < FRAMES) return false;
    const least = Math.max(...ahead);
    return least > clockLimitMs || least + LABEL_MS < -clockLimitMs;
  }
}
