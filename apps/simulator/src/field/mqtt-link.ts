import { errorsTopic } from '@watchfire/contracts';
import { connect, type MqttClient } from 'mqtt';
import { DeviceLink, type LinkEvents } from './device-link.js';

export interface MqttAccess {
  readonly url: string;
  readonly deviceId: string;
  readonly password: string;
}

const KEEP_ALIVE_SECONDS = 60;
const CONNECT_TIMEOUT_MS = 15_000;

/**
 * An MQTT connection without the client library's own reconnecting: it would send again, as it was, what must be marked
 * as back-filled. So every connection is a client of its own.
 */
export class MqttLink extends DeviceLink {
  #client: MqttClient | undefined;

  constructor(private readonly access: MqttAccess) {
    super();
  }

  connect(events: LinkEvents): void {
    const { url, deviceId, password } = this.access;
    const client = connect(url, {
      clientId: deviceId,
      username: deviceId,
      password,
      clean: true,
      protocolVersion: 4,
      keepalive: KEEP_ALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
    });
    this.#client = client;
    let reason = 'the server closed the connection';
    client.on('connect', () => {
      client.subscribe(errorsTopic(deviceId), { qos: 1 });
      events.up();
    });
    client.on('message', (topic, payload) => events.message(topic, payload));
    client.on('error', (error) => (reason = describe(error)));
    client.once('close', () => {
      if (this.#client === client) this.#client = undefined;
      client.end(true);
      events.down(reason);
    });
  }

  async publish(topic: string, payload: string): Promise<void> {
    if (this.#client === undefined) throw new Error('not connected');
    await this.#client.publishAsync(topic, payload, { qos: 1 });
  }

  close(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return Promise.resolve();
    // A line that goes while the last acknowledgements are waited for ends the wait: end() alone would go on.
    return new Promise((resolve) => {
      client.once('close', () => resolve());
      client.end(false, {}, () => resolve());
    });
  }
}

/** Refused connections on several addresses come as one error without a message of its own. */
function describe(error: Error): string {
  if (error instanceof AggregateError)
    return (error.errors as Error[]).map(({ message }) => message).join('; ');
  return error.message;
}
