import { type Clock } from '@watchfire/engine';
import { type ControlRoomLimits } from '../dependencies.js';
import { Problem } from '../problem/problem.js';

interface Failures {
  count: number;
  lastAt: number;
  lockedUntil: number;
}

/** Older entries go first when there are more: an attacker with many addresses costs memory, not the server. */
const MOST_ENTRIES = 20_000;
/** Password hashing costs a core for tens of milliseconds: more at once would starve the engine's neighbours. */
const MOST_AT_ONCE = 8;

/**
 * Delay and lock-out after wrong passwords. Counted for the pair of name and address, so that a stranger cannot lock an
 * operator out of the seat in the control room, and for the address over all names, so that one may not try them all.
 */
export class SignInThrottle {
  readonly #failures = new Map<string, Failures>();
  #running = 0;

  constructor(
    private readonly clock: Clock,
    private readonly limits: ControlRoomLimits,
  ) {}

  /** Runs the check of a password, or refuses to. The delay that the caller must add to a failure is in `delayMs`. */
  async attempt<T>(
    username: string,
    address: string,
    check: () => Promise<T | undefined>,
  ): Promise<{ readonly found: T } | { readonly found: undefined; readonly delayMs: number }> {
    const pair = JSON.stringify([username, address]);
    const now = this.clock.monotonicMs();
    this.#refuseLocked(pair, now);
    this.#refuseLocked(address, now);
    if (this.#running >= MOST_AT_ONCE) throw new Problem('too_busy', undefined, { retryAfterSeconds: 1 });
    this.#running++;
    try {
      const found = await check();
      if (found !== undefined) {
        this.#failures.delete(pair);
        return { found };
      }
    } finally {
      this.#running--;
    }
    const count = this.#fail(pair, this.limits.signInFailures);
    this.#fail(address, this.limits.signInFailuresPerAddress);
    return { found: undefined, delayMs: this.limits.signInDelayMs * 2 ** Math.min(count - 1, 4) };
  }

  #refuseLocked(key: string, now: number): void {
    const failures = this.#failures.get(key);
    if (failures === undefined || failures.lockedUntil <= now) return;
    const seconds = Math.ceil((failures.lockedUntil - now) / 1_000);
    throw new Problem('sign_in_locked', undefined, { retryAfterSeconds: seconds });
  }

  #fail(key: string, most: number): number {
    const now = this.clock.monotonicMs();
    const known = this.#failures.get(key);
    const fresh = known !== undefined && now - known.lastAt < this.limits.signInLockMs;
    const count = fresh ? known.count + 1 : 1;
    this.#failures.delete(key);
    this.#failures.set(key, {
      count,
      lastAt: now,
      lockedUntil: count >= most ? now + this.limits.signInLockMs : 0,
    });
    if (this.#failures.size > MOST_ENTRIES) {
      for (const oldest of this.#failures.keys()) {
        this.#failures.delete(oldest);
        break;
      }
    }
    return count;
  }
}
