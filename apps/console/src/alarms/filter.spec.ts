import { expect, test } from '@jest/globals';
import { isFiltering, matches, NO_FILTER, type AlarmFilter } from './filter.js';
import { alarmOf } from './testing/builders.js';

const alarm = alarmOf({
  siteName: '金陵罐区',
  message: '液位高高',
  class: 'process',
  gridCode: '320106001002',
});
const passes = (parts: Partial<AlarmFilter>): boolean =>
  matches(alarm, { ...NO_FILTER, ...parts }, (code, ancestor) => code?.startsWith(ancestor) ?? false);

test('an empty filter passes everything and says that it filters nothing', () => {
  expect(passes({})).toBe(true);
  expect(isFiltering(NO_FILTER)).toBe(false);
  expect(isFiltering({ ...NO_FILTER, text: '  ' })).toBe(false);
});

test('each part narrows on its own', () => {
  expect(passes({ classes: ['process', 'gas'] })).toBe(true);
  expect(passes({ classes: ['fire'] })).toBe(false);
  expect(passes({ priorities: ['red'] })).toBe(false);
  expect(passes({ gridCode: '320106001' })).toBe(true);
  expect(passes({ gridCode: '320106002' })).toBe(false);
  expect(passes({ siteId: 'other' })).toBe(false);
});

test('every word of the text must be somewhere, in either language and in any case', () => {
  expect(passes({ text: '罐区 COMBUSTIBLE' })).toBe(true);
  expect(passes({ text: '罐区 电梯' })).toBe(false);
});
