import { expect, test } from '@jest/globals';
import { onPostRate } from './on-post-rate.js';

test('[FU14] the on-post rate is of checks whose time is over and that reached their device', () => {
  expect(onPostRate([], 100)).toBeNull();
  expect(onPostRate([{ verdict: 'present', closesAt: 101 }], 100)).toBeNull();
  expect(
    onPostRate(
      [
        { verdict: 'present', closesAt: 10 },
        { verdict: 'absent', closesAt: 100 },
        { verdict: 'undelivered', closesAt: 40 },
        { verdict: 'undelivered', closesAt: null },
        { verdict: 'present', closesAt: 500 },
        { verdict: null, closesAt: 500 },
      ],
      100,
    ),
  ).toBe(0.5);
});
