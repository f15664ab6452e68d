import { fault, type Fault } from '../fault.js';
import { type Delays } from '../model.js';

/** What is wrong with the numbers of a rule; undefined for nothing. */

/** OPC UA Part 9. */
const MAX_SEVERITY = 1000;
const MAX_COUNT = 100;

export function badDelays({ onDelayMs, offDelayMs, onCount }: Delays): Fault | undefined {
  if (![onDelayMs, offDelayMs].every((delay) => Number.isFinite(delay) && delay >= 0)) {
    return fault('delay_invalid');
  }
  if (onCount === undefined) return undefined;
  return badCount(onCount) ?? (onDelayMs > 0 ? undefined : fault('samples_without_delay'));
}

/** The engine keeps the time of each. */
export function badCount(count: number): Fault | undefined {
  return Number.isInteger(count) && count >= 2 && count <= MAX_COUNT
    ? undefined
    : fault('count_invalid', { most: MAX_COUNT });
}

export function badAmount(
  name: 'deadband' | 'tolerance' | 'off_delay' | 'slack',
  amount: number,
): Fault | undefined {
  return Number.isFinite(amount) && amount >= 0 ? undefined : fault(`${name}_invalid`);
}

export function badAfter(afterMs: number): Fault | undefined {
  return Number.isFinite(afterMs) && afterMs > 0 ? undefined : fault('time_invalid');
}

export function badWindow(windowMs: number): Fault | undefined {
  return Number.isFinite(windowMs) && windowMs > 0 ? undefined : fault('window_invalid');
}

export function badSeverities(...severities: readonly number[]): Fault | undefined {
  return severities.every((severity) => severity >= 1 && severity <= MAX_SEVERITY)
    ? undefined
    : fault('severity_invalid');
}
