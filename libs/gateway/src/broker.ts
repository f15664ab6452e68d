import { Aedes, type Client, type PublishPacket } from 'aedes';
import { generate } from 'mqtt-packet';
import { BrokerSide } from './broker-side.js';
import { type GatewayLimits } from './limits.js';
import { type Session } from './session.js';

/** What the broker asks. `publish` resolves when the packet may be acknowledged, and rejects when it must not be. */
export interface BrokerDecisions {
  publish(session: Session, packet: PublishPacket): Promise<void>;
  subscribe(session: Session, filter: string, qos: number): boolean;
  forward(session: Session, topic: string): boolean;
  /** The broker delivers to the session from now on what the filters match. */
  subscribed(session: Session): void;
  /** An exception, or a broker error that nobody else is told. */
  failed(where: string, error: unknown): void;
}

/**
 * aedes, reduced to what a front door needs: it keeps subscriptions and delivers the server's own messages; where the splitter
 * is off it also parses and acknowledges publishes. It never sees a client before sign-in, one that only publishes, a will, a
 * persistent session or a keep-alive: those are ours.
 */
export async function createBroker(decisions: BrokerDecisions, limits: GatewayLimits): Promise<Aedes> {
  const broker = await Aedes.createBroker({
    maxTopicLevels: limits.maxTopicLevels,
    maxInflightInbound: limits.maxUnreleased,
    maxClientsIdLength: 65_535,
    drainTimeout: limits.drainTimeoutMs,
    connectTimeout: limits.hookTimeoutMs,

    authenticate: (client, _username, _password, done) => {
      if (sessionOf(client) !== undefined) done(null, true);
      else
        done(Object.assign<Error, { returnCode: 5 }>(new Error('not signed in'), { returnCode: 5 }), false);
    },

    // The only hook that runs before PUBACK and PUBREC.
    authorizePublish: (client, packet, done) => {
      const session = sessionOf(client);
      if (session === undefined) return done(new Error('not signed in'));
      try {
        const work = decisions.publish(session, packet);
        if (packet.qos === 0) {
          work.catch(() => undefined);
          return done();
        }
        work.then(
          () => done(),
          (error: unknown) => done(asError(error)),
        );
      } catch (error) {
        decisions.failed('publish', error);
        done(asError(error));
      }
    },

    authorizeSubscribe: (client, subscription, done) => {
      const session = sessionOf(client);
      // No subscription in the answer is SUBACK 0x80; an error would close the connection.
      if (session === undefined) return done(null, null);
      try {
        done(null, decisions.subscribe(session, subscription.topic, subscription.qos) ? subscription : null);
      } catch (error) {
        decisions.failed('subscribe', error);
        done(null, null);
      }
    },

    authorizeForward: (client, packet) => {
      try {
        const session = sessionOf(client);
        // Only what the server itself publishes is delivered: no device ever hears another.
        const fromDevice = (packet as { clientId?: unknown }).clientId !== undefined;
        if (session === undefined || fromDevice) return null;
        return decisions.forward(session, packet.topic) ? packet : null;
      } catch (error) {
        decisions.failed('forward', error);
        return null;
      }
    },
  });
  broker.on('clientReady', (client) => sideOf(client)?.open());
  broker.on('subscribe', (_subscriptions, client) => {
    const session = sessionOf(client);
    if (session !== undefined) decisions.subscribed(session);
  });
  broker.on('unsubscribe', (filters, client) => {
    for (const filter of filters) sessionOf(client)?.filters.delete(filter);
  });
  broker.on('clientError', (_client, error) => {
    // Malformed packets and lost sockets end here too; those are the client's, and its connection is recorded as lost.
    if (!(error instanceof Error)) decisions.failed('client', error);
  });
  broker.on('connectionError', () => undefined);
  (broker as NodeJS.EventEmitter).on('error', (error: unknown) => decisions.failed('broker', error));
  return broker;
}

/**
 * The CONNECT that the broker gets for a client that has signed in. A clean session, because a command that was queued for an
 * absent device must not fire when it comes back; no will and no keep-alive, because both are judged by the gateway.
 */
export function connectForBroker({ deviceId, clientId }: Session): Uint8Array {
  return generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 0,
    // The broker knows no devices: two of them may have the same client id.
    clientId: `${deviceId}/${clientId}`,
  });
}

function sideOf(client: Client | null): BrokerSide | undefined {
  return client?.conn instanceof BrokerSide ? client.conn : undefined;
}

function sessionOf(client: Client | null): Session | undefined {
  return sideOf(client)?.connection.session;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
