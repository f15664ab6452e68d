import { type JournalRecord, type SampleTuple } from '@watchfire/journal';
import { type DeviceEventMessage, type TelemetryMessage } from '@watchfire/protocol';
import { type DirectoryDevice, type DirectoryPoint } from './directory.js';
import { type GatewayLimits } from './limits.js';

export type ReadingRecord = Extract<JournalRecord, { kind: 'reading' }>;
type EventRecord = Extract<JournalRecord, { kind: 'event' }>;

/** Something of a message that is not used, with the stable code of `docs/errors.md`. */
export interface IntakeRefusal {
  readonly code: string;
  readonly message: string;
  /** Of `unknown_child`: what the gateway calls the device that nobody knows. */
  readonly child?: string;
}

export interface Interpreted<Record> {
  /** Absent when nothing of the message is usable. */
  readonly record?: Record;
  readonly refusals: readonly IntakeRefusal[];
  readonly clockRefused: boolean;
}

/** A telemetry message as a record of the journal: keys become points, device time is believed or not. Pure. */
export function toReading(
  message: TelemetryMessage,
  device: DirectoryDevice,
  receivedAt: number,
  limits: GatewayLimits,
  service?: string,
): Interpreted<ReadingRecord> {
  const maxLateMs = message.hist ? limits.maxHistoricalLateMs : limits.maxLateMs;
  const time = believedTime(message, receivedAt, { maxLateMs, maxAheadMs: limits.maxAheadMs });
  const refusals: IntakeRefusal[] = [];
  const samples: SampleTuple[] = [];
  for (const key of Object.keys(message.values)) {
    const value = message.values[key];
    const point = device.points.get(pointKey(device, key, service));
    if (value === undefined) continue;
    const refusal = point === undefined ? unknownPoint(key) : unusable(key, value, point);
    if (refusal !== undefined) refusals.push(refusal);
    else if (point !== undefined) {
      samples.push(sample(point, value, message.quality[key] ?? (time.refused ? 'uncertain' : undefined)));
    }
  }
  if (samples.length === 0) return { refusals, clockRefused: time.refused };
  const record: ReadingRecord = {
    kind: 'reading',
    deviceId: device.deviceId,
    receivedAt,
    ts: time.ts,
    ...(message.ts !== undefined && message.ts !== time.ts ? { deviceTime: message.ts } : {}),
    ...(message.seq === undefined ? {} : { seq: message.seq }),
    ...(message.boot === undefined ? {} : { boot: message.boot }),
    ...(message.hist ? { hist: true as const } : {}),
    samples,
  };
  return { record, refusals, clockRefused: time.refused };
}

/** What the device calls `key`, in a part of it where it has parts, is this point of its profile. */
function pointKey({ keys }: DirectoryDevice, key: string, service: string | undefined): string {
  if (keys.size === 0) return key;
  const inService = service === undefined ? undefined : keys.get(`${service}.${key}`);
  return inService ?? keys.get(key) ?? key;
}

/** A device event as a record of the journal, with what it says of points by the device's profile. Pure. */
export function toEvent(
  message: DeviceEventMessage,
  device: DirectoryDevice,
  receivedAt: number,
  limits: GatewayLimits,
): Interpreted<EventRecord> {
  const values = device.events.get(message.event);
  if (values === undefined) {
    const refusal = { code: 'unknown_event', message: `the profile has no event ${message.event}` };
    return { refusals: [refusal], clockRefused: false };
  }
  const time = believedTime(message, receivedAt, limits);
  const samples: SampleTuple[] = [];
  for (const [key, value] of values) {
    const point = device.points.get(key);
    if (point !== undefined) samples.push(sample(point, value, time.refused ? 'uncertain' : undefined));
  }
  const record: EventRecord = {
    kind: 'event',
    deviceId: device.deviceId,
    receivedAt,
    ts: time.ts,
    event: message.event,
    ...(message.data === undefined ? {} : { data: message.data }),
    samples,
  };
  return { record, refusals: [], clockRefused: time.refused };
}

function sample(
  point: DirectoryPoint,
  value: number | boolean | string,
  quality: 'uncertain' | 'bad' | undefined,
): SampleTuple {
  return quality === undefined ? [point.pointId, value] : [point.pointId, value, quality];
}

/** A time outside the window says that the device's clock is wrong, not that the value is. */
function believedTime(
  message: { readonly ts?: number; readonly tsUnusable?: true },
  receivedAt: number,
  window: { readonly maxLateMs: number; readonly maxAheadMs: number },
): { readonly ts: number; readonly refused: boolean } {
  const { ts } = message;
  if (ts === undefined) return { ts: receivedAt, refused: message.tsUnusable === true };
  const believed = ts >= receivedAt - window.maxLateMs && ts <= receivedAt + window.maxAheadMs;
  return believed ? { ts, refused: false } : { ts: receivedAt, refused: true };
}

function unknownPoint(key: string): IntakeRefusal {
  return { code: 'unknown_point', message: `the device's profile has no point ${key}` };
}

function unusable(
  key: string,
  value: number | boolean | string,
  { type, min, max }: DirectoryPoint,
): IntakeRefusal | undefined {
  if (typeof value !== type) return { code: 'wrong_type', message: `${key} must be a ${type}` };
  if (typeof value !== 'number') return undefined;
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) {
    return { code: 'out_of_range', message: `${key} is ${value}, outside ${min ?? '-∞'} to ${max ?? '∞'}` };
  }
  return undefined;
}
