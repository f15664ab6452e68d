import { type DeviceEventMessage } from './device-event.js';
import { type DecodeLimits } from './limits.js';
import { type Refusal } from './refusal.js';
import { type Scalar, type TelemetryMessage } from './telemetry.js';

export type DialectName =
  'watchfire' | 'thingsboard' | 'sparkplug' | 'jetlinks' | 'alibaba' | 'huawei' | 'onenet';

/** A message for the device, to be published by the server. */
export interface Downlink {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/**
 * One thing that a message says. `child` is the wire name of a device behind the connection (a gateway speaks for it);
 * absent where the device speaks for itself.
 */
export type Uplink =
  | { readonly kind: 'telemetry'; readonly child?: string; readonly message: TelemetryMessage }
  | { readonly kind: 'event'; readonly child?: string; readonly message: DeviceEventMessage }
  | {
      readonly kind: 'attributes';
      readonly child?: string;
      readonly attributes: Readonly<Record<string, Scalar>>;
    }
  /** The answer to a command, by the id that the command was given at the API. */
  | {
      readonly kind: 'command-reply';
      readonly child?: string;
      readonly commandId: string;
      readonly ok: boolean;
      readonly data?: unknown;
    }
  /** A child came or went, as its gateway says. */
  | {
      readonly kind: 'presence';
      readonly child: string;
      readonly connected: boolean;
      readonly reason: string;
    }
  /** The device asks for attributes; the answer is published when they are known. */
  | {
      readonly kind: 'attributes-request';
      readonly child?: string;
      readonly answer: (attributes: DeviceAttributes) => Downlink;
    }
  /** Understood, and of no use here (firmware progress, log lines): counted, acknowledged, not kept. */
  | { readonly kind: 'ignored'; readonly what: string };

export interface DeviceAttributes {
  /** Reported by the device. */
  readonly client: Readonly<Record<string, Scalar>>;
  /** Written to the device by the server. */
  readonly shared: Readonly<Record<string, Scalar>>;
}

export interface DialectResult {
  readonly uplinks: readonly Uplink[];
  /** What of the message is unusable; with no uplinks, all of it. */
  readonly refusals: readonly Refusal[];
  /** Published to the device after everything of the message is on disk: acknowledgements of its protocol, requests. */
  readonly answers: readonly Downlink[];
}

/** A command on its way down, as `POST /devices/{id}/commands` took it. */
export interface CommandMessage {
  readonly commandId: string;
  readonly command: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Epoch ms; the server never sends it later, and dialects that can carry it do. */
  readonly expires: number;
}

export interface CommandRefusal {
  readonly refused: string;
}

/** One connection of one device, speaking this dialect. Holds what its protocol must remember; pure, no clock. */
export interface DialectSession {
  /** `undefined`: not a topic that this device may publish on. Never throws, whatever the bytes. */
  receive(topic: string, payload: Uint8Array, receivedAt: number): DialectResult | undefined;
  /** Whether the device may subscribe to the filter: to what is meant for itself, and to nothing else. */
  mayHear(filter: string): boolean;
  /** Whether a message of the server on this topic is meant for the device. */
  isForDevice(topic: string): boolean;
  /** `child` as in `Uplink`. */
  command(command: CommandMessage, child?: string): Downlink | CommandRefusal;
  /** To be published when the connection has been made, or `undefined`: what a host must ask of a device it knows nothing of. */
  greeting?(receivedAt: number): Downlink | undefined;
}

export interface Dialect {
  readonly name: DialectName;
  /** Whether the topic (or filter) has the form of this dialect, whoever's it is. */
  isTopic(topic: string): boolean;
  open(deviceId: string, limits: DecodeLimits): DialectSession;
}
