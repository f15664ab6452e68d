import { HttpError } from '@influxdata/influxdb-client';
import { HistoryError, type HistoryErrorCode } from '../history-error.js';

/** What a call to the server ended with, in the words of the port. */
export function influxError(error: unknown, url: string): HistoryError {
  if (error instanceof HistoryError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof HttpError)) {
    return new HistoryError('unreachable', `${url} did not answer: ${text}`, true, { cause: error });
  }
  const [code, retryable] = classify(error.statusCode);
  const retryAfterMs = retryAfter(error);
  return new HistoryError(code, `${url} answered ${error.statusCode}: ${error.body ?? text}`, retryable, {
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/**
 * Points that are older than the retention of the server are dropped by it and the others of the request are stored: that is
 * no failure, they would be deleted anyway.
 */
export function isBeyondRetention(error: unknown): boolean {
  return (
    error instanceof HttpError &&
    (error.statusCode === 400 || error.statusCode === 422) &&
    /partial write: points beyond retention policy/.test(error.body ?? error.message)
  );
}

function classify(status: number): readonly [HistoryErrorCode, retryable: boolean] {
  if (status === 401 || status === 403) return ['unauthorised', true];
  if (status === 404) return ['missing', true];
  if (status === 408) return ['unreachable', true];
  if (status === 429 || status >= 500) return ['overloaded', true];
  return ['refused', false];
}

/** `Retry-After` in its form of seconds (RFC 9110 §10.2.3), which is the one that InfluxDB sends. */
function retryAfter(error: HttpError): number | undefined {
  const seconds = Number(error.headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
