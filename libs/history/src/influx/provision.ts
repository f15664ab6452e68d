import { escape } from '@influxdata/influxdb-client';
import { HistoryError } from '../history-error.js';
import { type InfluxConnection } from './influx-connection.js';
import { type InfluxServer } from './influx-server.js';
import { bucketOf, databaseOf, type Place, PLACES } from './places.js';

/** Days that each place is kept for; undefined: for ever. */
export type RetentionDays = Readonly<Partial<Record<Place, number>>>;

const DAY_SECONDS = 86_400;
/** Answers that say that the account, or this server, does not do that: then somebody else sets it up. */
const NOT_OURS: ReadonlySet<string> = new Set(['unauthorised', 'refused', 'missing']);

/**
 * Makes what all places need, where it is not there yet, and sets for how long it is kept. @returns the commands by which an
 * operator does the same, where this account may not; none where it is done. @throws HistoryError when the server is away.
 */
export async function provision(
  connection: InfluxConnection,
  days: RetentionDays,
): Promise<readonly string[]> {
  try {
    await MAKE[connection.server.api](connection, days);
    return [];
  } catch (error) {
    if (!(error instanceof HistoryError) || !NOT_OURS.has(error.code)) throw error;
    return commandsOf(connection.server, days);
  }
}

/** What an operator with all rights types. */
export function commandsOf(server: InfluxServer, days: RetentionDays): readonly string[] {
  switch (server.api) {
    case 'v1':
      return [
        createDatabase(server),
        ...PLACES.flatMap((place) => policyStatements(server, place, days[place]).slice(0, 1)),
      ];
    case 'v2':
      return PLACES.map((place) => {
        const kept = days[place];
        const retention =
          kept === undefined ? '' : ` --retention ${kept}d --shard-group-duration ${shardOf(kept)}`;
        return `influx bucket create --org ${quoted(server.org)} --name ${quoted(bucketOf(server, place))}${retention}`;
      });
    case 'v3':
      return PLACES.map((place) => {
        const kept = days[place];
        const retention = kept === undefined ? '' : `--retention-period ${kept}d `;
        return `influxdb3 create database ${retention}${quoted(databaseOf(server, place).database)}`;
      });
  }
}

const MAKE = { v1: makePolicies, v2: makeBuckets, v3: makeDatabases } as const;

async function makePolicies(connection: InfluxConnection, days: RetentionDays): Promise<void> {
  await managed(connection, createDatabase(connection.server));
  for (const place of PLACES) {
    const [make, change] = policyStatements(connection.server, place, days[place]);
    if (make === undefined) continue;
    const refused = await connection.manage(make);
    if (refused === undefined) continue;
    if (!/already exists|conflicts/.test(refused)) throw notAllowed(refused);
    if (change !== undefined) await managed(connection, change);
  }
}

async function managed(connection: InfluxConnection, statement: string): Promise<void> {
  const refused = await connection.manage(statement);
  if (refused !== undefined) throw notAllowed(refused);
}

function createDatabase(server: InfluxServer): string {
  return `CREATE DATABASE ${escape.quoted(databaseOf(server, 'samples').database)}`;
}

/** What makes a retention policy, and what changes one that is there; nothing for the default of a database kept for ever. */
function policyStatements(server: InfluxServer, place: Place, days: number | undefined): readonly string[] {
  const { database, policy } = databaseOf(server, place);
  const on = `RETENTION POLICY ${escape.quoted(policy ?? 'autogen')} ON ${escape.quoted(database)}`;
  if (days === undefined) return policy === undefined ? [] : [`CREATE ${on} DURATION INF REPLICATION 1`];
  const change = `ALTER ${on} DURATION ${days}d SHARD DURATION ${shardOf(days)}`;
  // The default policy is there since the database is.
  if (policy === undefined) return [change];
  return [`CREATE ${on} DURATION ${days}d REPLICATION 1 SHARD DURATION ${shardOf(days)}`, change];
}

interface Bucket {
  readonly id: string;
  readonly retentionRules?: readonly { readonly everySeconds?: number }[];
}

async function makeBuckets(connection: InfluxConnection, days: RetentionDays): Promise<void> {
  const { org } = connection.server;
  const orgs = (await connection.json(`/api/v2/orgs?${search({ org })}`)) as {
    orgs?: readonly { id: string }[];
  };
  const orgID = orgs.orgs?.[0]?.id;
  if (orgID === undefined) throw notAllowed(`there is no organisation ${org}`);
  for (const place of PLACES) {
    const name = bucketOf(connection.server, place);
    const kept = days[place];
    const retentionRules = kept === undefined ? [] : [retentionRule(kept)];
    const found = await bucketNamed(connection, org, name);
    if (found === undefined) {
      await connection.json('/api/v2/buckets', { orgID, name, retentionRules });
    } else if (kept !== undefined && found.retentionRules?.[0]?.everySeconds !== kept * DAY_SECONDS) {
      await connection.json(`/api/v2/buckets/${encodeURIComponent(found.id)}`, { retentionRules }, 'PATCH');
    }
  }
}

/** A name that is not there is an empty list, or 404. */
async function bucketNamed(
  connection: InfluxConnection,
  org: string,
  name: string,
): Promise<Bucket | undefined> {
  try {
    const path = `/api/v2/buckets?${search({ org, name })}`;
    return ((await connection.json(path)) as { buckets?: readonly Bucket[] }).buckets?.[0];
  } catch (error) {
    if (error instanceof HistoryError && error.code === 'missing') return undefined;
    throw error;
  }
}

function retentionRule(days: number): object {
  const shardGroupDurationSeconds = shardHours(days) * 3_600;
  return { type: 'expire', everySeconds: days * DAY_SECONDS, shardGroupDurationSeconds };
}

/** A database that is there keeps its retention: generation 3 Core cannot change it. */
async function makeDatabases(connection: InfluxConnection, days: RetentionDays): Promise<void> {
  for (const place of PLACES) {
    const { database: db } = databaseOf(connection.server, place);
    const kept = days[place];
    const retention = kept === undefined ? {} : { retention_period: `${kept}d` };
    try {
      await connection.json('/api/v3/configure/database', { db, ...retention });
    } catch (error) {
      const isThere = error instanceof HistoryError && /answered 409|already exists/.test(error.message);
      if (!isThere) throw error;
    }
  }
}

/** The maker's advice for busy or long databases: shards of a length that a query spans few of. */
function shardHours(days: number): number {
  if (days <= 1) return 6;
  if (days <= 7) return 24;
  return days <= 92 ? 7 * 24 : 30 * 24;
}

function shardOf(days: number): string {
  return `${shardHours(days)}h`;
}

function search(values: Readonly<Record<string, string>>): string {
  return new URLSearchParams(values).toString();
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function notAllowed(text: string): HistoryError {
  return new HistoryError('refused', text, true);
}
