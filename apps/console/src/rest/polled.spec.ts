import { expect, test } from '@jest/globals';
import { Polled } from './polled.js';

/** A server whose answers come when the test says so. */
function slow() {
  const waiting: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const polled = new Polled(
    () => new Promise<string>((resolve, reject) => void waiting.push({ resolve, reject })),
  );
  return { waiting, polled };
}

test('what is asked while an answer is awaited shares it', async () => {
  const { waiting, polled } = slow();
  const both = [polled.load(), polled.load()];
  expect(waiting).toHaveLength(1);
  waiting[0]?.resolve('first');
  await Promise.all(both);
  expect([polled.value.value, polled.loading.value]).toEqual(['first', false]);
});

test('an answer to a question from before a change is dropped, however late it comes', async () => {
  const { waiting, polled } = slow();
  const old = polled.load();
  const fresh = polled.again();
  waiting[1]?.resolve('after');
  await fresh;
  waiting[0]?.resolve('before');
  await old;
  expect([polled.value.value, polled.loading.value]).toEqual(['after', false]);
});

test('a failure keeps what was read before and says so; the next answer takes it away', async () => {
  const { waiting, polled } = slow();
  const first = polled.load();
  waiting[0]?.resolve('known');
  await first;
  const second = polled.load();
  waiting[1]?.reject(new Error('down'));
  await second;
  expect([polled.value.value, String(polled.failure.value)]).toEqual(['known', 'Error: down']);
  const third = polled.load();
  waiting[2]?.resolve('again');
  await third;
  expect([polled.value.value, polled.failure.value]).toEqual(['again', null]);
});

test('another question forgets the answer to the old one at once', async () => {
  const { waiting, polled } = slow();
  const first = polled.load();
  waiting[0]?.resolve('of site 1');
  await first;
  const second = polled.restart();
  expect(polled.value.value).toBeNull();
  waiting[1]?.resolve('of site 2');
  await second;
  expect(polled.value.value).toBe('of site 2');
});
