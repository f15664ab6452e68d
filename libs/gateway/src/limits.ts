import { decodeLimits, type DecodeLimits } from '@watchfire/protocol';

/** Every bound of the front door. What is above one is refused or made to wait, and counted. */
export interface GatewayLimits {
  readonly maxConnections: number;
  /** Districts behind one NAT share an address: generous. */
  readonly maxConnectionsPerAddress: number;
  readonly maxConnectionsPerDevice: number;
  /** New connections; above it they wait, in order, and are refused when they would wait past `firstPacketMs`. */
  readonly connectsPerSecond: number;
  /** Sign-ins of one device, take-overs included: two units with one credential must not keep the server busy. */
  readonly signInsPerDevicePerSecond: number;
  /**
   * Wrong credentials from one address, or for one name, as many at once as in a quarter of a minute. Above it the answer is
   * delayed, up to `maxFailureDelayMs`; whoever has the right credential never waits.
   */
  readonly signInFailuresPerMinute: number;
  readonly maxFailureDelayMs: number;
  /** From the connection to a complete CONNECT; on the TLS port for the handshake, and again for the CONNECT. */
  readonly firstPacketMs: number;
  readonly maxConnectBytes: number;
  /** One MQTT packet with its fixed header, after CONNECT. */
  readonly maxPacketBytes: number;
  /** A longer keep-alive, or none, is judged as this one. */
  readonly maxKeepaliveSeconds: number;
  /** UTF-16 code units; 23 for MQTT 3.1, as its standard says. */
  readonly maxClientIdLength: number;
  /** Publishes of one connection between its socket and the disk; the rest waits in the socket. */
  readonly maxInflight: number;
  /** The same in bytes of their packets; one packet may always be under way. */
  readonly maxInflightBytes: number;
  /** QoS 2 publishes of one connection between PUBREC and PUBREL; above it the connection is closed. */
  readonly maxUnreleased: number;
  readonly maxTopicLevels: number;
  readonly maxFiltersPerClient: number;
  /** A subscriber that takes nothing for so long is cut off. */
  readonly drainTimeoutMs: number;
  /** A subscriber with more than this unsent is cut off. */
  readonly maxOutboundBytes: number;
  /** A publish that is not on disk, or a sign-in not decided, by then: the connection is closed, without an acknowledgement. */
  readonly hookTimeoutMs: number;
  /** For in-flight readings and closing sockets at `stop`. */
  readonly stopTimeoutMs: number;
  /** Telemetry messages of one device over all its connections; above it, its connection is not read for a while. */
  readonly telemetryPerSecond: number;
  /** Answers on the `errors` topic of one device; what is above it is counted. */
  readonly errorAnswersPerSecond: number;
  /** Dead letters of one device, each 4 kB of a longer one counted; above it, its acknowledgements wait. */
  readonly deadLettersPerSecond: number;
  /** How far a device time may lie behind the receive time. */
  readonly maxLateMs: number;
  /** The same for messages marked `hist`. */
  readonly maxHistoricalLateMs: number;
  /** How far a device time may lie ahead of the receive time. */
  readonly maxAheadMs: number;
  readonly decode: DecodeLimits;
}

export const gatewayLimits: GatewayLimits = {
  maxConnections: 20_000,
  maxConnectionsPerAddress: 5_000,
  maxConnectionsPerDevice: 4,
  connectsPerSecond: 1_000,
  signInsPerDevicePerSecond: 2,
  signInFailuresPerMinute: 60,
  maxFailureDelayMs: 5_000,
  firstPacketMs: 10_000,
  maxConnectBytes: 4_096,
  maxPacketBytes: 262_144,
  maxKeepaliveSeconds: 1_200,
  maxClientIdLength: 128,
  maxInflight: 200,
  maxInflightBytes: 1_048_576,
  maxUnreleased: 5_000,
  maxTopicLevels: 10,
  maxFiltersPerClient: 10,
  drainTimeoutMs: 5_000,
  maxOutboundBytes: 65_536,
  hookTimeoutMs: 10_000,
  stopTimeoutMs: 5_000,
  telemetryPerSecond: 5_000,
  errorAnswersPerSecond: 5,
  deadLettersPerSecond: 50,
  maxLateMs: 86_400_000,
  maxHistoricalLateMs: 400 * 86_400_000,
  maxAheadMs: 60_000,
  decode: decodeLimits,
};
