import { describe, expect, test } from '@jest/globals';
import { EXPOSURE_KIND_NAMES, type ExposureShare } from '@watchfire/contracts';
import { emptyLines, type EmptyFacts } from './empty-list.js';

const seen: ExposureShare = {
  devices: 4,
  points: 10,
  safetyPoints: 8,
  blindPoints: 0,
  blindSafetyPoints: 0,
  quietPoints: 0,
  quietSafetyPoints: 0,
  blindShare: 0,
  byKind: Object.fromEntries(EXPOSURE_KIND_NAMES.map((kind) => [kind, 0])) as ExposureShare['byKind'],
};
const quiet: EmptyFacts = {
  link: 'current',
  filtering: false,
  alarms: 0,
  fleet: { devices: 4, online: 4, blind: 0, livePoints: 10 },
  exposure: seen,
};
const texts = (facts: Partial<EmptyFacts>): string[] =>
  emptyLines({ ...quiet, ...facts }).map(({ text }) => text);

describe('an empty list', () => {
  test('is no list while the server cannot be heard or has not told all', () => {
    expect(texts({ link: 'lost', filtering: true, alarms: 3 })).toEqual(['emptyLost']);
    expect(texts({ link: 'loading' })).toEqual(['emptyLoading']);
  });

  test('says that the filter is why, but only where something is outside of it', () => {
    expect(emptyLines({ ...quiet, filtering: true, alarms: 3 })).toMatchObject([
      { text: 'emptyFiltered', numbers: { count: 3 } },
    ]);
    expect(texts({ filtering: true, alarms: 0 })).toEqual(['empty', 'emptySeen']);
  });

  test('says that everything is watched only where everything is', () => {
    expect(texts({})).toEqual(['empty', 'emptySeen']);
    expect(texts({ exposure: null })).toEqual(['empty', 'emptyExposure']);
    expect(texts({ fleet: null, exposure: null })).toEqual(['emptyFleet', 'emptyExposure']);
  });

  test('says how much is blind and how much is quiet, and leads to both', () => {
    const exposure = { ...seen, blindPoints: 3, blindSafetyPoints: 2, quietPoints: 1 };
    expect(emptyLines({ ...quiet, exposure }).slice(1)).toEqual([
      { text: 'emptyBlind', numbers: { points: 3, safety: 2 }, exposure: true },
      { text: 'emptyQuiet', numbers: { points: 1 }, exposure: true },
    ]);
    expect(texts({ exposure: { ...seen, quietPoints: 1 } })).toEqual(['empty', 'emptyQuiet']);
  });
});
