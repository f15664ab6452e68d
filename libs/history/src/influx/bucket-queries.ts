import { type Bucket, type BucketQuery, Buckets, checkBuckets } from '../buckets.js';
import { tierOf, TIERS } from '../roll-up.js';
import { type InfluxConnection } from './influx-connection.js';
import { tagValue } from './line-protocol.js';
import { rollUpSamples, storedRollUps } from './roll-up-queries.js';
import { type RollUps } from './roll-ups.js';
import { bucketsOfSamples } from './telemetry-queries.js';

/** Windows that the server rolls up for one question. */
const WINDOWS_A_QUERY = 5_000;

/** Buckets from the coarsest tier that they are made of; what is not rolled up is folded by the server, from the samples [HI32]. */
export async function readBuckets(
  connection: InfluxConnection,
  rollUps: Pick<RollUps, 'split'>,
  { pointId, ...query }: BucketQuery & { readonly pointId: string },
): Promise<readonly Bucket[]> {
  checkBuckets(query);
  const tier = tierOf(query);
  const key = tagValue(pointId);
  const parts = tier === undefined ? [] : rollUps.split(tier, key, query.from, query.to);
  if (tier === undefined || !parts.some(({ isRolledUp }) => isRolledUp))
    return bucketsOfSamples(connection, pointId, query);
  const buckets = new Buckets(query);
  const every = TIERS[tier];
  for (const { isRolledUp, from, to } of parts) {
    if (isRolledUp) {
      for await (const rows of storedRollUps(connection, tier, key, { from, to })) buckets.addRollUps(rows);
      continue;
    }
    for (let at = from; at < to; at += WINDOWS_A_QUERY * every) {
      const range = { from: at, to: Math.min(to, at + WINDOWS_A_QUERY * every), every };
      buckets.addRollUps((await rollUpSamples(connection, [key], range)).get(key) ?? []);
    }
  }
  return buckets.finish();
}
