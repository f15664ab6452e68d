import { expect, test } from '@jest/globals';
import { FailureBudget } from './failure-budget.js';

const budget = (perMinute: number, burst: number) => {
  const time = { now: 1_000_000 };
  return { time, budget: new FailureBudget(perMinute, burst, () => time.now) };
};

test('the burst is free, each further failure is one interval of debt, and time pays it', () => {
  const { time, budget: failures } = budget(60, 3);
  expect([1, 2, 3, 4, 5].map(() => failures.fail('a'))).toEqual([0, 0, 0, 1_000, 2_000]);
  expect(failures.debt('a')).toBe(2_000);
  expect(failures.debt('b')).toBe(0);
  time.now += 1_500;
  expect(failures.debt('a')).toBe(500);
  time.now += 60_000;
  expect([1, 2, 3, 4].map(() => failures.fail('a'))).toEqual([0, 0, 0, 1_000]);
});

test('a debt has an end, and so has the memory', () => {
  const { time, budget: failures } = budget(60, 3);
  for (let n = 0; n < 1_000; n++) failures.fail('a');
  expect(failures.debt('a')).toBe(60_000);
  for (let n = 0; n < 20_000; n++) failures.fail(`name-${n}`);
  expect(failures.debt('a')).toBe(0);
  time.now += 1;
  for (let n = 0; n < 5; n++) failures.fail('name-19999');
  expect(failures.debt('name-19999')).toBeGreaterThan(0);
});
