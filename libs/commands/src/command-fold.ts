import { type CommandReply, type CommandState } from '@watchfire/contracts';
import { type DeviceCommandEvent, type JournalRecord } from '@watchfire/journal';
import { type DeviceCommandRow } from '@watchfire/registry';

export type AcceptedRecord = Extract<JournalRecord, { readonly kind: 'device-command' }>;
export type EventRecord = Extract<JournalRecord, { readonly kind: 'device-command-event' }>;
interface At<R> {
  readonly offset: number;
  readonly at: number;
  readonly record: R;
}

/**
 * Every way that a command can take; an event that has no place here changes nothing [CM9]. An answer after the time-out leaves
 * the state as it is and is kept beside it [CM7].
 */
const NEXT: Readonly<Record<CommandState, Partial<Record<DeviceCommandEvent, CommandState>>>> = {
  accepted: { sent: 'sent', expired: 'expired', cancelled: 'cancelled', refused: 'refused' },
  sent: {
    undelivered: 'accepted',
    succeeded: 'succeeded',
    failed: 'failed',
    'timed-out': 'timed-out',
    refused: 'refused',
  },
  'timed-out': { succeeded: 'timed-out', failed: 'timed-out' },
  succeeded: {},
  failed: {},
  expired: {},
  cancelled: {},
  refused: {},
};

/** UTF-16 code units of a reply's JSON that lists and pages carry; the journal has all of it. */
export const MOST_REPLY_CHARACTERS = 4_096;

/** Whether something can still happen to it by itself. */
export const isOpen = ({ state }: Pick<DeviceCommandRow, 'state'>): boolean =>
  state === 'accepted' || state === 'sent';

export function accepted({ offset, at, record }: At<AcceptedRecord>): DeviceCommandRow {
  const { commandId, deviceId, command, params, actor, reason, expires, replyTimeoutMs } = record;
  return {
    id: commandId,
    deviceId,
    command,
    params,
    actor,
    reason,
    createdAt: at,
    expires,
    replyTimeoutMs,
    state: 'accepted',
    sentAt: null,
    endedAt: null,
    cancelledBy: null,
    message: null,
    reply: null,
    offset,
    revision: offset,
  };
}

/** The command after the event; the same object where the event changes nothing. */
export function applied(row: DeviceCommandRow, { offset, at, record }: At<EventRecord>): DeviceCommandRow {
  const state = NEXT[row.state][record.event];
  const answers = record.event === 'succeeded' || record.event === 'failed';
  if (state === undefined || offset <= row.revision || (answers && row.reply !== null)) return row;
  const late = row.state === 'timed-out';
  const ended = state !== 'accepted' && state !== 'sent';
  return {
    ...row,
    state,
    sentAt: state === 'sent' ? at : state === 'accepted' ? null : row.sentAt,
    endedAt: ended ? (row.endedAt ?? at) : null,
    cancelledBy: state === 'cancelled' ? actorOf(record.data) : row.cancelledBy,
    message: record.message ?? row.message,
    reply: answers ? replyOf(record, at, late) : row.reply,
    revision: offset,
  };
}

function replyOf({ event, data = null }: EventRecord, at: number, late: boolean): CommandReply {
  const text = JSON.stringify(data);
  const truncated = text.length > MOST_REPLY_CHARACTERS;
  const shown = truncated ? text.slice(0, MOST_REPLY_CHARACTERS) : data;
  return { at, ok: event === 'succeeded', data: shown, truncated, late };
}

function actorOf(data: unknown): string | null {
  const actor = typeof data === 'object' && data !== null && 'actor' in data ? data.actor : undefined;
  return typeof actor === 'string' ? actor : null;
}
