import { type InfluxServer } from './influx-server.js';

/** What is kept apart, because it is kept for different times: samples, their roll-ups, transitions. */
export const PLACES = ['samples', 'minutes', 'hours', 'alarms'] as const;
export type Place = (typeof PLACES)[number];

/**
 * The measurement of each place. Different ones, because generation 1 deletes a measurement from all retention policies of a
 * database, and because a server that knows no retention policies keeps all places in one.
 */
export const MEASUREMENTS = {
  samples: 'telemetry',
  minutes: 'telemetry_minutes',
  hours: 'telemetry_hours',
  alarms: 'alarm_event',
} as const satisfies Record<Place, string>;

/** What `db` and `rp` of `/write` and `/query` name. */
export interface Database {
  readonly database: string;
  /** Undefined: the default of the database. */
  readonly policy: string | undefined;
}

/**
 * Where a place is. Generations 1 and 2: the retention policy `minutes` of the database, which generation 2 knows as the bucket
 * `database/minutes` (its own mapping of such names serves `/query`). Generation 3 takes no slash: `database_minutes`.
 */
export function databaseOf({ api, bucket }: InfluxServer, place: Place): Database {
  if (api === 'v3')
    return { database: place === 'samples' ? bucket : `${bucket}_${place}`, policy: undefined };
  const [database = '', ...rest] = bucket.split('/');
  if (place !== 'samples') return { database, policy: place };
  return { database, policy: rest.length > 0 ? rest.join('/') : undefined };
}

/** The bucket of a place, generation 2. */
export function bucketOf(server: InfluxServer, place: Place): string {
  const { database, policy } = databaseOf(server, place);
  return policy === undefined ? database : `${database}/${policy}`;
}
