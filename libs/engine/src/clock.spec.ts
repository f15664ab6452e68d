import { describe, expect, it } from '@jest/globals';
import { SystemClock } from './clock.js';

function clockAt(wall: number): {
  clock: SystemClock;
  pass: (ms: number) => void;
  jump: (ms: number) => void;
} {
  let wallNow = wall;
  let monotonic = 0;
  const clock = new SystemClock(
    () => wallNow,
    () => monotonic,
  );
  return {
    clock,
    pass: (ms) => {
      wallNow += ms;
      monotonic += ms;
    },
    jump: (ms) => (wallNow += ms),
  };
}

describe('system clock', () => {
  it('follows the wall clock', () => {
    const { clock, pass } = clockAt(1_000_000);
    pass(12_345);
    expect(clock.now()).toBe(1_012_345);
  });

  it.each([-3_600_000, 172_800_000])('does not take over a jump of the wall clock by %d ms', (jumpMs) => {
    const { clock, pass, jump } = clockAt(1_000_000_000);
    pass(10_000);
    const before = clock.now();
    jump(jumpMs);
    pass(10_000);
    expect(Math.abs(clock.now() - before - 10_000)).toBeLessThanOrEqual(50);
  });

  it('never falls, whatever the wall clock does', () => {
    const { clock, pass, jump } = clockAt(1_000_000_000);
    let last = clock.now();
    for (let step = 0; step < 1_000; step++) {
      jump(step % 3 === 0 ? -5_000 : 1_000);
      pass(step % 1_500);
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });

  it('approaches a wall clock that was corrected, and says by how much it differs', () => {
    const { clock, pass, jump } = clockAt(1_000_000_000);
    jump(1_000);
    expect(clock.offsetMs()).toBe(1_000);
    for (let second = 0; second < 400; second++) {
      pass(1_000);
      clock.now();
    }
    expect(Math.abs(clock.offsetMs())).toBeLessThanOrEqual(1);
  });
});
