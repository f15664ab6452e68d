import { type ExposureShare } from '@watchfire/contracts';
import { type FleetSummary } from '../fleet/fleet.js';

/** What is known when the list has no row. */
export interface EmptyFacts {
  readonly link: 'lost' | 'loading' | 'current';
  readonly filtering: boolean;
  /** Alarms of the whole set, filtered or not. */
  readonly alarms: number;
  /** Null where it is not known now. */
  readonly fleet: FleetSummary | null;
  readonly exposure: ExposureShare | null;
}

/** A text of the locale with its numbers. */
export interface EmptyLine {
  readonly text:
    | 'emptyLost'
    | 'emptyLoading'
    | 'emptyFiltered'
    | 'empty'
    | 'emptyFleet'
    | 'emptyBlind'
    | 'emptyQuiet'
    | 'emptySeen'
    | 'emptyExposure';
  readonly numbers: Readonly<Record<string, number>>;
  /** It leads to the register of what is not watched. */
  readonly exposure: boolean;
}

/**
 * Why the list is empty: white space alone could mean anything. That nothing is active is only half of it; the other half is how much
 * could be, and nobody would be told.
 */
export function emptyLines({ link, filtering, alarms, fleet, exposure }: EmptyFacts): EmptyLine[] {
  const line = (text: EmptyLine['text'], numbers: EmptyLine['numbers'] = {}, leads = false): EmptyLine => ({
    text,
    numbers,
    exposure: leads,
  });
  if (link === 'lost') return [line('emptyLost')];
  if (link === 'loading') return [line('emptyLoading')];
  // With nothing outside the filter either, the filter is not why.
  if (filtering && alarms > 0) return [line('emptyFiltered', { count: alarms })];
  const lines =
    fleet === null ? [line('emptyFleet')] : [line('empty', { live: fleet.livePoints, blind: fleet.blind })];
  if (exposure === null) return [...lines, line('emptyExposure')];
  const { blindPoints, blindSafetyPoints, quietPoints } = exposure;
  if (blindPoints > 0)
    lines.push(line('emptyBlind', { points: blindPoints, safety: blindSafetyPoints }, true));
  if (quietPoints > 0) lines.push(line('emptyQuiet', { points: quietPoints }, true));
  return blindPoints === 0 && quietPoints === 0 ? [...lines, line('emptySeen')] : lines;
}
