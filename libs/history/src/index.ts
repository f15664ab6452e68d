export {
  History,
  type AggregateFunction,
  type AlarmHistoryQuery,
  type HistoryAlarm,
  type HistoryAlarmEvent,
  type HistoryBatch,
  type HistoryHealth,
  type HistorySample,
} from './history.js';
