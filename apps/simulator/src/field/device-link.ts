/** What a device is told about its line. */
export interface LinkEvents {
  /** The server has accepted the device. */
  up(): void;
  /** The line is gone, or never came. Called once for each `connect`. */
  down(reason: string): void;
  /** A message on a topic that the device subscribed to. */
  message(topic: string, payload: Uint8Array): void;
}

/** One device's way to the server; the adapter is the only place that knows MQTT. */
export abstract class DeviceLink {
  /** Tries once; the caller decides when to try again. */
  abstract connect(events: LinkEvents): void;
  /** QoS 1: resolves when the server has acknowledged. Rejects, or stays open, when the line goes before that. */
  abstract publish(topic: string, payload: string): Promise<void>;
  /** Says goodbye, so that the server does not take it for a failure. */
  abstract close(): Promise<void>;
}
