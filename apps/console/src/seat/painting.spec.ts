import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { atMostEvery } from './painting.js';

describe('at most every so often', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('the first is at once, a burst becomes one, and its last is not lost', () => {
    let value = 0;
    const told: number[] = [];
    const tell = atMostEvery(250, () => told.push(value));
    for (value = 1; value <= 10; value += 1) {
      tell();
      jest.advanceTimersByTime(10);
    }
    expect(told).toEqual([1]);
    jest.advanceTimersByTime(200);
    expect(told).toEqual([1, 11]);
    jest.advanceTimersByTime(1_000);
    expect(told).toHaveLength(2);
    tell();
    expect(told).toHaveLength(3);
  });
});
