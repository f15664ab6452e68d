export {
  Journal,
  type Follower,
  type Following,
  type JournalHealth,
  type JournalStats,
  type Receipt,
  type SavedState,
} from './journal.js';
export { type JournalEntry, type JournalRecord, type SampleTuple } from './record.js';
