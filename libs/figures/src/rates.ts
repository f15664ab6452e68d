import { binsOf } from './load.js';
import { type AlarmTally } from './model.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What is compared with a target: shares are 0 to 1, means are for one operator position. */
export interface Rates {
  readonly perDay: number;
  readonly perHour: number;
  readonly perBin: number;
  readonly binsOverShare: number;
  readonly hoursOverShare: number;
  readonly floodShare: number;
  readonly floodsPerWeek: number;
}

/**
 * `positions`: how many operator positions share the alarms. Peaks, floods and the shares of bins are of what comes in and are not
 * divided. [KP4]
 */
export function ratesOf(
  tally: AlarmTally,
  { from, to }: { readonly from: number; readonly to: number },
  positions: number,
): Rates {
  const ms = to - from;
  if (ms <= 0) {
    return {
      perDay: 0,
      perHour: 0,
      perBin: 0,
      binsOverShare: 0,
      hoursOverShare: 0,
      floodShare: 0,
      floodsPerWeek: 0,
    };
  }
  const perDay = (tally.announced * DAY_MS) / ms / positions;
  return {
    perDay,
    perHour: perDay / 24,
    perBin: perDay / 144,
    binsOverShare: tally.binsOver / binsOf(ms),
    hoursOverShare: tally.hoursOver / Math.ceil(ms / HOUR_MS),
    floodShare: tally.floodMs / ms,
    floodsPerWeek: (tally.floods * 7 * DAY_MS) / ms,
  };
}
