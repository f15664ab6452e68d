import { expect, test } from '@jest/globals';
import { type RuleView } from '@watchfire/contracts';
import { bandsOf, limitsOf } from './limits.js';

const reads: RuleView['reads'] = [{ id: 'set', name: '设定', nameEn: 'set', unit: 'kPa', value: 200 }];
const rule = (condition: RuleView['condition']) => ({ condition, reads });
const limits = [
  { level: 'HH', limit: 40 },
  { level: 'H', limit: 20 },
  { level: 'L', limit: -20 },
];

test('a deviation is drawn around its set-point', () => {
  const deviation = rule({ kind: 'deviation', setPoint: { attribute: 'set' }, limits });
  expect(limitsOf(deviation)).toEqual([
    { level: 'HH', limit: 240 },
    { level: 'H', limit: 220 },
    { level: 'SP', limit: 200 },
    { level: 'L', limit: 180 },
  ]);
  expect(bandsOf(deviation)).toEqual([
    { low: -Infinity, high: 180 },
    { low: 220, high: Infinity },
  ]);
});

test('what a set-point that is read is now, nobody draws', () => {
  const deviation = rule({ kind: 'deviation', setPoint: { pointId: 'p' }, limits });
  expect(limitsOf(deviation)).toEqual([]);
  expect(bandsOf(deviation)).toEqual([]);
});

test('a band, inside and outside', () => {
  const ends = { kind: 'band', low: { value: 100 }, high: { attribute: 'set' } };
  expect(limitsOf(rule({ ...ends, alarm: 'outside' }))).toEqual([
    { level: '', limit: 200 },
    { level: '', limit: 100 },
  ]);
  expect(bandsOf(rule({ ...ends, alarm: 'outside' }))).toEqual([
    { low: -Infinity, high: 100 },
    { low: 200, high: Infinity },
  ]);
  expect(bandsOf(rule({ ...ends, alarm: 'inside' }))).toEqual([{ low: 100, high: 200 }]);
  expect(bandsOf(rule({ ...ends, alarm: 'inside', high: { pointId: 'p' } }))).toEqual([]);
});

test('limits of a rate or of a calculated value are not of the value that is drawn', () => {
  expect(limitsOf(rule({ kind: 'rate', limits }))).toEqual([]);
  expect(limitsOf(rule({ kind: 'derived', limits }))).toEqual([]);
});

test('a limit by an attribute is where the attribute says, and one by a point is not drawn', () => {
  const by = (from: unknown) => rule({ kind: 'limit', limits: [{ level: 'H', limit: 1, from }] });
  expect(limitsOf(by({ attribute: 'set' }))).toEqual([{ level: 'H', limit: 200 }]);
  expect(limitsOf(by({ pointId: 'p', fallback: 3 }))).toEqual([]);
});
