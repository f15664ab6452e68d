/** Topics of the own dialect, `watchfire/v1/devices/{deviceId}/…`. */
export const TOPIC_ROOT = 'watchfire/v1/devices';

/** Device and point ids: what a topic level, a URL and a line of InfluxDB can carry unescaped. */
export const DEVICE_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
export const POINT_KEY_PATTERN = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

export const POINT_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.[A-Za-z][A-Za-z0-9_]{0,63}$/;

export const telemetryTopic = (deviceId: string): string => `${TOPIC_ROOT}/${deviceId}/telemetry`;
export const eventsTopic = (deviceId: string): string => `${TOPIC_ROOT}/${deviceId}/events`;
export const errorsTopic = (deviceId: string): string => `${TOPIC_ROOT}/${deviceId}/errors`;

/** A point's id is its device's id and its key: readable in a log, stable over restarts and exports. */
export const pointIdOf = (deviceId: string, key: string): string => `${deviceId}.${key}`;

/** One telemetry message of the own dialect; a message may also be an array of these, oldest first. */
export interface TelemetryMessage {
  readonly values: Readonly<Record<string, number | boolean | string>>;
  /** Device clock, ms since 1970. */
  readonly ts?: number;
  /** Rises by one with each message of one `boot`. */
  readonly seq?: number;
  readonly boot?: string | number;
  /** True for back-filled data: history, no siren. */
  readonly hist?: boolean;
  readonly quality?: Readonly<Record<string, 'good' | 'uncertain' | 'bad'>>;
}

export interface DeviceEventMessage {
  readonly event: string;
  readonly ts?: number;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Answer on the `errors` topic to everything that was refused. */
export interface ErrorMessage {
  readonly code: string;
  readonly message: string;
  readonly topic: string;
  readonly at: number;
  /** The first 256 bytes, as UTF-8 with replacement characters. */
  readonly payload: string;
}
