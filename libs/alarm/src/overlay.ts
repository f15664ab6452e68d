import { byCodeUnit } from './canonical.js';

/** Who did it, when (journal time, epoch ms), why, and who agreed where two people must. */
export interface Deed {
  readonly by: string;
  readonly at: number;
  readonly reason: string;
  readonly approvedBy: string | null;
}

export interface Shelving extends Deed {
  /** `oneShot`: until the present or next activation is over, at the latest until `until`. */
  readonly kind: 'timed' | 'oneShot';
  /** Journal time, epoch ms. */
  readonly until: number;
}

export interface OutOfService extends Deed {
  /** What watches over the place meanwhile. */
  readonly compensatingMeasure: string;
  /** Journal time, epoch ms. */
  readonly until: number;
}

/**
 * What lies over the alarms of one rule of a device. It belongs to the rule, not to one alarm, and outlives it. A rule goes on
 * being evaluated under everything but `disabled`: quiet is not blind.
 */
export interface Overlay {
  readonly shelving: Shelving | null;
  /** Suppressed by design: a set, as several causes may suppress the same rule. In code-unit order, so that equal sets have equal bytes. */
  readonly suppressionReasons: readonly string[];
  readonly outOfService: OutOfService | null;
  readonly disabled: Deed | null;
}

/** Nothing lies over it. */
export const CLEAR: Overlay = {
  shelving: null,
  suppressionReasons: [],
  outOfService: null,
  disabled: null,
};

/** The overlay with this changed, or null when nothing is left of it: nearly every rule has none. */
export function overlaid(overlay: Overlay | null, change: Partial<Overlay>): Overlay | null {
  const next = { ...(overlay ?? CLEAR), ...change };
  const isClear =
    next.shelving === null &&
    next.suppressionReasons.length === 0 &&
    next.outOfService === null &&
    next.disabled === null;
  return isClear ? null : next;
}

export function withReason(reasons: readonly string[], reason: string): readonly string[] {
  return reasons.includes(reason) ? reasons : [...reasons, reason].sort(byCodeUnit);
}

export function withoutReason(reasons: readonly string[], reason: string): readonly string[] {
  return reasons.filter((one) => one !== reason);
}

export function unshelved(overlay: Overlay | null): Overlay | null {
  return overlaid(overlay, { shelving: null });
}
