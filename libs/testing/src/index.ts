export {
  ALARM_POINTS,
  alarmAct,
  type AlarmAct,
  alarmDevice,
  alarmHistory,
  coveredHistory,
  engineInputOf,
} from './alarm-histories.js';
export { historyContract } from './history-contract.js';
export { type Bucket, bucketsOf, expectBuckets, sampleModel } from './history-model.js';
export { inForm, SAMPLE_FORMS, type SampleForm } from './history-forms.js';
export { alarmOf, type HistoryUnderTest, sampleOf, T0 } from './history-subject.js';
export { journalContract, type JournalFixture, type JournalFixtureOptions } from './journal-contract.js';
export { ManualClock } from './manual-clock.js';
export { deviceWith, duration, Timeline, TIMELINE_START, type ReadingOptions } from './timeline.js';
export { TemporaryRegistry } from './temporary-registry.js';
