export { journalContract, type JournalFixture, type JournalFixtureOptions } from './journal-contract.js';
export { ManualClock } from './manual-clock.js';
