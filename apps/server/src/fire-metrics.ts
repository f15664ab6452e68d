import { type MetricSource } from '@watchfire/control-room';
import { type CountByCode, type FireCounters } from '@watchfire/gateway';

/** What the door for fire-control rooms counts. */
export function fireSources(counters: FireCounters): MetricSource[] {
  const single = (
    kind: MetricSource['kind'],
    name: string,
    help: string,
    read: () => number,
  ): MetricSource => ({ name: `watchfire_fire_${name}`, help, kind, read });
  const byCode = (name: string, help: string, label: string, counts: CountByCode): MetricSource => ({
    name: `watchfire_fire_${name}`,
    help,
    kind: 'counter',
    labels: [label],
    read: () => Object.entries(counts).map(([code, value]) => ({ labels: { [label]: code }, value })),
  });
  return [
    single('gauge', 'connections', 'Connections of fire-control rooms.', () => counters.connections),
    single('gauge', 'tls_connections', 'Those of them over TLS.', () => counters.tlsConnections),
    single('counter', 'tls_handshakes_total', 'TLS handshakes that were done.', () => counters.tlsHandshakes),
    single('gauge', 'udp_lines', 'Addresses devices speak from over UDP.', () => counters.datagramLines),
    single('counter', 'datagrams_total', 'Datagrams that came.', () => counters.datagrams),
    byCode('datagrams_dropped_total', 'Datagrams not read.', 'reason', counters.datagramsDropped),
    single(
      'counter',
      'datagrams_withheld_total',
      'Not sent: more bytes than came from there.',
      () => counters.datagramsWithheld,
    ),
    byCode('refused_total', 'Connections turned away.', 'reason', counters.connectionsRefused),
    byCode('closed_total', 'Connections ended.', 'reason', counters.connectionsClosed),
    byCode('frames_total', 'Frames, by what they meant.', 'means', counters.frames),
    single('counter', 'journalled_total', 'Frames on disk.', () => counters.journalled),
    byCode('check_errors_total', 'Frames with a check error.', 'reason', counters.checkErrors),
    single('counter', 'garbage_bytes_total', 'Bytes between frames.', () => counters.garbageBytes),
    byCode('unanswered_total', 'Frames not used and not answered.', 'reason', counters.unanswered),
    byCode('polls_total', 'Questions of the poll, by how they ended.', 'result', counters.polls),
    byCode('clock_syncs_total', 'Clocks set because they were wrong.', 'result', counters.clockSyncs),
    single('gauge', 'not_answering', 'Devices that do not answer the poll.', () => counters.notAnswering),
    byCode('journal_failures_total', 'Frames not taken, not answered.', 'code', counters.journalFailures),
    byCode('internal_errors_total', 'Exceptions caught: defects.', 'where', counters.internalErrors),
  ];
}
