import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SequenceWindow, WINDOW_BITS } from './sequence-window.js';

describe('the window of message numbers', () => {
  it('recognises what comes again, however it is shuffled within the window', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 300 }),
        fc.nat(1_000_000),
        fc.nat(299),
        (numbers, base, restartAt) => {
          let window = new SequenceWindow();
          const seen = new Set<number>();
          numbers.forEach((number, index) => {
            const state = window.state();
            if (index === restartAt && state !== undefined) {
              window = SequenceWindow.restore(JSON.parse(JSON.stringify(state)) as typeof state);
            }
            expect(window.take('a', base + number, NaN)).toBe(!seen.has(number));
            seen.add(number);
          });
        },
      ),
    );
  });

  it('never takes a number for seen that was not', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20_000), { maxLength: 500 }), (numbers) => {
        const window = new SequenceWindow();
        const seen = new Set<number>();
        for (const number of numbers) {
          if (!window.take('a', number, NaN)) expect(seen).toContain(number);
          seen.add(number);
        }
      }),
    );
  });

  it('agrees with a set of all numbers, for a device that mostly keeps to its order', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.constant(1) },
      { weight: 2, arbitrary: fc.integer({ min: -6, max: 6 }) },
      { weight: 1, arbitrary: fc.integer({ min: -WINDOW_BITS - 50, max: WINDOW_BITS + 50 }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), fc.nat(399), (steps, lookAt) => {
        const window = new SequenceWindow();
        const seen = new Set<number>();
        let high = -1;
        let number = 5_000;
        steps.forEach((by, index) => {
          number = Math.max(0, number + by);
          const repeated = number > high - WINDOW_BITS && seen.has(number);
          expect([number, window.take('a', number, NaN)]).toEqual([number, !repeated]);
          if (number > high - WINDOW_BITS) seen.add(number);
          high = Math.max(high, number);
          // Looking at it changes nothing.
          if (index === lookAt) window.state();
        });
      }),
      { numRuns: 500 },
    );
  });

  it('begins anew with a boot, and holds what is far behind for new', () => {
    const window = new SequenceWindow();
    expect(window.take('a', 5, NaN)).toBe(true);
    expect(window.take('b', 5, NaN)).toBe(true);
    expect(window.take('b', 5, NaN)).toBe(false);
    expect(window.take('b', 5 + WINDOW_BITS, NaN)).toBe(true);
    expect(window.take('b', 5, NaN)).toBe(true);
  });

  it('believes a device time rather than a boot id that never changes', () => {
    const window = new SequenceWindow();
    for (let seq = 0; seq < 100; seq++) expect(window.take('1', seq, 1_000 + seq)).toBe(true);
    expect(window.take('1', 40, 1_040)).toBe(false);
    for (let seq = 0; seq < 100; seq++) expect(window.take('1', seq, 5_000 + seq)).toBe(true);
    expect(window.take('1', 99, 5_099)).toBe(false);
  });
});
