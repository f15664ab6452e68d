export { historyContract, type HistoryUnderTest } from './history-contract.js';
export { journalContract, type JournalFixture, type JournalFixtureOptions } from './journal-contract.js';
export { ManualClock } from './manual-clock.js';
export { deviceWith, duration, Timeline, TIMELINE_START, type ReadingOptions } from './timeline.js';
export { TemporaryRegistry } from './temporary-registry.js';
