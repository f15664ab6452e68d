import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { atMostEvery, Paintings } from './painting.js';

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

describe('[FU19] what was painted, and when', () => {
  function screen() {
    let now = 0;
    let next: (() => void)[] = [];
    const told: unknown[] = [];
    const paintings = new Paintings(() => told.push(now), {
      now: () => now,
      nextFrame: (work) => next.push(work),
    });
    const frame = (at: number): void => {
      now = at;
      const due = next;
      next = [];
      for (const work of due) work();
    };
    return { paintings, frame, told, pass: (ms: number) => (now += ms), asked: () => next.length };
  }

  test('a frame is out when the next one begins, and each keeps its own age in a report that comes later', () => {
    const { paintings, frame, pass } = screen();
    paintings.put(7);
    frame(16);
    expect(paintings.take()).toBeUndefined();
    paintings.put(9);
    frame(32);
    frame(48);
    pass(100);
    expect(paintings.take()).toEqual({
      offset: 9,
      frames: [
        { offset: 7, ago: 116 },
        { offset: 9, ago: 100 },
      ],
    });
    expect(paintings.take()).toBeUndefined();
  });

  test('while the page paints nothing nothing is told, and one frame is waited for', () => {
    const { paintings, frame, told, asked } = screen();
    for (let offset = 1; offset <= 1_000; offset += 1) paintings.put(offset);
    expect([told, asked()]).toEqual([[], 1]);
    frame(5_000);
    frame(5_016);
    expect(paintings.take()).toEqual({ offset: 1_000, frames: [{ offset: 1_000, ago: 0 }] });
    expect(asked()).toBe(0);
  });
});
