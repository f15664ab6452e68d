export {
  History,
  type AggregateFunction,
  type AlarmEventRange,
  type AlarmHistoryQuery,
  type HistoryAlarm,
  type HistoryAlarmEvent,
  type HistoryBatch,
  type HistoryGap,
  type HistoryHealth,
  type HistorySample,
  type RetentionLimits,
  type SampleColumns,
} from './history.js';
export { checkHistoryCopy } from './history-copy.js';
export { HistoryError, type HistoryErrorCode } from './history-error.js';
export { type HistoryLog } from './history-log.js';
export {
  CombinedHistory,
  type CombinedHistoryOptions,
  type Confirmed,
  type LocalSince,
  type LocalSinceStore,
} from './combined-history.js';
export { EmbeddedHistory, type EmbeddedHistoryOptions, type PinnedFile } from './embedded-history.js';
export { InfluxHistory, type HistoryCursorStore, type InfluxHistoryOptions } from './influx-history.js';
export { bucketLine, type BucketLine } from './influx/bucket-lines.js';
export { sampleLine } from './influx/line-protocol.js';
export { type LineOrigin, type RefusedLine } from './influx/line-origins.js';
export { type OnRefused } from './influx/line-writer.js';
export { type RetentionDays } from './influx/provision.js';
export { type RollUpStore } from './influx/roll-ups.js';
