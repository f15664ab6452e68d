import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { type DeadLetterRow } from '../rows.js';
import { SqlThread } from '../sql-thread.js';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
});
afterEach(() => temporary.remove());

describe('the audit', () => {
  test('is listed newest first, by actor and by action', async () => {
    const { audit } = temporary.registry;
    await audit.append({ actor: 'amy', action: 'signed-in', subject: 'amy', address: '10.0.0.1' });
    temporary.clock.advance(5);
    await audit.append({
      actor: 'bob',
      action: 'device-created',
      subject: 'dev-1',
      detail: { 名: ['一', 2] },
    });
    await audit.append({ actor: 'amy', action: 'device-created', subject: 'dev-2' });
    const all = await audit.list({ limit: 10 });
    expect(all.items.map((entry) => [entry.seq, entry.actor])).toEqual([
      [3, 'amy'],
      [2, 'bob'],
      [1, 'amy'],
    ]);
    expect(all.items[1]).toEqual({
      seq: 2,
      at: temporary.clock.now(),
      actor: 'bob',
      action: 'device-created',
      subject: 'dev-1',
      detail: { 名: ['一', 2] },
      address: null,
    });
    expect((await audit.list({ limit: 10, actor: 'amy' })).total).toBe(2);
    const created = await audit.list({ limit: 1, action: 'device-created' });
    expect([created.total, created.items[0]?.seq]).toEqual([2, 3]);
    const next = await audit.list({ limit: 1, action: 'device-created', cursor: created.nextCursor ?? '' });
    expect([next.items[0]?.seq, next.nextCursor]).toEqual([2, null]);
  });

  test('cannot be changed or shortened, even by SQL', async () => {
    await temporary.registry.audit.append({ actor: 'amy', action: 'signed-in', subject: 'amy' });
    await temporary.registry.close();
    const thread = await SqlThread.open({
      file: path.join(temporary.directory, 'registry.db'),
      lockTimeoutMs: 50,
    });
    for (const statement of ["update audit set actor = 'bob'", 'delete from audit']) {
      await expect(thread.run(statement, [])).rejects.toThrow('append-only');
    }
    await thread.close();
    const { audit } = await temporary.reopen();
    expect((await audit.list({ limit: 10 })).items.map((entry) => entry.actor)).toEqual(['amy']);
  });
});

describe('dead letters', () => {
  const letter = (id: number, deviceId: string | null = 'dev-1'): DeadLetterRow => ({
    id,
    deviceId,
    topic: 'watchfire/v1/devices/dev-1/telemetry',
    code: 'not_json',
    message: 'unexpected end',
    at: 1_000 + id,
    payload: new Uint8Array([0, 123, 255, id]),
    replayedAt: null,
  });

  test('keep every byte, and a letter that comes twice is one', async () => {
    await temporary.registry.deadLetters.append([letter(1), letter(2)]);
    await temporary.registry.deadLetters.append([{ ...letter(2), message: 'again' }, letter(3, null)]);
    await temporary.registry.deadLetters.append([]);
    const { deadLetters } = await temporary.reopen();
    const { items, total } = await deadLetters.list({ limit: 10 });
    expect(total).toBe(3);
    expect(items).toEqual([letter(3, null), letter(2), letter(1)]);
    expect((await deadLetters.find(2))?.payload).toEqual(new Uint8Array([0, 123, 255, 2]));
    expect(await deadLetters.find(9)).toBeUndefined();
    expect((await deadLetters.list({ limit: 10, deviceId: 'dev-1' })).total).toBe(2);
  });

  test('are marked when they were replayed', async () => {
    const { deadLetters } = temporary.registry;
    await deadLetters.append([letter(1)]);
    await deadLetters.markReplayed(1, 5_000);
    expect((await deadLetters.find(1))?.replayedAt).toBe(5_000);
    await expect(deadLetters.markReplayed(9, 5_000)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('are trimmed to the newest', async () => {
    const { deadLetters } = temporary.registry;
    await deadLetters.append([1, 2, 30, 40, 500].map((id) => letter(id)));
    expect(await deadLetters.trim(5)).toBe(0);
    expect(await deadLetters.trim(2)).toBe(3);
    expect((await deadLetters.list({ limit: 10 })).items.map((one) => one.id)).toEqual([500, 40]);
    expect(await deadLetters.trim(0)).toBe(2);
  });
});

describe('idempotency keys', () => {
  test('answer a repeated request with the first answer', async () => {
    const { idempotency } = temporary.registry;
    expect(await idempotency.begin('amy', 'k1', 'hash')).toBe('new');
    expect(await idempotency.begin('amy', 'k1', 'hash')).toBe('running');
    expect(await idempotency.begin('amy', 'k1', 'other')).toBe('mismatch');
    expect(await idempotency.begin('bob', 'k1', 'other')).toBe('new');
    await idempotency.complete('amy', 'k1', 201, '{"id":1}');
    await idempotency.abandon('amy', 'k1');
    expect(await idempotency.begin('amy', 'k1', 'hash')).toEqual({ status: 201, body: '{"id":1}' });
    expect(await idempotency.begin('amy', 'k1', 'other')).toBe('mismatch');
    expect(await idempotency.find('amy', 'k1')).toEqual({
      requestHash: 'hash',
      status: 201,
      body: '{"id":1}',
    });
    expect(await idempotency.find('amy', 'k2')).toBeUndefined();
  });

  test('of many equal requests at once let one do the work', async () => {
    const { idempotency } = temporary.registry;
    const starts = await Promise.all(Array.from({ length: 20 }, () => idempotency.begin('amy', 'k', 'hash')));
    expect(starts.filter((start) => start === 'new')).toHaveLength(1);
    expect(starts.filter((start) => start === 'running')).toHaveLength(19);
  });

  test('are free again after a failure and after a restart, and are forgotten in time', async () => {
    const { idempotency } = temporary.registry;
    await idempotency.begin('amy', 'failed', 'hash');
    await idempotency.abandon('amy', 'failed');
    expect(await idempotency.begin('amy', 'failed', 'hash')).toBe('new');
    await idempotency.begin('amy', 'done', 'hash');
    await idempotency.complete('amy', 'done', 200, '');

    const { idempotency: restarted } = await temporary.reopen();
    expect(await restarted.begin('amy', 'failed', 'hash')).toBe('new');
    expect(await restarted.begin('amy', 'done', 'hash')).toEqual({ status: 200, body: '' });
    temporary.clock.advance(10);
    expect(await restarted.trim(temporary.clock.now())).toBe(2);
    expect(await restarted.begin('amy', 'done', 'hash')).toBe('new');
  });
});
