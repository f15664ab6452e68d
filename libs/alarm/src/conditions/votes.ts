import { fault, type Fault } from '../fault.js';
import { type Vote } from '../model.js';
import { isUsable, type PointState, type Watch } from '../watch.js';

/**
 * What one member says: true, false, or undefined where its point is not known. `held`: it said true before, so that it must
 * come back behind its deadband.
 */
export function voteOf(vote: Vote, point: PointState | undefined, held: boolean): boolean | undefined {
  if (point?.value === undefined || !isUsable(point)) return undefined;
  const { value } = point;
  if (vote.values !== undefined) return vote.values.includes(value);
  if (typeof value !== 'number') return undefined;
  const band = held ? (vote.deadband ?? 0) : 0;
  return (
    (vote.atLeast !== undefined && value >= vote.atLeast - band) ||
    (vote.atMost !== undefined && value <= vote.atMost + band)
  );
}

export interface Count {
  readonly yes: number;
  readonly unknown: number;
}

/** `held`: the votes count as said before. */
export function countVotes({ points }: Watch, votes: readonly Vote[], held: boolean): Count {
  let yes = 0;
  let unknown = 0;
  for (const [index, vote] of votes.entries()) {
    const said = voteOf(vote, points[index], held);
    if (said === undefined) unknown += 1;
    else if (said) yes += 1;
  }
  return { yes, unknown };
}

export function badVotes(votes: readonly Vote[], need: number): Fault | undefined {
  if (votes.length < need || votes.length === 0) {
    return fault('members_too_few', { members: votes.length, least: Math.max(1, need) });
  }
  if (!Number.isInteger(need) || need < 1) return fault('need_invalid');
  const ids = votes.map(({ pointId }) => pointId);
  const twice = ids.find((pointId, index) => ids.indexOf(pointId) < index);
  if (twice !== undefined) return fault('member_twice', { point: JSON.stringify(twice) });
  const silent = votes.find((vote) => (vote.values ?? vote.atLeast ?? vote.atMost) === undefined);
  return silent === undefined ? undefined : fault('member_silent', { point: JSON.stringify(silent.pointId) });
}
