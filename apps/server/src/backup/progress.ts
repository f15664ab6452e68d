import { type SqliteJournal } from '@watchfire/journal';
import { ROLLED_UP } from '../histories.js';

/** What the journal's database has saved for InfluxDB: of the moment at which InfluxDB is copied, like the cursors. */
const STATES_OF_INFLUXDB = [ROLLED_UP];

/** How far every projection had come at one moment, as JSON can hold it. */
export interface Progress {
  readonly cursors: Readonly<Record<string, number>>;
  /** Base64; null where there was none. */
  readonly states: Readonly<Record<string, string | null>>;
}

export async function progressOf(journal: SqliteJournal): Promise<Progress> {
  const { cursors, states } = await journal.progress(STATES_OF_INFLUXDB);
  const texts = STATES_OF_INFLUXDB.map((name) => {
    const bytes = states[name];
    return [name, bytes === undefined ? null : Buffer.from(bytes).toString('base64')] as const;
  });
  return { cursors, states: Object.fromEntries(texts) };
}

export function stateBytes(states: Progress['states']): Record<string, Uint8Array | null> {
  const all = Object.entries(states).map(
    ([name, text]) => [name, text === null ? null : new Uint8Array(Buffer.from(text, 'base64'))] as const,
  );
  return Object.fromEntries(all);
}
