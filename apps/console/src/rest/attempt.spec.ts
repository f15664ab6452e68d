import { expect, test } from '@jest/globals';
import { Attempt } from './attempt.js';
import { RestError } from './rest-client.js';

const LOST = new RestError(0, 'unanswered', '');
const FAILED = new RestError(503, 'storage_unavailable', '');
const REFUSED = new RestError(409, 'already_shelved', '');

/** A server that fails as told, then answers; with what it was sent. */
function server(...failures: readonly RestError[]) {
  const sent: [body: string, key: string][] = [];
  let keys = 0;
  const attempt = new Attempt(
    (body: string, key: string) => {
      const failure = failures[sent.length];
      sent.push([body, key]);
      return failure === undefined ? Promise.resolve('done') : Promise.reject(failure);
    },
    () => `key ${(keys += 1)}`,
  );
  return { attempt, sent };
}

test('what nobody answered is tried again as it was, body and key', async () => {
  const { attempt, sent } = server(LOST, FAILED);
  expect(await attempt.make('first')).toBeUndefined();
  expect(attempt.unanswered.value).toBe(true);
  await attempt.make('meanwhile');
  expect(await attempt.make('later')).toBe('done');
  expect(sent).toEqual([
    ['first', 'key 1'],
    ['first', 'key 1'],
    ['first', 'key 1'],
  ]);
});

test('what was refused is over, and so is what was done: the next is another act', async () => {
  const { attempt, sent } = server(REFUSED);
  await attempt.make('first');
  expect([attempt.unanswered.value, attempt.failure.value]).toEqual([false, REFUSED]);
  await attempt.make('second');
  await attempt.make('third');
  expect(sent.map(([body, key]) => `${body}, ${key}`)).toEqual([
    'first, key 1',
    'second, key 2',
    'third, key 3',
  ]);
  expect(attempt.failure.value).toBeNull();
});

test('a change makes another act of what was not answered', async () => {
  const { attempt, sent } = server(LOST);
  await attempt.make('ten minutes');
  attempt.changed();
  expect(attempt.failure.value).toBeNull();
  await attempt.make('an hour');
  expect(sent[1]).toEqual(['an hour', 'key 2']);
});

test('a second press while the first is awaited does nothing', async () => {
  const { attempt, sent } = server();
  const [first, second] = await Promise.all([attempt.make('one'), attempt.make('two')]);
  expect([first, second, sent.length]).toEqual(['done', undefined, 1]);
});
