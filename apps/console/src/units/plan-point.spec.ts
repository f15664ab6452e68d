import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inside, planPoint, stepOf } from './plan-point.js';

describe('a place on a plan', () => {
  test('[FU6] is on it, wherever the pointer is', () => {
    const number = fc.double({ min: -5_000, max: 5_000, noNaN: true });
    fc.assert(
      fc.property(number, number, fc.nat(2_000), fc.nat(2_000), (x, y, width, height) => {
        for (const share of planPoint({ left: 10, top: 20, width, height }, x, y)) {
          expect(share >= 0 && share <= 1).toBe(true);
        }
      }),
    );
  });

  test('[FU6] is where the pointer is, whatever the size in which the plan is drawn', () => {
    const box = { left: 100, top: 50, width: 600, height: 400 };
    expect(planPoint(box, 250, 350)).toEqual([0.25, 0.75]);
    expect(planPoint({ ...box, width: 1_200, height: 800 }, 400, 650)).toEqual([0.25, 0.75]);
  });

  test('goes by keys in both directions, and comes back', () => {
    const keys = fc.array(fc.constantFrom('ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'), {
      maxLength: 20,
    });
    const back = {
      ArrowLeft: 'ArrowRight',
      ArrowRight: 'ArrowLeft',
      ArrowUp: 'ArrowDown',
      ArrowDown: 'ArrowUp',
    };
    fc.assert(
      fc.property(keys, fc.boolean(), (pressed, long) => {
        const walk = [...pressed, ...pressed.map((key) => back[key])];
        const end = walk.reduce<readonly [number, number]>(
          ([x, y], key) => {
            const [dx, dy] = stepOf(key, long) ?? [9, 9];
            return [x + dx, y + dy];
          },
          [0, 0],
        );
        expect(inside([end[0] + 0.5, end[1] + 0.5])).toEqual([0.5, 0.5]);
      }),
    );
    expect(stepOf('a', false)).toBeNull();
  });
});
