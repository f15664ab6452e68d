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
  /** The protocol knows no reply to this: it is done when it has been delivered. */
  readonly unanswered?: true;
}

/** The acknowledgement of a protocol, or what it asks for after a message. */
export interface Answer extends Downlink {
  /** The payload instead, when the host could not use something that the dialect let pass (an unknown key). */
  payloadIfRefused?(reason: string): Uint8Array;
}

/**
 * One thing that a message says. `child` is the wire name of a device behind the connection (a gateway speaks for it);
 * absent where the device speaks for itself.
 */
export type Uplink =
  | {
      readonly kind: 'telemetry';
      readonly child?: string;
      /** The part of the device that the keys belong to (`service_id` of Huawei): two parts may use one key. */
      readonly service?: string;
      readonly message: TelemetryMessage;
    }
  | {
      readonly kind: 'event';
      readonly child?: string;
      readonly service?: string;
      readonly message: DeviceEventMessage;
    }
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
  /** The device may be claimed, for so long, by whoever knows the secret. */
  | {
      readonly kind: 'claim';
      readonly child?: string;
      readonly secretKey: string;
      /** ms from now, 1 to 604,800,000 (7 d). */
      readonly durationMs: number;
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
  readonly answers: readonly Answer[];
  /** Who can be sent commands that were refused as `notYet`: children by their wire names, `undefined` for the device itself. */
  readonly ready?: readonly (string | undefined)[];
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
  /** It may be asked again after the device has been `ready`. */
  readonly notYet?: true;
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
  /**
   * A command of an earlier connection still waits for its reply. To be called when the connection has been made, so that a
   * reply which was on its way when the old one broke is not refused as unknown.
   */
  awaitReply?(commandId: string, child?: string): void;
  /** To be published when the connection has been made, or `undefined`: what a host must ask of a device it knows nothing of. */
  greeting?(receivedAt: number): Downlink | undefined;
}

export interface Dialect {
  readonly name: DialectName;
  /**
   * Its topics say `me`, not who: every device uses the same ones. What is meant for one device must be written to its
   * connection, never published to subscribers, and a broker that others run cannot carry the dialect.
   */
  readonly sharedTopics?: true;
  /** Whether the topic (or filter) has the form of this dialect, whoever's it is. */
  isTopic(topic: string): boolean;
  open(deviceId: string, limits: DecodeLimits): DialectSession;
}
