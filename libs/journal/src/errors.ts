/**
 * - `disk_full`: no space; nothing was stored, and the next append tries again by itself.
 * - `io_error`: a write, a read or an fsync failed; the file is reopened and checked before anything more is accepted.
 * - `worker_lost`: the writer thread ended; it is replaced.
 * - `locked`: another process (or another journal of this one) holds the folder.
 * - `unwritable`: the folder or file cannot be created or written.
 * - `not_a_journal`: the file is no database, or the database of something else.
 * - `schema_newer`: written by a newer version of the program.
 * - `damaged`: the database is cut short or inconsistent.
 * - `invalid_record`: the record does not survive being stored; the sender is at fault.
 * - `closed`: the journal was closed.
 */
export type JournalErrorCode =
  | 'disk_full'
  | 'io_error'
  | 'worker_lost'
  | 'locked'
  | 'unwritable'
  | 'not_a_journal'
  | 'schema_newer'
  | 'damaged'
  | 'invalid_record'
  | 'closed';

/**
 * Whether a rejected record may be in the journal all the same: an append that was on its way to the disk when the
 * writer was lost. Its sender was not answered and sends it again, so it may be there twice, never not at all.
 */
export type AppendOutcome = 'not_stored' | 'unknown';

export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly outcome: AppendOutcome;

  constructor(
    readonly code: JournalErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly outcome?: AppendOutcome } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.outcome = options.outcome ?? 'not_stored';
  }
}

/** The same failure, told to a sender whose record may or may not have reached the disk. */
export function withUnknownOutcome(error: JournalError): JournalError {
  return new JournalError(error.code, `${error.message} (outcome unknown)`, {
    cause: error,
    outcome: 'unknown',
  });
}
