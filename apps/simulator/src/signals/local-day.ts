export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The demo district keeps China Standard Time, which has no summer time. */
const OFFSET_MS = 8 * HOUR_MS;

/** Time since the last local midnight, ms. */
export const timeOfDay = (at: number): number => (((at + OFFSET_MS) % DAY_MS) + DAY_MS) % DAY_MS;
