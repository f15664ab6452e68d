import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { type DeviceCommandRow } from '../rows.js';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
});
afterEach(() => temporary.remove());

const command = (offset: number, over: Partial<DeviceCommandRow> = {}): DeviceCommandRow => ({
  id: `cmd-${offset}`,
  deviceId: 'dev-1',
  command: 'close_valve',
  params: { 阀: ['一', 2, null] },
  actor: 'amy',
  reason: '泄漏',
  createdAt: 1_000,
  expires: 61_000,
  replyTimeoutMs: 30_000,
  state: 'accepted',
  sentAt: null,
  endedAt: null,
  cancelledBy: null,
  message: null,
  reply: null,
  offset,
  revision: offset,
  ...over,
});

test('a command comes back as it was, its device registered or not', async () => {
  const reply = { at: 3, ok: false, data: { code: [1] }, truncated: false, late: true };
  const row = command(1, {
    state: 'timed-out',
    sentAt: 2,
    endedAt: 3,
    message: '无',
    cancelledBy: 'x',
    reply,
  });
  await temporary.registry.deviceCommands.put([row]);
  const { deviceCommands } = await temporary.reopen();
  expect(await deviceCommands.find('cmd-1')).toEqual(row);
  expect(await deviceCommands.find('cmd-2')).toBeUndefined();
});

test('only a higher revision changes a command, and what was asked for never changes', async () => {
  const { deviceCommands } = temporary.registry;
  await deviceCommands.put([command(1)]);
  await deviceCommands.put([command(1, { state: 'sent', sentAt: 5, revision: 4, reason: 'another' })]);
  const sent = command(1, { state: 'sent', sentAt: 5, revision: 4 });
  expect(await deviceCommands.find('cmd-1')).toEqual(sent);
  await deviceCommands.put([command(1), command(1, { state: 'expired', revision: 4 })]);
  expect(await deviceCommands.find('cmd-1')).toEqual(sent);
});

test('the open ones are listed oldest first, those of a device newest first, by pages', async () => {
  const { deviceCommands } = temporary.registry;
  await deviceCommands.put([
    command(30, { state: 'sent' }),
    command(4),
    command(5, { state: 'expired' }),
    command(6, { deviceId: 'dev-2' }),
  ]);
  expect((await deviceCommands.open()).map(({ offset }) => offset)).toEqual([4, 6, 30]);
  const first = await deviceCommands.list({ deviceId: 'dev-1', limit: 2 });
  expect([first.total, first.items.map(({ offset }) => offset)]).toEqual([3, [30, 5]]);
  const cursor = first.nextCursor ?? '';
  const second = await deviceCommands.list({ deviceId: 'dev-1', limit: 2, cursor });
  expect([second.items.map(({ offset }) => offset), second.nextCursor]).toEqual([[4], null]);
});
