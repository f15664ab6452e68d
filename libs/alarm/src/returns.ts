import { type Annunciation } from './model.js';

/** How long after the first one others join its announcement, ms of journal time. default */
const JOIN_MS = 10_000;

/** When something was announced that came back from under a cover, journal time, and how severe it is. */
export type LastReturn = readonly [at: number, severity: number];

/** What a site remembers of it. */
export interface ReturnsTo {
  lastReturn: LastReturn | undefined;
}

/**
 * Many alarms of a site that come back from under their covers at one time (fifty that were shelved for the same hour, all behind a
 * link that is back) are one announcement: the first speaks for those after it that are no more severe. [AL52]
 *
 * @param exempt of the top class, which nothing speaks for.
 */
export function announceReturn(site: ReturnsTo, severity: number, at: number, exempt: boolean): Annunciation {
  const last = joinable(site, at);
  if (last !== undefined && severity <= last[1] && !exempt) return 'joined';
  site.lastReturn = [at, severity];
  return 'own';
}

/** The announcement that others may join now. */
export function joinable({ lastReturn }: ReturnsTo, now: number): LastReturn | undefined {
  return lastReturn !== undefined && now < lastReturn[0] + JOIN_MS ? lastReturn : undefined;
}
