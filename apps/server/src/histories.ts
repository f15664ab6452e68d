import { join } from 'node:path';
import { type BacklogLimits, type Clock, ConfirmedUpTo } from '@watchfire/engine';
import {
  CombinedHistory,
  EmbeddedHistory,
  type History,
  InfluxHistory,
  type LocalSince,
  type LocalSinceStore,
} from '@watchfire/history';
import { type Journal } from '@watchfire/journal';
import { type Settings } from '@watchfire/settings';
import { type Logger } from 'pino';
import { refusedToDeadLetters } from './refused-lines.js';

/** Names in the journal's database. */
const INFLUX_CURSOR = 'history-influxdb';
const LOCAL_SINCE = 'history-local-since';
/** Belongs to InfluxDB: of a time when InfluxDB was copied it is kept with that copy. */
export const ROLLED_UP = 'history-influxdb-rolled-up';
const LACKS = 'history-influxdb-lacks';
const DAY_MS = 86_400_000;

export interface Distant {
  readonly local: History;
  readonly distant: InfluxHistory;
  readonly confirmed: ConfirmedUpTo;
  /** Lines that it will never take, since the start. */
  readonly refused: { readonly lines: number };
}

export interface Histories {
  readonly history: History;
  readonly local: EmbeddedHistory;
  readonly distant: Distant | undefined;
}

interface HistoryParts {
  readonly settings: Settings;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The local history is always there: with InfluxDB behind it, it holds what is recent, and what InfluxDB has not taken yet. */
export async function openHistories({ settings, journal, clock, log }: HistoryParts): Promise<Histories> {
  const { adapter, influx, localDays } = settings.history;
  const { telemetryDays, minuteDays, hourDays, alarmDays } = settings.history;
  const now = (): number => clock.now();
  const local = await EmbeddedHistory.open({ directory: join(settings.data, 'history'), now, log });
  if (adapter === 'embedded') return { history: local, local, distant: undefined };
  const cursor = await journal.cursor(INFLUX_CURSOR);
  const confirmed = new ConfirmedUpTo();
  const lacks = await lackOf(local, cursor, journal);
  confirmed.whole = lacks === undefined;
  if (lacks !== undefined) {
    log.warn(
      lacks,
      'the local history has records that the journal no longer held: they are not in InfluxDB, and stay here',
    );
  }
  const refused = { lines: 0 };
  const letters = refusedToDeadLetters(journal);
  const distant = await InfluxHistory.open({
    ...influx,
    retentionDays: { samples: telemetryDays, minutes: minuteDays, hours: hourDays, alarms: alarmDays },
    cursor: {
      load: () => Promise.resolve(cursor),
      save: (offset) => journal.saveCursor(INFLUX_CURSOR, offset),
    },
    onRefused: async (lines) => {
      await letters(lines);
      refused.lines += lines.length;
    },
    rollUps: {
      load: () => loadText(journal, ROLLED_UP),
      save: (text) => saveText(journal, ROLLED_UP, text),
    },
    now,
    log,
  });
  const history = await CombinedHistory.open({
    local,
    distant,
    confirmed,
    since: localSinceIn(journal),
    localMs: localDays * DAY_MS,
    head: journal.head(),
    clock,
    log,
  });
  return { history, local, distant: { local, distant, confirmed, refused } };
}

/** From when on the centre is told that InfluxDB is behind. */
export function backlogLimits(influx: Settings['history']['influx']): BacklogLimits {
  const { backlogAlarmMinutes, backlogAlarmRecords } = influx;
  return { ageMs: backlogAlarmMinutes * 60_000, records: backlogAlarmRecords };
}

/** Records that InfluxDB was never given. */
interface Lack {
  readonly fromOffset: number;
  readonly toOffset: number;
}

/**
 * A local history that was the only one for a while has what the journal cannot say again. Found at the first start with InfluxDB, and
 * kept: afterwards nothing shows it.
 */
async function lackOf(local: History, sentUpTo: number, journal: Journal): Promise<Lack | undefined> {
  const known = await loadJson<Lack>(journal, LACKS);
  if (known !== undefined || (await local.cursor()) === 0 || sentUpTo + 1 >= journal.tail()) return known;
  const lack = { fromOffset: sentUpTo + 1, toOffset: journal.tail() - 1 };
  await saveJson(journal, LACKS, lack);
  return lack;
}

function localSinceIn(journal: Journal): LocalSinceStore {
  return {
    load: () => loadJson<LocalSince>(journal, LOCAL_SINCE),
    save: (since) => saveJson(journal, LOCAL_SINCE, since),
  };
}

async function loadJson<T>(journal: Journal, name: string): Promise<T | undefined> {
  const text = await loadText(journal, name);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

function saveJson(journal: Journal, name: string, value: object): Promise<void> {
  return saveText(journal, name, JSON.stringify(value));
}

async function loadText(journal: Journal, name: string): Promise<string | undefined> {
  const state = await journal.loadState(name);
  return state && Buffer.from(state.bytes).toString('utf8');
}

function saveText(journal: Journal, name: string, text: string): Promise<void> {
  return journal.saveState(name, { offset: 0, bytes: Buffer.from(text) });
}
