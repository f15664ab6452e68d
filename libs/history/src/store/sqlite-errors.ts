import { HistoryError, type HistoryErrorCode } from '../history-error.js';

/** Primary result codes of SQLite (sqlite.org/rescode.html) that tell something that the caller can act on. */
const CODES = new Map<number, readonly [code: HistoryErrorCode, text: string, retryable: boolean]>([
  [5, ['locked', 'is in use by another process', true]],
  [6, ['locked', 'is in use by another process', true]],
  [8, ['io_error', 'cannot be written', true]],
  [10, ['io_error', 'cannot be read or written', true]],
  [11, ['damaged', 'is damaged', false]],
  [13, ['disk_full', 'has no space left', true]],
  [14, ['io_error', 'cannot be opened', true]],
  [26, ['damaged', 'is no database', false]],
]);

/** What SQLite says about `file`, in the words of the port. */
export function sqliteError(error: unknown, file: string): HistoryError {
  if (error instanceof HistoryError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const [code, meaning, retryable] = CODES.get(resultCode(error)) ?? ['io_error', 'failed', true];
  return new HistoryError(code, `${file} ${meaning}: ${text}`, retryable, { cause: error });
}

function resultCode(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 0;
  const extended = 'errcode' in error ? error.errcode : undefined;
  return typeof extended === 'number' ? extended & 0xff : 0;
}
