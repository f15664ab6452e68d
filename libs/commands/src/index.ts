export { CommandCarrier, type HandOver } from './command-carrier.js';
export { type CommandStore } from './command-projection.js';
export {
  DeviceCommands,
  MOST_OPEN_COMMANDS,
  type DeviceCommandsDependencies,
  type NewDeviceCommand,
} from './device-commands.js';
export { CommandRefused, type CommandRefusalCode } from './errors.js';
export { SystemTimers, Timers, type CommandClock } from './time.js';
