import { type DeviceCommands } from '@watchfire/commands';
import { type FireDialect } from '@watchfire/catalogue';
import { type EngineHost, type SystemClock } from '@watchfire/engine';
import {
  type DeviceDirectory,
  type DirectoryDevice,
  type FireCounters,
  fireOptions,
  FireServer,
} from '@watchfire/gateway';
import { type Journal } from '@watchfire/journal';
import { type Deviation, FIRE_COMMANDS, STANDARD } from '@watchfire/protocol';
import { type Settings } from '@watchfire/settings';
import { type Logger } from 'pino';
import { type DeviceLink } from './device-link.js';
import { listenOn } from './listen.js';

/** What the protocol can say, and what a device of the kind that speaks MQTT may know beside it. */
const UNIT_COMMANDS: readonly string[] = [
  ...FIRE_COMMANDS,
  'silence',
  'reset',
  'self_test',
  'write_attributes',
];

/** Commands that a kind of device takes; `undefined`: the standard ones. */
export const commandsOf = (profile: string): readonly string[] | undefined =>
  profile === 'fire.uitd' ? UNIT_COMMANDS : undefined;

export interface FireDoorParts {
  readonly settings: Settings;
  readonly dialects: ReadonlyMap<string, FireDialect>;
  readonly journal: Journal;
  readonly directory: DeviceDirectory;
  readonly engine: EngineHost;
  readonly clock: SystemClock;
  readonly counters: FireCounters;
  readonly commands: DeviceCommands;
  /** The way of commands to devices. */
  readonly link: DeviceLink;
  readonly log: Logger;
  readonly demo: boolean;
}

export interface FireDoor {
  /** `null`: nothing listens. */
  readonly port: number | null;
  readonly tlsPort: number | null;
  stop(): Promise<void>;
}

/** Opens the door for fire-control rooms, where the settings want one. */
export async function openFireDoor(parts: FireDoorParts): Promise<FireDoor> {
  const { settings, dialects, journal, directory, engine, clock, counters, commands, link, log, demo } =
    parts;
  const { host, port: wanted, udp, tls, pollMinutes, clockLimitSeconds, ...bounds } = settings.fire;
  if (wanted === null && tls.port === null) {
    return { port: null, tlsPort: null, stop: () => Promise.resolve() };
  }
  const server = new FireServer({
    journal,
    directory,
    clock,
    counters,
    commands,
    log,
    deviations: new Map([...dialects].map(([key, { deviation }]) => [key, deviation])),
    remembered: (deviceId) => engine.attributes(deviceId).client,
    options: {
      ...fireOptions,
      ...bounds,
      pollMs: pollMinutes * 60_000,
      clockLimitMs: clockLimitSeconds === null ? null : clockLimitSeconds * 1_000,
    },
    random: Math.random,
  });
  link.open(server);
  const on = { log, nextFree: demo };
  const port =
    wanted === null
      ? null
      : await listenOn({
          ...on,
          what: 'fire-control rooms',
          variable: 'WATCHFIRE_FIRE_PORT',
          port: wanted,
          listen: (tried) => server.listen(tried, host),
        });
  // Devices are told one number.
  if (port !== null && udp) {
    await listenOn({
      log,
      nextFree: false,
      what: 'fire-control rooms over UDP',
      variable: 'WATCHFIRE_FIRE_PORT',
      port,
      listen: (tried) => server.listenUdp(tried, host),
    });
  }
  const { port: tlsWanted, ...files } = tls;
  const tlsPort =
    tlsWanted === null
      ? null
      : await listenOn({
          ...on,
          what: 'fire-control rooms over TLS',
          variable: 'fire.tls.port',
          port: tlsWanted,
          listen: (tried) => server.listenTls(tried, host, files),
        });
  return { port, tlsPort, stop: () => server.stop() };
}

/** How a device speaks; `undefined`: there is none. */
export function deviationOf(
  dialects: ReadonlyMap<string, FireDialect>,
  device: DirectoryDevice | undefined,
): Deviation | undefined {
  return device && (dialects.get(device.dialect)?.deviation ?? STANDARD);
}
