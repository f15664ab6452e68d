import { gatewayLimits, type GatewayLimits } from '@watchfire/gateway';
import { type Settings } from '@watchfire/settings';

/** The bounds of the front door as they were configured; the rest are its own. */
export function limitsOf(settings: Settings['mqtt']): GatewayLimits {
  return {
    ...gatewayLimits,
    maxConnections: settings.maxConnections,
    maxConnectionsPerAddress: settings.maxConnectionsPerAddress,
    maxConnectionsPerDevice: settings.maxConnectionsPerDevice,
    connectsPerSecond: settings.connectsPerSecond,
    signInsPerDevicePerSecond: settings.signInsPerDevicePerSecond,
    signInFailuresPerMinute: settings.signInFailuresPerMinute,
    maxPacketBytes: settings.maxPacketBytes,
    maxInflight: settings.maxInflight,
    maxTopicLevels: settings.maxTopicLevels,
    maxFiltersPerClient: settings.maxFiltersPerClient,
    maxKeepaliveSeconds: settings.maxKeepaliveSeconds,
    telemetryPerSecond: settings.telemetryPerSecond,
    deadLettersPerSecond: settings.deadLettersPerSecond,
    errorAnswersPerSecond: settings.errorAnswersPerSecond,
    maxLateMs: settings.maxLateSeconds * 1_000,
    maxAheadMs: settings.maxAheadSeconds * 1_000,
  };
}
