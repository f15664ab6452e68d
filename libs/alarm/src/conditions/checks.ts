/** What is wrong with the numbers of a rule, in words that follow on "the rule cannot be evaluated:"; undefined for nothing. */

/** OPC UA Part 9. */
const MAX_SEVERITY = 1000;

export function badDelays({
  onDelayMs,
  offDelayMs,
}: {
  readonly onDelayMs: number;
  readonly offDelayMs: number;
}): string | undefined {
  return [onDelayMs, offDelayMs].every((delay) => Number.isFinite(delay) && delay >= 0)
    ? undefined
    : 'a delay is not a number of milliseconds, 0 or more';
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
