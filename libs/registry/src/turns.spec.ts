import { expect, test } from '@jest/globals';
import { Turns } from './turns.js';

test('at most so many at once, in the order in which they came, also after a failure', async () => {
  const turns = new Turns(2);
  let running = 0;
  let most = 0;
  const done: number[] = [];
  const work = (index: number) =>
    turns.take(async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      done.push(index);
      if (index % 3 === 0) throw new Error('failed');
    });
  const results = await Promise.allSettled(Array.from({ length: 12 }, (_, index) => work(index)));
  expect(most).toBe(2);
  expect(done).toEqual(Array.from({ length: 12 }, (_, index) => index));
  expect(results.filter((result) => result.status === 'rejected')).toHaveLength(4);
});
