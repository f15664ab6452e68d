import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { type Database } from '../database.js';
import { CallbackEventRepository } from './callback-events.js';

const DAY = 86_400_000;
let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
});
afterEach(() => temporary.remove());

describe('event ids of callbacks', () => {
  test('[CB7] are known for seven days, each to its own integration, and after a restart', async () => {
    const { callbackEvents } = temporary.registry;
    await callbackEvents.record('onenet', ['a', 'b']);
    expect(await callbackEvents.known('onenet', ['a', 'c', 'b'])).toEqual(new Set(['a', 'b']));
    expect(await callbackEvents.known('ctwing', ['a'])).toEqual(new Set());
    temporary.clock.advance(7 * DAY);
    expect(await (await temporary.reopen()).callbackEvents.known('onenet', ['a'])).toEqual(new Set(['a']));
    temporary.clock.advance(1);
    expect(await temporary.registry.callbackEvents.known('onenet', ['a'])).toEqual(new Set());
  });

  test('[CB7] are as many as a request may have reports, and may be recorded again', async () => {
    const {
      registry: { callbackEvents },
      clock,
    } = temporary;
    const ids = Array.from({ length: 1_001 }, (_, n) => `event-${n}`);
    await callbackEvents.record('onenet', ids);
    clock.advance(6 * DAY);
    await callbackEvents.record('onenet', ids.slice(0, 3));
    clock.advance(2 * DAY);
    expect((await callbackEvents.known('onenet', ids)).size).toBe(3);
    expect(await callbackEvents.trim()).toBe(998);
    expect(await callbackEvents.trim()).toBe(0);
    expect((await callbackEvents.known('onenet', ids)).size).toBe(3);
  });

  test('[CB7] are bounded in number: the oldest go first', async () => {
    const { db } = temporary.registry as unknown as { readonly db: Database };
    const small = new CallbackEventRepository(db, temporary.clock.now, { keptMs: DAY, rows: 2 });
    for (const id of ['a', 'b', 'c', 'd']) {
      await small.record('x', [id]);
      temporary.clock.advance(1);
    }
    expect(await small.trim()).toBe(2);
    expect(await small.known('x', ['a', 'b', 'c', 'd'])).toEqual(new Set(['c', 'd']));
  });
});
