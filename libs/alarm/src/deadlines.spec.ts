import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Deadlines, type Due } from './deadlines.js';

interface Movable extends Due {
  deadline: number;
}

const due = (orderKey: string, deadline: number, orderIndex = 0): Movable => ({
  orderKey,
  orderIndex,
  deadline,
  queued: undefined,
});

function takeAll(deadlines: Deadlines<Movable>, time: number): string[] {
  const taken: string[] = [];
  for (let next = deadlines.take(time); next !== undefined; next = deadlines.take(time)) {
    taken.push(`${next.orderKey}@${next.deadline}`);
    next.deadline = Infinity;
  }
  return taken;
}

describe('deadlines', () => {
  it('takes them in order of time, then of key, then of index', () => {
    const deadlines = new Deadlines<Movable>();
    for (const entry of [due('b', 5), due('c', 1), due('a', 5), due('d', 9)]) deadlines.schedule(entry);
    expect(takeAll(deadlines, 5)).toEqual(['c@1', 'a@5', 'b@5']);
    expect(deadlines.next()).toBe(9);
  });

  it('what was forgotten hides nothing that comes after it', () => {
    const deadlines = new Deadlines<Movable>();
    const [first, second] = [due('x', 5), due('z', 5)];
    for (const entry of [first, second]) deadlines.schedule(entry);
    deadlines.forget(second);
    for (const entry of [due('y', 9), due('w', 5)]) deadlines.schedule(entry);
    expect(takeAll(deadlines, 9)).toEqual(['w@5', 'x@5', 'y@9']);
  });

  it('takes what is left in its order, whatever was forgotten in between', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      at: fc.nat(3),
      forget: fc.option(fc.nat(8)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.nat(4), (steps, forgottenKept) => {
        const deadlines = new Deadlines<Movable>(forgottenKept);
        let left: Movable[] = [];
        steps.forEach(({ key, at, forget }, index) => {
          const added = due(`${key}${index}`, at);
          deadlines.schedule(added);
          left.push(added);
          const victim = forget === null ? undefined : left[forget];
          if (victim !== undefined) deadlines.forget(victim);
          left = left.filter((one) => one !== victim);
        });
        const expected = left
          .toSorted((a, b) => a.deadline - b.deadline || (a.orderKey < b.orderKey ? -1 : 1))
          .map(({ orderKey, deadline }) => `${orderKey}@${deadline}`);
        expect(takeAll(deadlines, 9)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds no more places of what was forgotten than there are others', () => {
    const deadlines = new Deadlines<Movable>(0);
    const all = Array.from({ length: 100 }, (_, index) => due(`k${index}`, 100 - index));
    for (const entry of all) deadlines.schedule(entry);
    for (const entry of all.slice(0, 80)) deadlines.forget(entry);
    expect(deadlines.size).toBeLessThanOrEqual(40);
    expect(takeAll(deadlines, 100)).toHaveLength(20);
  });

  it('follows a deadline that moves later without being told', () => {
    const deadlines = new Deadlines<Movable>();
    const deadMan = due('a', 10);
    deadlines.schedule(deadMan);
    deadMan.deadline = 30;
    expect(deadlines.lowerBound()).toBe(10);
    expect(deadlines.next()).toBe(30);
    expect(deadlines.lowerBound()).toBe(30);
    expect(takeAll(deadlines, 29)).toEqual([]);
    expect(takeAll(deadlines, 30)).toEqual(['a@30']);
  });

  it('forgets what is no longer pending', () => {
    const deadlines = new Deadlines<Movable>();
    const entry = due('a', 10);
    deadlines.schedule(entry);
    entry.deadline = Infinity;
    expect(deadlines.next()).toBeUndefined();
    entry.deadline = 20;
    deadlines.schedule(entry);
    expect(takeAll(deadlines, 100)).toEqual(['a@20']);
  });

  it('agrees with sorting, whatever is moved, ended and taken', () => {
    const act = fc.record({
      which: fc.nat(7),
      deadline: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(Infinity)),
      asks: fc.boolean(),
      takeAt: fc.option(fc.integer({ min: 0, max: 40 })),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const deadlines = new Deadlines<Movable>();
        const all = Array.from({ length: 8 }, (_, index) => due(`k${index}`, Infinity));
        for (const { which, deadline, asks, takeAt } of acts) {
          const entry = all[which] as Movable;
          entry.deadline = deadline;
          deadlines.schedule(entry);
          const pending = all
            .filter((candidate) => candidate.deadline !== Infinity)
            .sort((a, b) => a.deadline - b.deadline || (a.orderKey < b.orderKey ? -1 : 1));
          if (pending[0] !== undefined) {
            expect(deadlines.lowerBound()).toBeLessThanOrEqual(pending[0].deadline);
          }
          if (asks) expect(deadlines.next()).toBe(pending[0]?.deadline);
          if (takeAt === null) continue;
          const expected = pending
            .filter((candidate) => candidate.deadline <= takeAt)
            .map((candidate) => `${candidate.orderKey}@${candidate.deadline}`);
          expect(takeAll(deadlines, takeAt)).toEqual(expected);
        }
      }),
    );
  });
});
