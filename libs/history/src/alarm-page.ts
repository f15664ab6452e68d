import { HistoryError } from './history-error.js';

/** Position in a list of alarms: `raisedAt` and id of the last one that was given out. */
export type AlarmPosition = readonly [raisedAt: number, id: string];

/** The opaque cursor of a page. */
export function encodePosition(position: AlarmPosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Throws `HistoryError` `invalid` for what `encodePosition` never gave out. */
export function decodePosition(cursor: string | undefined): AlarmPosition | undefined {
  if (cursor === undefined) return undefined;
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (isPosition(position)) return position;
  } catch {
    // Told below, like every other cursor that is none.
  }
  throw new HistoryError('invalid', 'this cursor was not given out by this list', false);
}

function isPosition(value: unknown): value is AlarmPosition {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'number' &&
    Number.isFinite(value[0]) &&
    typeof value[1] === 'string'
  );
}
