import { type WithGap } from '@watchfire/contracts';
import { type History } from '@watchfire/history';
import { Problem } from '../problem/problem.js';

/** What an answer about these times may lack, as a member of it; to be asked after the answer. */
export async function gapOf(history: History, from: number, to: number): Promise<WithGap> {
  const incomplete = await history.missing(from, to);
  return incomplete === undefined ? {} : { incomplete };
}

/** For answers that a gap would make wrong. @throws Problem `history_incomplete` */
export async function refuseGap(history: History, from: number, to: number): Promise<void> {
  const gap = await history.missing(from, to);
  if (gap === undefined) return;
  const since = new Date(gap.before).toISOString();
  throw new Problem('history_incomplete', `What is older than ${since} cannot be read: ${gap.reason}`, {
    retryAfterSeconds: 10,
  });
}
