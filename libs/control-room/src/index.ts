export { createControlRoom, type ControlRoom } from './control-room.js';
export { ControlRoomModule } from './control-room.module.js';
export {
  DEFAULT_FIGURES,
  DEFAULT_LIMITS,
  type CommandsOf,
  type CallbackDoor,
  type ControlRoomDependencies,
  type ControlRoomLimits,
  type ControlRoomSettings,
  type DeadLetterReplay,
  type FigureSettings,
  type ReplayAnswer,
} from './dependencies.js';
export { type MetricReading, type MetricSource } from './health/metrics.js';
