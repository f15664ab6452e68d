import { expect, test } from '@jest/globals';
import { zh } from '../locales/zh.js';
import { ASPECTS, inOrder, subjectOf } from './provenance.js';

test('paths of the catalogue are read, and what is not known keeps its path', () => {
  expect(subjectOf('limits.HH')).toEqual({ level: 'HH', aspect: 'limit', path: 'limits.HH' });
  expect(subjectOf('limits.HH.severity')).toMatchObject({ level: 'HH', aspect: 'severity' });
  expect(subjectOf('offDelayMs')).toMatchObject({ level: null, aspect: 'offDelayMs' });
  expect(subjectOf('alarmValues.fire')).toMatchObject({ level: 'fire', aspect: 'alarmValues' });
  expect(subjectOf('bits.fire.severity')).toMatchObject({ level: 'fire', aspect: 'severity' });
  expect(subjectOf('logic.terms.0.values')).toMatchObject({ level: null, aspect: 'logic' });
  expect(subjectOf('newer.thing')).toEqual({ level: null, aspect: 'other', path: 'newer.thing' });
});

test('every aspect has its word', () => {
  expect(Object.keys(zh.provenance).sort()).toEqual([...ASPECTS].sort());
});

test('limits come first', () => {
  const source = (of: string) => ({ of, source: 's', confidence: 'default' as const });
  const sources = ['deadband', 'limits.H.severity', 'limits.H', 'limits.HH'].map(source);
  expect(inOrder(sources).map(({ of }) => of)).toEqual([
    'limits.H',
    'limits.HH',
    'limits.H.severity',
    'deadband',
  ]);
});
