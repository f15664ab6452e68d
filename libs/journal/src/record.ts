import type { Command, DeviceConfiguration, PointValue, SampleQuality } from '@watchfire/alarm';

/** `[pointId, value]`, with the quality where it is not good. */
export type SampleTuple =
  | readonly [pointId: string, value: PointValue]
  | readonly [pointId: string, value: PointValue, quality: SampleQuality];

/**
 * Everything that can change an alarm, and everything that was acknowledged to somebody, is one of these, in one order.
 * Stored as JSON with the version `v`; a change of shape is a new version with an upcaster, never an edit.
 */
export type JournalRecord =
  | {
      readonly kind: 'reading';
      readonly deviceId: string;
      readonly receivedAt: number;
      /** Device time, clamped to the receive time by the limits of the gateway. */
      readonly ts: number;
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
  | {
      readonly kind: 'dead-letter';
      readonly deviceId: string | null;
      readonly topic: string;
      readonly code: string;
      readonly message: string;
      /** The whole payload, base64. */
      readonly payload: string;
    }
  | { readonly kind: 'configure'; readonly device: DeviceConfiguration }
  | { readonly kind: 'remove'; readonly deviceId: string; readonly actor: string }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly actor: string;
      readonly comment: string | null;
    }
  /** The server has started: what happened to devices since the record before was not watched. */
  | { readonly kind: 'start' }
  | { readonly kind: 'tick' };

export interface JournalEntry {
  /** Rises by one with every record, from 1. */
  readonly offset: number;
  /** Journal time, epoch ms, never falling. */
  readonly at: number;
  readonly record: JournalRecord;
}
