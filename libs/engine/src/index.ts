export { Clock, SystemClock } from './clock.js';
export { DeadLetterProjection } from './dead-letter-projection.js';
export { engineInput } from './engine-input.js';
export { EngineHost, type CommandOutcome, type EngineHostDependencies } from './engine-host.js';
export { type DeviceAttributes, type DeviceConnection, type LatestValue } from './live-state.js';
export { type StageTimes } from './transition-log.js';
export { type DeliveryFailure, type Pause } from './delivery.js';
export { type Backlog, ConfirmedUpTo, HistoryOutbox, type HistoryOutboxOptions } from './history-outbox.js';
export { type BacklogLimits, BacklogWatch } from './backlog-watch.js';
