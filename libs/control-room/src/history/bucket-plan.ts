/** How long a bucket is and where the first one begins, epoch ms. */
export interface BucketPlan {
  readonly from: number;
  readonly every: number;
}

export interface BucketQuestion {
  readonly from: number;
  readonly to: number;
  readonly every?: number | undefined;
  readonly buckets?: number | undefined;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Buckets of any length are folded from the samples themselves up to here: at one a second, some tenths of a second. */
export const EXACT_SPAN_MS = 7 * DAY;

/** Lengths that people read easily; each is made of whole windows of the roll-ups, or of samples where it is shorter. */
const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];

/**
 * The buckets of a question, undefined where it asks for samples [HI26]. `samplesFrom`: before that only roll-ups may be left.
 */
export function planBuckets(question: BucketQuestion, samplesFrom: number): BucketPlan | undefined {
  const { from, to, every, buckets } = question;
  const isRolledUp = to - from > EXACT_SPAN_MS || from < samplesFrom;
  if (buckets !== undefined) return chosen(from, to, buckets, isRolledUp ? MINUTE : 1);
  if (every === undefined) return undefined;
  if (!isRolledUp || every < MINUTE) return { from, every };
  return { from: down(from, MINUTE), every: Math.ceil(every / MINUTE) * MINUTE };
}

/** The shortest step with which there are at most so many, on the grid of that step. */
function chosen(from: number, to: number, buckets: number, least: number): BucketPlan {
  const fits = (every: number): boolean => Math.ceil((to - down(from, every)) / every) <= buckets;
  const step = STEPS.find((every) => every >= least && fits(every));
  let every = step ?? DAY * Math.max(1, Math.ceil((to - from) / (buckets * DAY)));
  while (!fits(every)) every += DAY;
  return { from: down(from, every), every };
}

function down(time: number, step: number): number {
  return Math.floor(time / step) * step;
}
