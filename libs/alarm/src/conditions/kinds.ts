import { type Condition, type ConditionOf } from '../model.js';
import { type ConditionKind } from '../watch.js';
import { all } from './all.js';
import { band } from './band.js';
import { bits } from './bits.js';
import { boolean } from './boolean.js';
import { change } from './change.js';
import { clock } from './clock.js';
import { coincidence } from './coincidence.js';
import { colours } from './colours.js';
import { count } from './count.js';
import { derived } from './derived.js';
import { deviation } from './deviation.js';
import { discrepancy } from './discrepancy.js';
import { discrete } from './discrete.js';
import { drift } from './drift.js';
import { flapping } from './flapping.js';
import { frozen } from './frozen.js';
import { limit } from './limit.js';
import { offline } from './offline.js';
import { rate } from './rate.js';
import { stale } from './stale.js';
import { votingDegraded } from './voting-degraded.js';
import { voting } from './voting.js';
import { valueFlapping } from './value-flapping.js';

/** Every kind of condition: the compiler asks for one module for each member of `Condition`. */
const KINDS: { readonly [K in Condition['kind']]: ConditionKind<ConditionOf<K>> } = {
  all,
  band,
  bits,
  boolean,
  change,
  clock,
  count,
  derived,
  deviation,
  discrepancy,
  discrete,
  drift,
  flapping,
  voting,
  'voting-degraded': votingDegraded,
  coincidence,
  colours,
  frozen,
  limit,
  offline,
  rate,
  stale,
  'value-flapping': valueFlapping,
};

/** Undefined for a kind that this version does not know: a journal may name one of a newer program. */
export function kindOf({ kind }: Condition): ConditionKind | undefined {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
}
