import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectResult } from './connect-load.js';
import { type Generator } from './generator.js';
import { type IdleResult } from './idle-load.js';
import { type Credential } from './mqtt-frames.js';
import { type ServerName, type ServerUnderTest } from './servers/server-under-test.js';

export interface ConnectionFigures<Result> {
  readonly server: ServerName;
  readonly result: Result | null;
  readonly errors: readonly string[];
}
export type IdleFigures = ConnectionFigures<IdleResult>;
export type ConnectFigures = ConnectionFigures<ConnectResult>;

export interface ConnectionComparison {
  readonly servers: readonly ServerUnderTest[];
  readonly generator: Generator;
  readonly connections: number;
  readonly progress: (line: string) => void;
}

/** So many, that neither the ports of one address nor a limit for each address is what is measured. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'];
const SETTLE_MS = 10_000;
/** Until the server has seen that everybody has gone. */
const PAUSE_MS = 2_000;
const PROBE_DEVICES = 10;
const CROSSINGS = 10;

/** What a connection costs that has nothing to do. */
export function compareIdle(common: ConnectionComparison): Promise<IdleFigures[]> {
  const { generator, progress, connections } = common;
  return inTurn(common, async (server) => {
    const plan = {
      port: server.mqttPort,
      serverPid: server.pid,
      connections: await connectionsOf(server, connections),
      addresses: ADDRESSES,
      settleMs: SETTLE_MS,
    };
    const result = await generator.idle(plan);
    const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
    progress(
      `  ${server.name.padEnd(10)} ${kib(result.perConnection)} KiB, subscribed ${kib(result.perSubscriber)} KiB`,
    );
    return result;
  });
}

/** How many sign in when all of them come at once, and whether alarms get through meanwhile. */
export function compareConnects(
  common: ConnectionComparison & { readonly perSecond: number },
): Promise<ConnectFigures[]> {
  const { generator, progress, connections, perSecond } = common;
  return inTurn(common, async (server) => {
    if (server.alarmsOf === undefined) throw new Error('This server has no way to an operator.');
    const probes = await server.devices('probe', PROBE_DEVICES);
    const result = await generator.connects({
      port: server.mqttPort,
      connections: await connectionsOf(server, connections),
      addresses: ADDRESSES,
      perSecond,
      probes,
      crossings: CROSSINGS,
      boot: 'connects',
      alarms: await server.alarmsOf(probes),
    });
    progress(
      `  ${server.name.padEnd(10)} ${Math.round(result.acceptedPerSecond)} sign-ins/s, ` +
        `refused ${result.refused}, alarm p99 ${result.p99.toFixed(1)} ms`,
    );
    return result;
  });
}

async function inTurn<Result>(
  { servers, progress }: ConnectionComparison,
  measure: (server: ServerUnderTest) => Promise<Result>,
): Promise<ConnectionFigures<Result>[]> {
  const figures: ConnectionFigures<Result>[] = [];
  for (const server of servers) {
    try {
      figures.push({ server: server.name, result: await measure(server), errors: [] });
    } catch (error) {
      const { message } = error as Error;
      progress(`  ${server.name.padEnd(10)} failed: ${message}`);
      figures.push({ server: server.name, result: null, errors: [message] });
    }
    await sleep(PAUSE_MS);
  }
  return figures;
}

/** Credentials of so many connections: as few devices as the server allows, each with client ids of its own. */
async function connectionsOf(server: ServerUnderTest, count: number): Promise<Credential[]> {
  const devices = await server.devices('many', Math.ceil(count / server.connectionsPerDevice));
  return Array.from({ length: count }, (_, index) => {
    // Round by round, so that the connections of one device do not come at once.
    const device = devices[index % devices.length] as Credential;
    return { ...device, clientId: `${device.clientId}.${Math.floor(index / devices.length)}` };
  });
}
