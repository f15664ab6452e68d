import { describe, expect, test } from '@jest/globals';
import {
  EXPOSURE_KIND_NAMES,
  ROLES,
  type ExposureKindName,
  type ExposureShare,
  type ExposureView,
} from '@watchfire/contracts';
import { endingAct, kindCounts, percent } from './register.js';

const none = Object.fromEntries(EXPOSURE_KIND_NAMES.map((kind) => [kind, 0])) as ExposureShare['byKind'];
const entry = (kind: ExposureKindName, ruleKey: string | null = 'conc-high'): ExposureView => ({
  id: kind,
  kind,
  siteId: 's',
  siteName: 's',
  enterpriseId: 'e',
  enterpriseName: 'e',
  deviceId: 'd',
  deviceName: 'd',
  pointId: null,
  pointName: null,
  pointNameEn: null,
  ruleKey,
  since: null,
  until: null,
  by: null,
  approvedBy: null,
  reason: null,
  reasonEn: null,
  compensatingMeasure: null,
  points: 1,
  safety: true,
  drill: false,
  rules: [],
});

describe('a share in percent', () => {
  test('is rounded to a tenth, but never to nothing or to everything', () => {
    const shown = [0, 1e-6, 0.000_4, 0.000_6, 0.034, 0.5, 0.999_4, 0.999_99, 1].map(percent);
    expect(shown).toEqual(['0%', '<0.1%', '<0.1%', '0.1%', '3.4%', '50.0%', '99.9%', '>99.9%', '100%']);
  });
});

describe('the counts by reason', () => {
  test('have what there is, blind before quiet', () => {
    const counts = kindCounts({ ...none, shelved: 2, offline: 5, fault: 1 });
    expect(counts.map(({ kind, points, quiet }) => `${kind} ${points} ${quiet ? 'quiet' : 'blind'}`)).toEqual(
      ['offline 5 blind', 'fault 1 blind', 'shelved 2 quiet'],
    );
  });

  test('keep the reason that is chosen, though nothing has it any more', () => {
    expect(kindCounts(none, 'stale')).toEqual([{ kind: 'stale', points: 0, quiet: false }]);
  });
});

describe('what ends an entry', () => {
  test('is what the server lets a role do, and nothing for what no person has put there', () => {
    const acts = ROLES.map((role) => [
      role,
      EXPOSURE_KIND_NAMES.map((kind) => endingAct(entry(kind), role)).filter((act) => act !== null),
    ]);
    const all = ['enable', 'in-service', 'unshelve'];
    expect(acts).toEqual([
      ['administrator', all],
      ['supervisor', all],
      ['operator', ['unshelve']],
      ['dispatcher', []],
      ['enterprise', []],
    ]);
  });

  test('needs a rule to act on', () => {
    expect(endingAct(entry('shelved', null), 'supervisor')).toBeNull();
  });
});
