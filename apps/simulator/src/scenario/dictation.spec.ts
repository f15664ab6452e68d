import { describe, expect, test } from '@jest/globals';
import { Dictation } from './dictation.js';

describe('Dictation', () => {
  test('goes in a straight line and stays where it arrived', () => {
    const dictation = new Dictation();
    dictation.ramp('conc', { from: 4, to: 64, startAt: 1_000, endAt: 46_000 });
    const valueAt = (at: number): unknown => dictation.at(at).get('conc')?.value;
    expect([0, 1_000, 16_000, 31_000, 46_000, 90_000].map(valueAt)).toEqual([4, 4, 24, 44, 64, 64]);
    expect([dictation.moving(46_000), dictation.moving(46_001)]).toEqual([true, false]);
  });

  test('a set value takes the place of a ramp, and a ramp that of a set value', () => {
    const dictation = new Dictation();
    dictation.ramp('conc', { from: 0, to: 10, startAt: 0, endAt: 10 });
    dictation.set({ conc: 3, fault: true });
    expect(dictation.at(5).get('conc')).toEqual({ value: 3, noisy: false });
    dictation.ramp('conc', { from: 3, to: 5, startAt: 0, endAt: 10 });
    expect(dictation.at(5).get('conc')).toEqual({ value: 4, noisy: true });
    expect(dictation.at(5).get('fault')).toEqual({ value: true, noisy: false });
  });

  test('a release leaves nothing', () => {
    const dictation = new Dictation();
    dictation.set({ fire: true });
    dictation.ramp('conc', { from: 0, to: 10, startAt: 0, endAt: 10 });
    dictation.release();
    expect([dictation.active, dictation.moving(5), dictation.at(5).size]).toEqual([false, false, 0]);
  });
});
