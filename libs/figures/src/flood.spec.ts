import { describe, expect, it } from '@jest/globals';
import { FloodFold, type Flood } from './flood.js';

const MINUTE = 60_000;

/** Announcements at these minutes, the floods at the last given one. */
function floodsOf(minutes: readonly number[], until: number): readonly Flood[] {
  const fold = new FloodFold({ floodBegin: 10, floodEnd: 5, floodWindowMs: 10 * MINUTE });
  for (const minute of minutes) fold.announce(minute * MINUTE);
  return fold.floods(until * MINUTE);
}
const each = (count: number, from: number, step: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index * step);

describe('floods', () => {
  it('[KP6] begins with the tenth within ten minutes, and counts all ten', () => {
    expect(floodsOf(each(9, 0, 1), 9)).toEqual([]);
    expect(floodsOf(each(10, 0, 1), 9)).toEqual([{ from: 9 * MINUTE, to: null, announced: 10 }]);
  });

  it('[KP6] the first is out of the window after ten minutes', () => {
    expect(floodsOf([0, ...each(9, 2, 1)], 10)).toEqual([]);
  });

  it('[KP6] ends when the fifth newest leaves the window, although nothing comes', () => {
    const ten = each(10, 0, 1);
    expect(floodsOf(ten, 14)).toEqual([{ from: 9 * MINUTE, to: null, announced: 10 }]);
    expect(floodsOf(ten, 15)).toEqual([{ from: 9 * MINUTE, to: 15 * MINUTE, announced: 10 }]);
  });

  it('[KP6] goes on at five in ten minutes, and a second one needs ten again', () => {
    const steady = [...each(10, 0, 1), ...each(10, 11, 2)];
    expect(floodsOf(steady, 29)).toEqual([{ from: 9 * MINUTE, to: null, announced: 20 }]);
    expect(floodsOf([...each(10, 0, 1), ...each(9, 40, 1)], 60)).toHaveLength(1);
    expect(floodsOf([...each(10, 0, 1), ...each(10, 40, 1)], 60)).toHaveLength(2);
  });
});
