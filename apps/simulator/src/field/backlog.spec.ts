import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Backlog, type Outgoing } from './backlog.js';

const reading = (order: number): Outgoing => ({
  order,
  kind: 'telemetry',
  message: { values: { conc: order }, ts: order, seq: order, boot: 'b' },
});
const event = (order: number): Outgoing => ({
  order,
  kind: 'event',
  message: { event: 'alarm_button', ts: order },
});

const orders = (list: readonly Outgoing[]): number[] => list.map(({ order }) => order);

function drain(backlog: Backlog, most: number): number[][] {
  const batches: number[][] = [];
  for (let batch = backlog.next(most); batch.length > 0; batch = backlog.next(most)) {
    batches.push(orders(batch));
    backlog.done(batch);
  }
  return batches;
}

describe('Backlog', () => {
  test('comes out in the order in which things happened, whatever the order in which they came in', () => {
    const messages = fc.array(fc.boolean(), { maxLength: 60 }).chain((kinds) =>
      fc.shuffledSubarray(
        kinds.map((isEvent, order) => (isEvent ? event(order) : reading(order))),
        { minLength: kinds.length },
      ),
    );
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 10 }), (list, most) => {
        const backlog = new Backlog(1_000);
        for (const message of list) backlog.add(message);
        const batches = drain(backlog, most);
        expect(batches.flat()).toEqual(list.map(({ order }) => order).sort((a, b) => a - b));
        expect(batches.every((batch) => batch.length <= most)).toBe(true);
      }),
    );
  });

  test('a publish carries readings or one event, never both', () => {
    const backlog = new Backlog(100);
    backlog.add(reading(0), reading(1), event(2), event(3), reading(4));
    expect(drain(backlog, 10)).toEqual([[0, 1], [2], [3], [4]]);
  });

  test('is bounded, gives up the oldest reading first, keeps events and counts', () => {
    const backlog = new Backlog(3);
    backlog.add(event(0), reading(1), reading(2), reading(3), reading(4));
    expect(backlog.dropped).toBe(2);
    expect(drain(backlog, 10)).toEqual([[0], [3, 4]]);
  });

  test('forgets exactly what was acknowledged, also when something was dropped meanwhile', () => {
    const backlog = new Backlog(3);
    backlog.add(reading(0), reading(1), reading(2));
    const batch = backlog.next(2);
    backlog.add(reading(3), reading(4));
    backlog.done(batch);
    expect(drain(backlog, 10)).toEqual([[2, 3, 4]]);
  });
});
