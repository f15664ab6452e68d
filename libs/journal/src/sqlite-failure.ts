import { JournalError, type JournalErrorCode } from './errors.js';

/** Primary result codes of SQLite, sqlite.org/rescode.html; the upper bits of an extended code only say where. */
const BY_SQLITE_CODE: Readonly<Record<number, JournalErrorCode>> = {
  5: 'locked', // BUSY
  6: 'locked', // LOCKED
  8: 'unwritable', // READONLY
  10: 'io_error', // IOERR
  11: 'damaged', // CORRUPT
  13: 'disk_full', // FULL
  14: 'unwritable', // CANTOPEN
  26: 'not_a_journal', // NOTADB
};

const BY_ERRNO: Readonly<Record<string, JournalErrorCode>> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EACCES: 'unwritable',
  EPERM: 'unwritable',
  EROFS: 'unwritable',
  ENOTDIR: 'unwritable',
  ENOENT: 'unwritable',
  EEXIST: 'unwritable',
};

const MEANING: Partial<Record<JournalErrorCode, string>> = {
  locked: 'is in use by another process',
  unwritable: 'cannot be written',
  damaged: 'is damaged or cut short',
  disk_full: 'cannot grow: the disk is full',
  not_a_journal: 'is not a journal',
  io_error: 'failed on disk',
};

/** What an error of SQLite or of the file system means for the journal; unknown ones count as I/O errors. */
export function journalErrorOf(error: unknown, file: string): JournalError {
  if (error instanceof JournalError) return error;
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  return new JournalError(code, `journal ${file} ${MEANING[code] ?? 'failed'}: ${text}`, { cause: error });
}

function codeOf(error: unknown): JournalErrorCode {
  const { errcode, code } = error as { errcode?: unknown; code?: unknown };
  if (typeof errcode === 'number') return BY_SQLITE_CODE[errcode & 0xff] ?? 'io_error';
  return (typeof code === 'string' ? BY_ERRNO[code] : undefined) ?? 'io_error';
}
