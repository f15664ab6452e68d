import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from '../../test/manual-clock.js';
import { Scheduler } from './scheduler.js';

describe('Scheduler', () => {
  test('runs everything once, in order of time, and tells each task its own time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 50 }), (delays) => {
        const clock = new ManualClock();
        const scheduler = new Scheduler(clock);
        const start = clock.now();
        const ran: number[] = [];
        for (const delay of delays) scheduler.at(start + delay, (at) => ran.push(at - start));
        clock.pass(6_000);
        expect(ran).toEqual([...delays].sort((a, b) => a - b));
      }),
    );
  });

  test('keeps the order of what is due at the same time', () => {
    const clock = new ManualClock();
    const scheduler = new Scheduler(clock);
    const ran: number[] = [];
    for (let i = 0; i < 20; i++) scheduler.at(clock.now() + 100, () => ran.push(i));
    clock.pass(1_000);
    expect(ran).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('does not run what was cancelled, also by a task of the same turn', () => {
    const clock = new ManualClock();
    const scheduler = new Scheduler(clock);
    const ran: string[] = [];
    scheduler.at(clock.now() + 100, () => {
      ran.push('first');
      second.cancel();
    });
    const second = scheduler.at(clock.now() + 100, () => ran.push('second'));
    clock.pass(1_000);
    expect(ran).toEqual(['first']);
  });

  test('gives a task that always wants to go on one turn at a time', () => {
    const clock = new ManualClock();
    const scheduler = new Scheduler(clock);
    let turns = 0;
    const again = (): void => {
      turns++;
      scheduler.at(clock.now(), again);
    };
    scheduler.at(clock.now(), again);
    clock.pass(1_000);
    expect(turns).toBeGreaterThan(10);
    expect(turns).toBeLessThanOrEqual(100);
  });

  test('a clock that is set back an hour delays nothing', () => {
    const clock = new ManualClock();
    const scheduler = new Scheduler(clock);
    let ran = 0;
    const again = (): void => {
      ran++;
      scheduler.at(clock.now() + 1_000, again);
    };
    scheduler.at(clock.now() + 1_000, again);
    clock.pass(10_500);
    clock.jump(-3_600_000);
    clock.pass(10_500);
    expect(ran).toBeGreaterThanOrEqual(18);
  });

  test('a machine that slept finds everything due, once', () => {
    const clock = new ManualClock();
    const scheduler = new Scheduler(clock);
    let ran = 0;
    scheduler.at(clock.now() + 60_000, () => ran++);
    clock.jump(3_600_000);
    clock.pass(2_000);
    expect(ran).toBe(1);
  });

  test('after a stop nothing runs', () => {
    const clock = new ManualClock();
    const scheduler = new Scheduler(clock);
    let ran = 0;
    scheduler.at(clock.now() + 100, () => ran++);
    scheduler.stop();
    scheduler.at(clock.now() + 100, () => ran++);
    clock.pass(10_000);
    expect(ran).toBe(0);
  });
});
