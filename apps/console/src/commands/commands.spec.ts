import { expect, test } from '@jest/globals';
import { COMMAND_STATES, type CommandView } from '@watchfire/contracts';
import { isOnlyDelivered, lookOfCommand, mergeCommands } from './command-list.js';
import { parseParams } from './params.js';

const command = (id: string, over: Partial<CommandView> = {}): CommandView => ({
  id,
  deviceId: 'd1',
  command: 'silence',
  params: {},
  state: 'accepted',
  actor: 'amy',
  reason: 'x',
  createdAt: 1_000,
  expires: 61_000,
  replyTimeoutSeconds: 30,
  sentAt: null,
  endedAt: null,
  cancelledBy: null,
  message: null,
  reply: null,
  revision: 1,
  ...over,
});

test('news and lists may come in any order: the newest view of each command stays, the newest command first', () => {
  const sent = command('a', { state: 'sent', revision: 5 });
  const listed = [command('a'), command('b', { createdAt: 2_000, revision: 3 })];
  expect(mergeCommands(mergeCommands([], [sent]), listed).map(({ id, state }) => [id, state])).toEqual([
    ['b', 'accepted'],
    ['a', 'sent'],
  ]);
  expect(mergeCommands(listed, [sent])).toEqual(mergeCommands([sent], listed));
});

test('every state has a sign of its own, and only the answer of a device looks good', () => {
  const looks = COMMAND_STATES.map((state) => lookOfCommand(command('a', { state })));
  expect(new Set(looks.map(({ sign }) => sign)).size).toBe(COMMAND_STATES.length);
  expect(COMMAND_STATES.filter((state) => lookOfCommand(command('a', { state })).tone === 'good')).toEqual([
    'succeeded',
  ]);
});

test('parameters are typed as lines, and mean what they look like', () => {
  expect(parseParams('')).toEqual({ ok: true, params: {} });
  expect(
    parseParams(' valve = 2\n\nforce=true\nnote = 阀门 = 二号\ncode="007"\nlist = [1, 2]\nver = 1.2.3'),
  ).toEqual({
    ok: true,
    params: { valve: 2, force: true, note: '阀门 = 二号', code: '007', list: [1, 2], ver: '1.2.3' },
  });
});

test('a line that is none is named, and a name counts once', () => {
  expect(parseParams('valve = 2\nforce')).toEqual({ ok: false, line: 2 });
  expect(parseParams('= 2')).toEqual({ ok: false, line: 1 });
  expect(parseParams('a = [1')).toEqual({ ok: false, line: 1 });
  expect(parseParams('a = 1\na = 2')).toEqual({ ok: false, line: 2 });
});

test('what was only delivered does not look done', () => {
  const reply = { ok: true, at: 2_000, late: false, truncated: false, data: { delivered: true } };
  const delivered = command('a', { state: 'succeeded', reply });
  expect(isOnlyDelivered(delivered)).toBe(true);
  expect(lookOfCommand(delivered).tone).toBe('quiet');
  expect(isOnlyDelivered(command('a', { state: 'succeeded', reply: { ...reply, data: null } }))).toBe(false);
});
