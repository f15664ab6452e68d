import { escape } from '@influxdata/influxdb-client';
import { type RollUp, type Tier, TIERS } from '../roll-up.js';
import { tag } from './line-protocol.js';
import { MEASUREMENTS } from './places.js';

/** A revision is a tenth of a second since the window began, in nanoseconds: a minute of them lasts 190 years. */
const REVISION_MS = 100;

/**
 * What a window was rolled up to at the time `at`, as a line: a pure function of both. A window that is rolled up again gets another
 * time within itself, so that no point is ever overwritten by other content, which generation 3 does not promise an order for; of
 * the lines of a window the last one counts. `key` is the tag value of the point.
 */
export function rollUpLine(tier: Tier, key: string, row: RollUp, at: number): string {
  const { start, count, numbers, mean, min, max, last } = row;
  const isText = typeof last === 'string';
  const fields = [
    `count=${count}i`,
    `last=${isText ? 0 : finite(last)}`,
    `max=${finite(max)}`,
    `mean=${finite(mean)}`,
    `min=${finite(min)}`,
    `numbers=${numbers}i`,
    ...(isText ? [`s=${escape.quoted(last)}`] : []),
    `text=${Number(isText)}i`,
  ].join(',');
  const longest = TIERS[tier] * 1_000_000 - 1;
  const revision = Math.min(Math.max(Math.floor((at - start) / REVISION_MS), 0), longest);
  const time = BigInt(start) * 1_000_000n + BigInt(revision);
  return `${MEASUREMENTS[tier]}${tag('point', key)} ${fields} ${time}`;
}

/** The first time after `at` with a revision of its own. */
export function nextRevision(at: number): number {
  return at + REVISION_MS;
}

/** A mean of the greatest numbers may be beyond them. */
function finite(value: number): number {
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}
