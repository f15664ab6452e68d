import { expect, test } from '@jest/globals';
import { COMMAND_STATES } from '@watchfire/contracts';
import { type DeviceCommandEvent } from '@watchfire/journal';
import { accepted, applied, isOpen } from './command-fold.js';

const EVENTS: readonly DeviceCommandEvent[] = [
  'sent',
  'undelivered',
  'succeeded',
  'failed',
  'timed-out',
  'expired',
  'cancelled',
  'refused',
];
const command = accepted({
  offset: 10,
  at: 1_000,
  record: {
    kind: 'device-command',
    commandId: 'cmd-1',
    deviceId: 'dev-1',
    command: 'silence',
    params: {},
    actor: 'amy',
    reason: 'false alarm',
    expires: 61_000,
    replyTimeoutMs: 5_000,
  },
});
const event = (offset: number, name: DeviceCommandEvent) => ({
  offset,
  at: 1_000 + offset,
  record: {
    kind: 'device-command-event' as const,
    commandId: 'cmd-1',
    deviceId: 'dev-1',
    event: name,
  },
});

test('[CM9] the ways of a command: those written here, and no other', () => {
  const ways = COMMAND_STATES.flatMap((state) =>
    EVENTS.flatMap((name) => {
      const after = applied({ ...command, state }, event(11, name));
      return after.revision === 11 ? [`${state} -${name}-> ${after.state}`] : [];
    }),
  );
  expect(ways).toEqual([
    'accepted -sent-> sent',
    'accepted -expired-> expired',
    'accepted -cancelled-> cancelled',
    'accepted -refused-> refused',
    'sent -undelivered-> accepted',
    'sent -succeeded-> succeeded',
    'sent -failed-> failed',
    'sent -timed-out-> timed-out',
    'sent -refused-> refused',
    'timed-out -succeeded-> timed-out',
    'timed-out -failed-> timed-out',
  ]);
});

test('[CM9] an event that comes again changes nothing', () => {
  const sent = applied(command, event(11, 'sent'));
  expect(applied(sent, event(11, 'undelivered'))).toBe(sent);
  const late = applied(applied(sent, event(12, 'timed-out')), event(13, 'failed'));
  expect(late).toMatchObject({
    state: 'timed-out',
    endedAt: 1_012,
    reply: { ok: false, late: true, at: 1_013 },
  });
  expect(applied(late, event(14, 'succeeded'))).toBe(late);
  expect([isOpen(command), isOpen(sent), isOpen(late)]).toEqual([true, true, false]);
});

test('what was sent in vain has not been sent', () => {
  const again = applied(applied(command, event(11, 'sent')), event(12, 'undelivered'));
  expect(again).toEqual({ ...command, revision: 12 });
});
