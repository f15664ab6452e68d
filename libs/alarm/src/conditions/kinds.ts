import { type Condition, type ConditionOf } from '../model.js';
import { type ConditionKind } from '../watch.js';
import { all } from './all.js';
import { clock } from './clock.js';
import { coincidence } from './coincidence.js';
import { colours } from './colours.js';
import { discrete } from './discrete.js';
import { flapping } from './flapping.js';
import { limit } from './limit.js';
import { offline } from './offline.js';
import { stale } from './stale.js';
import { votingDegraded } from './voting-degraded.js';
import { voting } from './voting.js';

/** Every kind of condition: the compiler asks for one module for each member of `Condition`. */
const KINDS: { readonly [K in Condition['kind']]: ConditionKind<ConditionOf<K>> } = {
  limit,
  discrete,
  all,
  stale,
  offline,
  clock,
  flapping,
  voting,
  'voting-degraded': votingDegraded,
  coincidence,
  colours,
};

/** Undefined for a kind that this version does not know: a journal may name one of a newer program. */
export function kindOf({ kind }: Condition): ConditionKind | undefined {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
}
