import { type Delays } from '../model.js';

/** What is wrong with the numbers of a rule, in words that follow on "the rule cannot be evaluated:"; undefined for nothing. */

/** OPC UA Part 9. */
const MAX_SEVERITY = 1000;
const MAX_COUNT = 100;

export function badDelays({ onDelayMs, offDelayMs, onCount }: Delays): string | undefined {
  if (![onDelayMs, offDelayMs].every((delay) => Number.isFinite(delay) && delay >= 0)) {
    return 'a delay is not a number of milliseconds, 0 or more';
  }
  if (onCount === undefined) return undefined;
  return (
    badCount(onCount) ?? (onDelayMs > 0 ? undefined : 'a count of samples needs an on-delay to count in')
  );
}

/** The engine keeps the time of each. */
export function badCount(count: number): string | undefined {
  return Number.isInteger(count) && count >= 2 && count <= MAX_COUNT
    ? undefined
    : `its count is not between 2 and ${MAX_COUNT}`;
}

export function badAmount(name: string, amount: number): string | undefined {
  return Number.isFinite(amount) && amount >= 0 ? undefined : `its ${name} is not a number, 0 or more`;
}

export function badAfter(afterMs: number): string | undefined {
  return Number.isFinite(afterMs) && afterMs > 0 ? undefined : 'the time allowed is not above 0 ms';
}

export function badWindow(windowMs: number): string | undefined {
  return Number.isFinite(windowMs) && windowMs > 0 ? undefined : 'its window is not above 0 ms';
}

export function badSeverities(...severities: readonly number[]): string | undefined {
  return severities.every((severity) => severity >= 1 && severity <= MAX_SEVERITY)
    ? undefined
    : 'a severity is not between 1 and 1000';
}
