import {
  type AcceptanceView,
  type Alarm,
  type AlarmEventView,
  type Confirmation,
} from '@watchfire/contracts';

/** What a person fills in; all of it text, as fields give it. */
export interface AcceptanceDraft {
  readonly confirmation: Confirmation | '';
  readonly result: string;
  readonly contactPerson: string;
  /** Local time of this seat, as `datetime-local` has it. */
  readonly reportedAt: string;
  readonly feedbackAt: string;
  readonly operator119: string;
  readonly handling119: string;
  readonly cause: string;
  readonly burntArea: string;
  readonly injured: string;
  readonly dead: string;
  readonly loss: string;
}

export const EMPTY_DRAFT: AcceptanceDraft = {
  confirmation: '',
  result: '',
  contactPerson: '',
  reportedAt: '',
  feedbackAt: '',
  operator119: '',
  handling119: '',
  cause: '',
  burntArea: '',
  injured: '',
  dead: '',
  loss: '',
};

const TEXTS = ['contactPerson', 'operator119', 'handling119', 'cause'] as const;
const NUMBERS = ['burntArea', 'injured', 'dead', 'loss'] as const;
const TIMES = ['reportedAt', 'feedbackAt'] as const;

/** One that a record may be about: what it said, and when. */
export type RecordedOccurrence = Pick<Alarm, 'eventId' | 'message' | 'messageEn' | 'raisedAt'>;

/** Every occurrence of the alarm, the newest first; those that another took the place of are known from its history. */
export function occurrencesOf(alarm: Alarm, events: readonly AlarmEventView[]): RecordedOccurrence[] {
  const known = new Map<string, RecordedOccurrence>();
  for (const event of events)
    if (event.eventId === event.alarm.eventId) known.set(event.eventId, event.alarm);
  for (const one of [alarm, ...alarm.olderOccurrences]) known.set(one.eventId, one);
  return [...known.values()].sort((a, b) => b.raisedAt - a.raisedAt);
}

/** Whether somebody has begun to fill it in. */
export function isBegun(draft: AcceptanceDraft): boolean {
  return Object.values(draft).some((value) => String(value).trim() !== '');
}

/** The body of the record: what was left empty is not sent, and nothing is guessed. */
export function acceptanceBody(draft: AcceptanceDraft, eventId: string): Record<string, unknown> {
  const body: Record<string, unknown> = {
    eventId,
    confirmation: draft.confirmation,
    result: draft.result.trim(),
  };
  for (const key of TEXTS) if (draft[key].trim() !== '') body[key] = draft[key].trim();
  for (const key of NUMBERS) if (String(draft[key]) !== '') body[key] = Number(draft[key]);
  for (const key of TIMES) if (draft[key] !== '') body[key] = new Date(draft[key]).getTime();
  return body;
}

/** A correction begins with what was recorded. */
export function draftOf(record: AcceptanceView): AcceptanceDraft {
  const text = (value: string | number | null): string => (value === null ? '' : String(value));
  return {
    confirmation: record.confirmation,
    result: record.result,
    contactPerson: text(record.contactPerson),
    reportedAt: localTime(record.reportedAt),
    feedbackAt: localTime(record.feedbackAt),
    operator119: text(record.operator119),
    handling119: text(record.handling119),
    cause: text(record.cause),
    burntArea: text(record.burntArea),
    injured: text(record.injured),
    dead: text(record.dead),
    loss: text(record.loss),
  };
}

/** `2026-11-21T08:30:15` of this seat, or nothing. */
function localTime(at: number | null): string {
  if (at === null) return '';
  const offset = new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - offset).toISOString().slice(0, 19);
}
