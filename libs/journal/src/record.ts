import type {
  Command,
  ConfigurationChange,
  DeviceConfiguration,
  LoadLimits,
  PointValue,
  SampleQuality,
} from '@watchfire/alarm';
import type { ReadingColumns } from '@watchfire/readings';

/** `[pointId, value]`, with the quality where it is not good. */
export type SampleTuple =
  | readonly [pointId: string, value: PointValue]
  | readonly [pointId: string, value: PointValue, quality: SampleQuality];

/**
 * Everything that can change an alarm, and everything that was acknowledged to somebody, is one of these, in one order.
 * Stored as JSON, readings that came in columns excepted; a change of shape is a new kind or an optional member, never an edit.
 */
export type JournalRecord =
  | {
      readonly kind: 'reading';
      readonly deviceId: string;
      readonly receivedAt: number;
      /** Device time, clamped to the receive time by the limits of the gateway. */
      readonly ts: number;
      /** What the clock of the device said, where it was not believed: then it is not `ts`. */
      readonly deviceTime?: number;
      readonly seq?: number;
      readonly boot?: string;
      readonly hist?: true;
      readonly samples: readonly SampleTuple[];
    }
  | {
      readonly kind: 'event';
      readonly deviceId: string;
      readonly receivedAt: number;
      readonly ts: number;
      /** What the clock of the device said, where that is not `ts`. */
      readonly deviceTime?: number;
      readonly event: string;
      readonly data?: Readonly<Record<string, unknown>>;
      /** What the event says of points, by the device's profile. */
      readonly samples: readonly SampleTuple[];
    }
  | {
      readonly kind: 'connection';
      readonly deviceId: string;
      readonly connected: boolean;
      /** `connect`, `disconnect`, `connection_lost`, `keepalive_timeout`, `taken_over`, `server_start`, … */
      readonly reason: string;
      readonly clientId?: string;
      readonly address?: string;
    }
  /** The device has confirmed that its clock was set. */
  | { readonly kind: 'clock-set'; readonly deviceId: string }
  | {
      readonly kind: 'dead-letter';
      readonly deviceId: string | null;
      readonly topic: string;
      readonly code: string;
      readonly message: string;
      /** The whole payload, base64. */
      readonly payload: string;
      /** Names in it for which no device is registered behind `deviceId`. */
      readonly unknownChildren?: readonly string[];
    }
  | {
      readonly kind: 'configure';
      readonly device: DeviceConfiguration;
      /** Who changed its rules, and why. */
      readonly change?: ConfigurationChange;
    }
  | { readonly kind: 'remove'; readonly deviceId: string; readonly actor: string }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly actor: string;
      readonly comment: string | null;
    }
  /** A command for a device, accepted from a person: it may be sent until `expires`, and never after. */
  | {
      readonly kind: 'device-command';
      readonly commandId: string;
      readonly deviceId: string;
      readonly command: string;
      readonly params: Readonly<Record<string, unknown>>;
      readonly actor: string;
      readonly reason: string;
      /** Epoch ms. */
      readonly expires: number;
      /** How long after it was sent its reply is waited for. */
      readonly replyTimeoutMs: number;
    }
  /** What became of it. `sent` is journalled before the first byte goes out. */
  | {
      readonly kind: 'device-command-event';
      readonly commandId: string;
      readonly deviceId: string;
      readonly event: DeviceCommandEvent;
      /** The device's answer, or why it was not sent. */
      readonly data?: unknown;
      readonly message?: string;
    }
  /** What a device says of itself besides telemetry: firmware, serial number, settings. The newest value of a name counts. */
  | {
      readonly kind: 'attributes';
      readonly deviceId: string;
      readonly receivedAt: number;
      readonly attributes: Readonly<Record<string, PointValue>>;
    }
  /** The server has started: what happened to devices since the record before was not watched. */
  | {
      readonly kind: 'start';
      /** What nobody has acknowledged is announced again; older versions did not ask for it. */
      readonly restate?: true;
      /** What counts as a flood, as chattering and as fleeting from now on; older versions did not look for any. */
      readonly load?: LoadLimits;
    }
  /** The server says of itself that it works with less than it should (`active`), or that this is over: once for each. */
  | {
      readonly kind: 'server-condition';
      readonly name: string;
      readonly active: boolean;
      readonly message: { readonly zh: string; readonly en: string };
    }
  | { readonly kind: 'tick' };

export interface JournalEntry {
  /** Rises by one with every record, from 1. */
  readonly offset: number;
  /** Journal time, epoch ms, never falling. */
  readonly at: number;
  readonly record: JournalRecord;
}

/**
 * `sent`: handed to the connection of the device. `succeeded`, `failed`: the device's own answer. `timed-out`: sent, and no answer
 * in time; whether it was executed is unknown. `undelivered`: not one byte of it went out after all, so it waits again.
 * `expired`: never sent. `cancelled`: by a person, before it was sent. `refused`: the device's dialect cannot say it.
 */
export type DeviceCommandEvent =
  'sent' | 'undelivered' | 'succeeded' | 'failed' | 'timed-out' | 'expired' | 'cancelled' | 'refused';

/** Readings that were appended together: the first has the offset `offset`, the next `offset + 1`, and so on. */
export interface JournalReadings {
  readonly offset: number;
  readonly at: number;
  readonly readings: ReadingColumns;
}

/** What followers are given: most readings in columns, and everything else as it was appended. */
export type JournalPart = JournalEntry | JournalReadings;
