import { expect, test } from '@jest/globals';
import { type BackTestResultView, type RuleFiguresView } from '@watchfire/contracts';
import { comparison, signed } from './comparison.js';

const figures = (parts: Partial<RuleFiguresView>): RuleFiguresView => ({
  raised: 0,
  announced: 0,
  chattering: 0,
  chatteringRuns: 0,
  fleeting: 0,
  standingMs: 0,
  longestMs: 0,
  activeAtStart: 0,
  activeAtEnd: 0,
  mostInTenMinutes: 0,
  mostInTenMinutesAt: null,
  firstAt: null,
  lastAt: null,
  levels: {},
  ...parts,
});

test('each figure of the changed rule stands beside that of the present one', () => {
  const result = {
    present: figures({ raised: 17, chattering: 4, standingMs: 9_000 }),
    changed: figures({ raised: 43, standingMs: 4_000 }),
  } as BackTestResultView;
  const rows = comparison(result);
  expect(rows.find(({ name }) => name === 'raised')).toMatchObject({
    present: 17,
    changed: 43,
    change: 26,
    time: false,
  });
  expect(rows.find(({ name }) => name === 'chattering')?.change).toBe(-4);
  expect(rows.find(({ name }) => name === 'standingMs')).toMatchObject({ change: -5_000, time: true });
});

test('a difference always has its sign', () => {
  expect([26, -4, 0].map(signed)).toEqual(['+26', '−4', '±0']);
});
