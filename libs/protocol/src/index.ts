export { decodeDeviceEvent, type DecodedDeviceEvent, type DeviceEventMessage } from './device-event.js';
export {
  type Answer,
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
export { alibaba } from './dialects/alibaba.js';
export { dialectOfTopic, dialects } from './dialects/all.js';
export { huawei } from './dialects/huawei.js';
export { jetLinks } from './dialects/jet-links.js';
export { MAX_NAME_LENGTH } from './dialects/names.js';
export { oneNet } from './dialects/one-net.js';
export { thingsBoard } from './dialects/things-board.js';
export { watchfire } from './dialects/watchfire.js';
export { decodeLimits, type DecodeLimits } from './limits.js';
export { type Failure, type ProtocolErrorCode, type Refusal } from './refusal.js';
export {
  decodeTelemetry,
  type DecodedTelemetry,
  type DeclaredQuality,
  type Scalar,
  type TelemetryMessage,
} from './telemetry.js';
export { hostState } from './sparkplug/host-state.js';
export { sparkplugLimits, type SparkplugLimits } from './sparkplug/limits.js';
export { type NodeSession } from './sparkplug/node-session.js';
export { openSparkplugNode, sparkplug } from './sparkplug/sparkplug.js';
export { TelemetryScanner, type ScanWindow } from './telemetry-scanner.js';
export { TelemetryShape, type ShapePoint } from './telemetry-shape.js';
export { callbackFormats } from './callbacks/all.js';
export {
  type CallbackEcho,
  type CallbackRefusal,
  type CallbackTaken,
  type IncomingCallback,
} from './callbacks/answer.js';
export {
  type CallbackDistrust,
  type CallbackFormat,
  type CallbackHashes,
  type CallbackItem,
  type CallbackName,
  type CallbackRequest,
  type CallbackTrust,
  type DecodedCallback,
} from './callbacks/callback.js';
export { callbackChild, callbackFormatOfTopic, callbackResult, callbackTopic } from './callbacks/reports.js';
export {
  analogRaw,
  analogReading,
  ANALOG_TYPES,
  type AnalogReading,
  type AnalogScale,
  type AnalogScales,
} from './gb26875/analog.js';
export { decodeAdu, type DecodedAdu, encodeAdu } from './gb26875/adu.js';
export { addressOfParts, addressOfText, addressParts, printedAddress } from './gb26875/component-address.js';
export {
  type AddressForm,
  type Deviation,
  type Habit,
  habitOf,
  timeReading,
  type PrivateType,
  STANDARD,
} from './gb26875/deviation.js';
export { type FieldProblem, Gb26875Error } from './gb26875/errors.js';
export {
  answerTo,
  COMMAND,
  decodeFrame,
  type DecodedFrame,
  encodeFrame,
  type Frame,
  MAX_ADU_BYTES,
  MAX_FRAME_BYTES,
} from './gb26875/frame.js';
export {
  FrameStream,
  type FrameStreamOptions,
  framesOfDatagram,
  type StreamItem,
} from './gb26875/frame-stream.js';
export { countedText, encodeGb18030, type FieldText, fixedText, readText } from './gb26875/gb18030.js';
export {
  type InformationObject,
  kindOfType,
  LAYOUTS,
  type ObjectKind,
  replyKind,
} from './gb26875/layouts.js';
export { type CodeName, type CodeNames, COMPONENT_TYPES, SYSTEM_TYPES } from './gb26875/names.js';
export {
  type FireSignal,
  NORMAL_BIT,
  operationName,
  type OperationKey,
  type OperationOf,
  operationsOf,
  STATUS_BITS,
  type StatusBit,
  type StatusOf,
} from './gb26875/status.js';
export {
  readTimeLabel,
  type TimeCoding,
  type TimeLabel,
  timeLabel,
  type TimeReading,
} from './gb26875/time-label.js';
export {
  DutyChecks,
  type DutyAnswer,
  type DutyCheck,
  type DutyOutcome,
  type DutyVerdict,
} from './gb26875/duty-checks.js';
export {
  exchangeOptions,
  ExchangeTable,
  type ExchangeOptions,
  type ExchangeOutcome,
  type ExchangeRequest,
  type ExchangeSend,
  type ExchangeStep,
} from './gb26875/exchange-table.js';
export { RepeatedFrames } from './gb26875/repeated-frames.js';
export {
  componentStates,
  StateBook,
  systemStates,
  type StateChange,
  type StateEdge,
  type UnitValues,
} from './gb26875/state-book.js';
export { componentName, type FireSubject, type StateObject, subjectKey } from './gb26875/subject.js';
export { FireConversation, type Heard, ourTime, saysFire } from './gb26875/conversation.js';
export { FIRE_COMMANDS, fireRequest, type FireRequest, repliedObjects } from './gb26875/commands.js';
