import { HttpError } from '@influxdata/influxdb-client';
import { HistoryError, type HistoryErrorCode } from '../history-error.js';

/** What a call to the server ended with, in the words of the port. */
export function influxError(error: unknown, url: string): HistoryError {
  if (error instanceof HistoryError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof HttpError)) {
    return new HistoryError('unreachable', `${url} did not answer: ${text}`, true, { cause: error });
  }
  const [code, retryable] = classify(error.statusCode, error.body ?? text);
  const retryAfterMs = retryAfter(error);
  return new HistoryError(code, `${url} answered ${error.statusCode}: ${error.body ?? text}`, retryable, {
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function classify(status: number, body: string): readonly [HistoryErrorCode, retryable: boolean] {
  if (status === 401 || status === 403) return ['unauthorised', true];
  // Generation 1 says it of a retention policy by 500.
  if (status === 404 || (status === 500 && body.includes('retention policy not found')))
    return ['missing', true];
  if (status === 408) return ['unreachable', true];
  if (status === 429 || status >= 500) return ['overloaded', true];
  return ['refused', false];
}

/** `Retry-After` in its form of seconds (RFC 9110 §10.2.3), which is the one that InfluxDB sends. */
function retryAfter(error: HttpError): number | undefined {
  const header = error.headers?.['retry-after'];
  const seconds = header === undefined ? NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
