import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ClockWatch } from './clock-watch.js';

const LIMIT = 5_000;
const EVERY = 600_000;
const SETTLED = 30_000;
const options = { clockLimitMs: LIMIT, clockEveryMs: EVERY, settleMs: SETTLED };
const ID = 'room-1';
/** What is read of a frame: labels have no fractions of a second, and the way takes its time. */
const readOf = (skewMs: number, delayMs: number, sentAt: number) =>
  Math.floor((sentAt + skewMs) / 1_000) * 1_000 - (sentAt + delayMs);

describe('[FI23] whose clock is set', () => {
  const delays = fc.tuple(fc.nat(60_000), fc.nat(60_000), fc.nat(60_000));
  const sentAt = fc.nat(10_000_000);

  it('never that of a clock within the limit, when one of three frames was not held up', () => {
    const skews = fc.integer({ min: -LIMIT, max: LIMIT });
    fc.assert(
      fc.property(skews, delays, fc.nat(2), sentAt, (skew, late, which, at) => {
        const watch = new ClockWatch(options);
        watch.arrived(ID, 0);
        late.forEach((delay, n) => watch.read(ID, readOf(skew, n === which ? 0 : delay, at + n * 20_000)));
        expect(watch.due(SETTLED)).toEqual([]);
      }),
    );
  });

  it('always that of a clock further off than the limit and what a label leaves out', () => {
    const off = fc.integer({ min: LIMIT + 1_001, max: 300_000_000 });
    fc.assert(
      fc.property(off, fc.boolean(), sentAt, (by, isBehind, at) => {
        const watch = new ClockWatch(options);
        watch.arrived(ID, 0);
        for (let n = 0; n < 3; n++) {
          expect(watch.due(SETTLED)).toEqual([]);
          watch.read(ID, readOf(isBehind ? -by : by, 0, at + n * 20_000));
        }
        expect(watch.due(SETTLED - 1)).toEqual([]);
        expect(watch.due(SETTLED)).toEqual([ID]);
      }),
    );
  });

  const wrong = (watch: ClockWatch) => {
    for (let n = 0; n < 3; n++) watch.read(ID, 60_000);
  };

  it('at most once in ten minutes, over connections too, and by what was read since', () => {
    const watch = new ClockWatch(options);
    watch.arrived(ID, 0);
    wrong(watch);
    watch.told(ID, 40_000);
    expect(watch.due(10 * EVERY)).toEqual([]);
    watch.left(ID);
    watch.arrived(ID, 50_000);
    wrong(watch);
    expect(watch.due(39_999 + EVERY)).toEqual([]);
    expect(watch.due(40_000 + EVERY)).toEqual([ID]);
    watch.read(ID, 0);
    watch.read(ID, 0);
    expect(watch.due(40_000 + EVERY)).toEqual([ID]);
    watch.read(ID, 0);
    expect(watch.due(40_000 + EVERY)).toEqual([]);
  });

  it('of none that has left or is gone, and of none where the settings say so', () => {
    const watch = new ClockWatch(options);
    wrong(watch);
    watch.arrived(ID, 0);
    wrong(watch);
    watch.left(ID);
    wrong(watch);
    expect(watch.due(EVERY)).toEqual([]);
    watch.arrived(ID, 0);
    wrong(watch);
    watch.forget(ID);
    expect(watch.due(EVERY)).toEqual([]);
    const never = new ClockWatch({ ...options, clockLimitMs: null });
    never.arrived(ID, 0);
    wrong(never);
    expect(never.due(EVERY)).toEqual([]);
  });
});
