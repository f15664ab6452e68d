export { decodeDeviceEvent, type DecodedDeviceEvent, type DeviceEventMessage } from './device-event.js';
export { decodeLimits, type DecodeLimits } from './limits.js';
export { type Failure, type ProtocolErrorCode, type Refusal } from './refusal.js';
export {
  decodeTelemetry,
  type DecodedTelemetry,
  type DeclaredQuality,
  type Scalar,
  type TelemetryMessage,
} from './telemetry.js';
