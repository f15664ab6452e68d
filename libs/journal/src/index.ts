export { startCommitThread, type CommitThread } from './commit-thread.js';
export { JournalError, type AppendOutcome, type JournalErrorCode } from './errors.js';
export {
  Journal,
  type Follower,
  type Following,
  type JournalHealth,
  type JournalStats,
  type Receipt,
  type SavedState,
} from './journal.js';
export { type CopyOptions, type JournalCopy, settleJournalCopy } from './journal-copy.js';
export { entriesOf, lastOffset, partsWithin } from './journal-parts.js';
export {
  type DeviceCommandEvent,
  type JournalEntry,
  type JournalPart,
  type JournalReadings,
  type JournalRecord,
  type SampleTuple,
} from './record.js';
export { type PinnedFile } from './pinned-file.js';
export { SqliteJournal, type SqliteJournalOptions } from './sqlite-journal.js';
export { type JournalGap, type JournalProgress } from './store-protocol.js';
