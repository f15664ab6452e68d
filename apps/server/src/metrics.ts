import { type Commissioning } from '@watchfire/commissioning';
import { type MetricReading, type MetricSource } from '@watchfire/control-room';
import { type InfluxHealth } from '@watchfire/contracts';
import { type EngineHost, type SystemClock } from '@watchfire/engine';
import { type CountByCode, type FireCounters, type GatewayCounters } from '@watchfire/gateway';
import { type Journal } from '@watchfire/journal';
import { fireSources } from './fire-metrics.js';

export interface MeasuredParts {
  readonly counters: GatewayCounters;
  readonly fireCounters: FireCounters;
  readonly journal: Journal;
  readonly engine: EngineHost;
  readonly commissioning: Commissioning;
  readonly clock: SystemClock;
  /** Absent where the history is on this machine alone. */
  readonly influx: (() => InfluxHealth) | undefined;
}

/** Every figure of the server's parts: what was taken, what was refused and why, and how far each part is behind. */
export function metricSources({
  counters,
  fireCounters,
  journal,
  engine,
  commissioning,
  clock,
  influx,
}: MeasuredParts): MetricSource[] {
  const counter = (name: string, help: string, read: () => number): MetricSource => ({
    name: `watchfire_${name}`,
    help,
    kind: 'counter',
    read,
  });
  const gauge = (name: string, help: string, read: () => number): MetricSource => ({
    name: `watchfire_${name}`,
    help,
    kind: 'gauge',
    read,
  });
  const byCode = (name: string, help: string, label: string, counts: CountByCode): MetricSource => ({
    name: `watchfire_${name}`,
    help,
    kind: 'counter',
    labels: [label],
    read: () =>
      Object.entries(counts).map(([code, value]): MetricReading => ({ labels: { [label]: code }, value })),
  });
  return [
    gauge('mqtt_connections', 'MQTT connections that are open.', () => counters.connections),
    counter('mqtt_connections_total', 'MQTT connections accepted.', () => counters.connectionsAccepted),
    byCode('mqtt_refused_total', 'MQTT connections turned away.', 'reason', counters.connectionsRefused),
    byCode('mqtt_closed_total', 'MQTT connections ended.', 'reason', counters.connectionsClosed),
    byCode(
      'mqtt_subscriptions_refused_total',
      'Subscriptions refused.',
      'reason',
      counters.subscriptionsRefused,
    ),
    counter('mqtt_received_total', 'Messages received from devices.', () => counters.received),
    counter('mqtt_journalled_total', 'Readings and events on disk.', () => counters.journalled),
    byCode('dead_letters_total', 'Dead letters on disk.', 'code', counters.deadLettered),
    byCode('callbacks_total', 'Requests of platforms over HTTP.', 'outcome', counters.callbacks),
    byCode(
      'journal_failures_total',
      'Messages not taken, not acknowledged.',
      'code',
      counters.journalFailures,
    ),
    counter(
      'mqtt_telemetry_held_total',
      'Times that a connection was not read for a while: its device sent more than its share.',
      () => counters.telemetryHeld,
    ),
    counter(
      'mqtt_duplicates_total',
      'Messages sent again and recognised: acknowledged, not stored twice.',
      () => counters.duplicates,
    ),
    byCode('mqtt_ignored_total', 'Messages understood and of no use here.', 'what', counters.ignored),
    counter(
      'mqtt_retain_stripped_total',
      'Messages to be retained: taken, not retained.',
      () => counters.retainStripped,
    ),
    counter('clock_refused_total', 'Device times that were not believed.', () => counters.clockRefused),
    counter('error_answers_total', 'Answers on errors topics.', () => counters.errorAnswers),
    counter(
      'error_answers_suppressed_total',
      'Answers above the rate.',
      () => counters.errorAnswersSuppressed,
    ),
    counter('hook_timeouts_total', 'Publishes that were not on disk in time.', () => counters.hookTimeouts),
    byCode(
      'internal_errors_total',
      'Exceptions caught in the gateway: defects.',
      'where',
      counters.internalErrors,
    ),
    byCode(
      'provisioning_total',
      'Devices that asked to register themselves.',
      'outcome',
      commissioning.provisioning.counts,
    ),
    gauge('journal_head', 'Offset of the newest durable record.', () => journal.head()),
    gauge('journal_waiting_records', 'Records that wait for a commit.', () => journal.stats().waiting),
    counter('journal_commits_total', 'Commits, each with its own fsync.', () => journal.stats().commits),
    counter('journal_bytes_total', 'Bytes committed.', () => journal.stats().bytes),
    gauge(
      'journal_last_commit_seconds',
      'Time of the last commit.',
      () => journal.stats().lastCommitMs / 1_000,
    ),
    gauge(
      'engine_lag_records',
      'Records that the engine has not applied.',
      () => journal.head() - engine.status().appliedOffset,
    ),
    gauge(
      'history_lag_records',
      'Records that the history has not taken.',
      () => journal.head() - engine.status().historyOffset,
    ),
    ...fireSources(fireCounters),
    ...(influx === undefined ? [] : influxSources(influx)),
    gauge('alarms_retained', 'Alarms that are not NORM.', () => engine.alarms().length),
    gauge('rule_faults', 'Rules that cannot be evaluated.', () => engine.faults().length),
    gauge('clock_offset_seconds', 'Wall clock ahead of the server clock.', () => clock.offsetMs() / 1_000),
  ];
}

/** How far InfluxDB is behind, and whether it takes anything. */
function influxSources(health: () => InfluxHealth): MetricSource[] {
  const source = (
    kind: MetricSource['kind'],
    name: string,
    help: string,
    read: (health: InfluxHealth) => number,
  ): MetricSource => ({ name: `watchfire_influx_${name}`, help, kind, read: () => read(health()) });
  return [
    source('gauge', 'backlog_records', 'Records whose samples InfluxDB has not taken.', (now) => now.records),
    source('gauge', 'backlog_transitions', 'Transitions InfluxDB has not taken.', (now) => now.transitions),
    source('gauge', 'backlog_bytes', 'The records of the backlog in the journal, about.', (now) => now.bytes),
    source(
      'gauge',
      'backlog_age_seconds',
      'Since the oldest record that InfluxDB has not taken was journalled.',
      (now) => now.ageMs / 1_000,
    ),
    source('counter', 'retries_total', 'Requests that were repeated.', (now) => now.retries),
    source(
      'counter',
      'refused_lines_total',
      'Lines that InfluxDB will never take: dead letters.',
      (now) => now.refusedLines,
    ),
    source(
      'gauge',
      'last_success_timestamp_seconds',
      'When InfluxDB took something last; 0 when not since the start.',
      (now) => (now.lastSuccessAt ?? 0) / 1_000,
    ),
    source('gauge', 'roll_ups_up', '1 while what InfluxDB has is rolled up to minutes and hours.', (now) =>
      now.rollUpFailure === null ? 1 : 0,
    ),
    source('gauge', 'up', '1 while InfluxDB takes what it is given.', (now) => (now.up ? 1 : 0)),
  ];
}
