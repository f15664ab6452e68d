import { type ConnectFigures, type IdleFigures } from './connection-comparison.js';
import { type FloodFigures } from './flood-comparison.js';
import { optional, ratio, table, whole } from './table.js';

const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
const mib = (bytes: number | null): string => (bytes === null ? '–' : whole(bytes / 2 ** 20));

export function idleText(figures: readonly IdleFigures[]): string {
  const rows = figures.map(({ server, result }) =>
    result === null
      ? [server, 'failed']
      : [
          server,
          whole(result.connections),
          kib(result.perConnection),
          kib(result.perSubscriber),
          mib(result.residentWarm),
          mib(result.residentAll),
          optional(result.idleCpu === null ? null : result.idleCpu * 100, 1),
        ],
  );
  const head = [
    '',
    'connections',
    'KiB each',
    'KiB each, subscribed',
    'warm MiB',
    'with all MiB',
    'idle CPU %',
  ];
  return [
    'Connections that have nothing to do: resident memory of the server for each one more',
    table([head, ...rows]),
    '  watchfire: default limits; 4 connections a device, from 4 addresses; all signed in with a password, each on record',
  ].join('\n');
}

export function connectsText(figures: readonly ConnectFigures[]): string {
  const rows = figures.map(({ server, result }) =>
    result === null
      ? [server, 'failed']
      : [
          server,
          whole(result.offeredPerSecond),
          whole(result.acceptedPerSecond),
          whole(result.accepted),
          whole(result.refused),
          optional(result.signInP50),
          optional(result.signInP99),
          optional(result.p50),
          optional(result.p99),
          optional(result.max),
          whole(result.missing),
        ],
  );
  const head = ['', 'offered/s', 'accepted/s', 'accepted', 'refused', 'sign-in p50 ms', 'p99 ms'];
  return [
    'Sign-ins all at once, with alarms in between (one every 100 ms)',
    table([[...head, 'alarm p50 ms', 'p99 ms', 'max ms', 'missing'], ...rows]),
    '  watchfire: default limits (connectsPerSecond 1000); password checked and the connection on disk before CONNACK',
  ].join('\n');
}

export function floodText(figures: readonly FloodFigures[]): string {
  const rows = figures.map(({ server, sustainable, result, residentEnd, verification, acknowledged }) =>
    result === null
      ? [server, 'failed']
      : [
          server,
          whole(sustainable),
          whole(result.offeredPerSecond),
          whole(result.acknowledgedPerSecond),
          ratio(result.offeredPerSecond / sustainable),
          whole(result.heldBack),
          optional(result.p50, 0),
          optional(result.p99, 0),
          optional(result.max, 0),
          whole(result.missing),
          [result.residentStart, result.residentMax, residentEnd].map(mib).join(' → '),
          whole(acknowledged),
          verification === null ? '–' : whole(verification.lost),
          verification === null ? '–' : whole(verification.surplus),
        ],
  );
  const head = [
    '',
    'sustainable/s',
    'offered/s',
    'acked/s',
    'offered',
    'held back',
    'alarm p50 ms',
    'p99 ms',
  ];
  const tail = ['max ms', 'missing', 'MiB start → max → end', 'acknowledged', 'lost', 'twice'];
  const counted = figures.flatMap(({ server, refused }) =>
    Object.entries(refused).map(([name, value]) => `  ${server} counted ${name}: ${whole(value)}`),
  );
  return [
    'Flood of telemetry, with alarms in between',
    table([[...head, ...tail], ...rows]),
    ...counted,
  ].join('\n');
}
