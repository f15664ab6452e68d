export type HistoryErrorCode =
  /** The history was closed. */
  | 'closed'
  /** No space left for a write; nothing of it was kept. */
  | 'disk_full'
  | 'io_error'
  /** The file is no database, or its pages contradict each other. */
  | 'damaged'
  /** The file was written by a newer version of the program. */
  | 'schema_newer'
  /** Another process has the file. */
  | 'locked'
  /** The question makes no sense: a cursor that was never given out, a bucket of zero length. */
  | 'invalid'
  /** More buckets than an answer may hold; ask for longer ones. */
  | 'too_many_buckets'
  /** No answer from the server of the store: refused, cut off, or too late. */
  | 'unreachable'
  /** The server asks for patience (429, 5xx). */
  | 'overloaded'
  /** Wrong credentials, or rights that are missing (401, 403). */
  | 'unauthorised'
  /** The database or bucket does not exist (404). */
  | 'missing'
  /** The server will not take this request however often it is sent. */
  | 'refused';

/** What a history answers when it cannot do what was asked. The journal still has everything above `cursor()`. */
export class HistoryError extends Error {
  constructor(
    readonly code: HistoryErrorCode,
    message: string,
    /** True where the same call may succeed later without anybody changing the call. */
    readonly retryable: boolean,
    options?: { readonly cause?: unknown; readonly retryAfterMs?: number },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HistoryError';
    this.retryAfterMs = options?.retryAfterMs;
  }

  /** How long the server asked to wait, ms; undefined where it did not say. */
  readonly retryAfterMs: number | undefined;
}
