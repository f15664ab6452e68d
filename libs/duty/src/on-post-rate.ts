import { type FireDutyCheck } from '@watchfire/contracts';

/**
 * Share of the checks whose time is over by `now` (epoch ms) that were answered in it, 0 to 1; `null` where none is over. What the device
 * never had says nothing of the guard. [FU14]
 */
export function onPostRate(
  checks: readonly Pick<FireDutyCheck, 'verdict' | 'closesAt'>[],
  now: number,
): number | null {
  const over = checks.filter(
    ({ verdict, closesAt }) => verdict !== 'undelivered' && closesAt !== null && closesAt <= now,
  );
  return over.length === 0 ? null : over.filter(({ verdict }) => verdict === 'present').length / over.length;
}
