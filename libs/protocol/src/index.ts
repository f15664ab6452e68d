export { decodeDeviceEvent, type DecodedDeviceEvent, type DeviceEventMessage } from './device-event.js';
export {
  type CommandMessage,
  type CommandRefusal,
  type DeviceAttributes,
  type Dialect,
  type DialectName,
  type DialectResult,
  type DialectSession,
  type Downlink,
  type Uplink,
} from './dialect.js';
export { decodeLimits, type DecodeLimits } from './limits.js';
export { type Failure, type ProtocolErrorCode, type Refusal } from './refusal.js';
export {
  decodeTelemetry,
  type DecodedTelemetry,
  type DeclaredQuality,
  type Scalar,
  type TelemetryMessage,
} from './telemetry.js';
