export { decodeReadings, encodedBytes, encodeReadings } from './binary.js';
export { ReadingBuilder, type ReadingHeader } from './builder.js';
export {
  HAS_DEVICE_TIME,
  HISTORICAL,
  IS_BOOLEAN,
  IS_NUMBER,
  IS_TEXT,
  NO_BOOT,
  QUALITIES,
  sampleValue,
  samplesBegin,
  slice,
  TIME_REFUSED,
  type Quality,
  type ReadingColumns,
  type Value,
} from './columns.js';
export { SequenceWindow, type SequenceState } from './sequence-window.js';
export { ReadingSource } from './source.js';
export { NONE, SourcePlaces } from './source-places.js';
