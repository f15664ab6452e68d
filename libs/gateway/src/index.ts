export { FireCounters } from './fire/fire-counters.js';
export { type FireDeskDependencies } from './fire/fire-desk.js';
export { fireOptions, type FireOptions } from './fire/fire-options.js';
export { FireServer } from './fire/fire-server.js';
export { type DeviceListening } from './delivery.js';
export { GatewayCounters, type CountByCode } from './counters.js';
export {
  DeviceDirectory,
  directoryDevice,
  type DirectoryCredential,
  type DirectoryDevice,
  type DirectoryListener,
  type DirectoryPoint,
  type ProfileShape,
} from './directory.js';
export { ExternalBrokerGateway, type ExternalBrokerOptions } from './external-broker.js';
export { FailureBudget } from './failure-budget.js';
export {
  Intake,
  type CommandReplies,
  type DeadLetter,
  type IncomingMessage,
  type IntakeDependencies,
  type IntakeResult,
} from './intake.js';
export { gatewayLimits, type GatewayLimits } from './limits.js';
export { MqttGateway, type GatewayClock, type GatewayDependencies } from './mqtt-gateway.js';
export {
  PlatformCallbacks,
  type CallbackEvents,
  type CallbackIntegration,
  type PlatformCallbacksDependencies,
} from './platform-callbacks.js';
export { type IntakeRefusal } from './reading.js';
export { type GatewayLog } from './refusal-log.js';
export { Repeats } from './repeats.js';
export { Speaker } from './speaker.js';
export { type VerifyCredential } from './sign-in.js';
export { TlsFilesError, type TlsOptions } from './tls-door.js';
