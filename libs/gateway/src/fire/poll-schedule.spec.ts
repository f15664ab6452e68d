import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fireOptions } from './fire-options.js';
import { PollSchedule } from './poll-schedule.js';

const { pollMs, settleMs, pollSpreadMs, pollsPerSecond } = fireOptions;
const chance = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
const drawn = (stream: Iterator<number>) => () => stream.next().value as number;

describe('[FI22] the schedule of the poll', () => {
  it('polls who is there at least once a period, however often it connects anew, and never at once again', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 5_400 }), { maxLength: 40 });
    fc.assert(
      fc.property(chance, gaps, (stream, seconds) => {
        const schedule = new PollSchedule(fireOptions, drawn(stream));
        const polls = [0];
        let now = 0;
        schedule.arrived('room-1', now);
        for (const gap of [...seconds, 3_600]) {
          for (let second = 0; second < gap; second += 1) {
            now += 1_000;
            if (schedule.take(now).length > 0) polls.push(now);
          }
          schedule.left('room-1');
          schedule.arrived('room-1', now);
        }
        const waits = polls.slice(1).map((at, n) => at - (polls[n] ?? 0));
        expect(Math.max(...waits, now - (polls.at(-1) ?? 0))).toBeLessThanOrEqual(pollMs);
        expect(Math.min(...waits)).toBeGreaterThanOrEqual(settleMs);
      }),
      { numRuns: 25 },
    );
  });

  it('polls one that never stays for long', () => {
    const schedule = new PollSchedule(fireOptions, () => 0.5);
    const polls = [];
    for (let now = 0; now < 3_600_000; now += 1_000) {
      if (now % 20_000 === 0) schedule.arrived('room-1', now);
      polls.push(...schedule.take(now));
    }
    expect(polls.length).toBeGreaterThan(10);
  });

  it('spreads two thousand that connect at once, and keeps them apart', () => {
    let seed = 7;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const schedule = new PollSchedule(fireOptions, random);
    for (let n = 0; n < 2_000; n++) schedule.arrived(`room-${n}`, 0);
    const first = new Map<string, number>();
    for (let now = 1_000; now <= settleMs + pollSpreadMs + 60_000; now += 1_000) {
      const taken = schedule.take(now);
      expect(taken.length).toBeLessThanOrEqual(pollsPerSecond);
      for (const id of taken) first.set(id, now);
    }
    expect(first.size).toBe(2_000);
    expect(Math.min(...first.values())).toBeGreaterThanOrEqual(settleMs);
    const busiest = new Map<number, number>();
    for (const at of first.values()) busiest.set(at, (busiest.get(at) ?? 0) + 1);
    expect(Math.max(...busiest.values())).toBeLessThan(pollsPerSecond);
  });

  it('bounds the rate of all together, the longest overdue first; who has left or is gone is not polled', () => {
    const schedule = new PollSchedule({ ...fireOptions, pollSpreadMs: 0, pollsPerSecond: 2 }, () => 0);
    for (let n = 0; n < 6; n++) schedule.arrived(`room-${n}`, n);
    schedule.left('room-1');
    schedule.forget('room-2');
    const at = (seconds: number) => schedule.take(settleMs + seconds * 1_000);
    expect([at(1), at(2), at(3)]).toEqual([['room-0', 'room-3'], ['room-4', 'room-5'], []]);
  });
});
