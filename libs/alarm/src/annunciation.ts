import { type AnnunciationState, type RefusalCode, type TransitionType } from './model.js';

/**
 * The independent variables of one alarm (OPC UA Part 9). The word that operators know (ISA-18.2) is derived from them, so
 * that shelving, suppression and out-of-service can lie over it without a state for every combination.
 */
export interface AnnunciationVariables {
  readonly active: boolean;
  readonly acked: boolean;
  /** Set when a latching alarm becomes active, taken back by a reset. */
  readonly latched: boolean;
}

export type AnnunciationEvent =
  | 'CONDITION_ON'
  | 'CONDITION_OFF'
  | 'LEVEL_UP'
  | 'LEVEL_DOWN'
  | 'ACK'
  | 'RESET'
  | 'COMMENT'
  | 'INPUT_QUALITY'
  | 'REMOVE';

/** What a guard may ask besides the variables. */
export interface EventFacts {
  /** Of a latching rule. */
  readonly latching: boolean;
  /** False when a command names another occurrence than the present one. */
  readonly currentEvent: boolean;
}

export type Step =
  | {
      readonly kind: 'moved';
      readonly row: string;
      readonly variables: AnnunciationVariables;
      readonly type: TransitionType;
      /** A new occurrence with a new event id: to be announced, and not acknowledged by an older acknowledgement. */
      readonly announces: boolean;
    }
  | { readonly kind: 'refused'; readonly row: string; readonly code: RefusalCode; readonly message: string }
  | { readonly kind: 'ignored' };

export const NORMAL: AnnunciationVariables = { active: false, acked: true, latched: false };

/** ISA-18.2-2009 states A to F in words; [AL1]. */
export function stateOf(alarm: AnnunciationVariables): AnnunciationState {
  if (alarm.active) return alarm.acked ? 'ACKED' : 'UNACK';
  if (alarm.latched) return alarm.acked ? 'LATAK' : 'LATUN';
  return alarm.acked ? 'NORM' : 'RTNUN';
}

type Guard = (alarm: AnnunciationVariables, facts: EventFacts) => boolean;
type From = readonly AnnunciationState[];
type Row =
  | {
      readonly row: string;
      readonly from: From;
      readonly on: AnnunciationEvent;
      readonly when?: Guard;
      readonly to: AnnunciationState | 'same';
      readonly type: TransitionType;
      readonly announces?: true;
    }
  | {
      readonly row: string;
      readonly from: From;
      readonly on: AnnunciationEvent;
      readonly when?: Guard;
      readonly refuse: RefusalCode;
      readonly because: string;
    };

const ANY: From = ['NORM', 'UNACK', 'ACKED', 'RTNUN', 'LATUN', 'LATAK'];
const latched: Guard = (alarm) => alarm.latched;
const notLatched: Guard = (alarm) => !alarm.latched;
const otherEvent: Guard = (_alarm, facts) => !facts.currentEvent;

const OTHER_EVENT = 'The event id does not name the present occurrence of this alarm.';
const STILL_TRUE = 'The condition is still true.';

/**
 * The first row that matches decides; a pair that is not listed changes nothing. The row numbers are those of
 * docs/spec/alarms.md; rows 2, 13, 14, 23 to 25 and 28 (suppression, re-alarm, confirm, silence, disable) are not in use yet.
 */
const TABLE: readonly Row[] = [
  { row: '1', from: ['NORM'], on: 'CONDITION_ON', to: 'UNACK', type: 'raised', announces: true },
  { row: '4', from: ANY, on: 'ACK', when: otherEvent, refuse: 'event_id_unknown', because: OTHER_EVENT },
  { row: '3', from: ['UNACK'], on: 'ACK', to: 'ACKED', type: 'acknowledged' },
  { row: '5', from: ['UNACK'], on: 'CONDITION_OFF', when: notLatched, to: 'RTNUN', type: 'returned' },
  { row: '6', from: ['UNACK'], on: 'CONDITION_OFF', when: latched, to: 'LATUN', type: 'returned' },
  { row: '7', from: ['UNACK'], on: 'LEVEL_UP', to: 'UNACK', type: 'level-changed', announces: true },
  { row: '8', from: ['UNACK'], on: 'LEVEL_DOWN', to: 'UNACK', type: 'level-changed' },
  { row: '9', from: ['ACKED'], on: 'CONDITION_OFF', when: notLatched, to: 'NORM', type: 'returned' },
  { row: '10', from: ['ACKED'], on: 'CONDITION_OFF', when: latched, to: 'LATAK', type: 'returned' },
  { row: '11', from: ['ACKED'], on: 'LEVEL_UP', to: 'UNACK', type: 'level-changed', announces: true },
  { row: '12', from: ['ACKED'], on: 'LEVEL_DOWN', to: 'ACKED', type: 'level-changed' },
  {
    row: '3a',
    from: ['NORM', 'ACKED', 'LATAK'],
    on: 'ACK',
    refuse: 'already_acknowledged',
    because: 'This occurrence is already acknowledged.',
  },
  { row: '15', from: ['RTNUN'], on: 'ACK', to: 'NORM', type: 'acknowledged' },
  { row: '16', from: ['RTNUN'], on: 'CONDITION_ON', to: 'UNACK', type: 'reoccurred', announces: true },
  { row: '17', from: ['LATUN'], on: 'ACK', to: 'LATAK', type: 'acknowledged' },
  { row: '4', from: ANY, on: 'RESET', when: otherEvent, refuse: 'event_id_unknown', because: OTHER_EVENT },
  {
    // ISA-18.2-2009 allows it; OPC UA implementations refuse, for a reset would erase the only trace that nobody looked.
    row: '18',
    from: ['LATUN'],
    on: 'RESET',
    refuse: 'invalid_state',
    because: 'The alarm must be acknowledged before it is reset.',
  },
  { row: '19', from: ['LATUN'], on: 'CONDITION_ON', to: 'UNACK', type: 'reoccurred', announces: true },
  { row: '20', from: ['LATAK'], on: 'RESET', to: 'NORM', type: 'reset' },
  { row: '21', from: ['LATAK'], on: 'CONDITION_ON', to: 'UNACK', type: 'reoccurred', announces: true },
  { row: '22', from: ['UNACK', 'ACKED'], on: 'RESET', refuse: 'invalid_state', because: STILL_TRUE },
  {
    row: '22a',
    from: ['NORM', 'RTNUN'],
    on: 'RESET',
    refuse: 'invalid_state',
    because: 'The alarm is not latched: there is nothing to reset.',
  },
  { row: '26', from: ANY, on: 'COMMENT', to: 'same', type: 'commented' },
  { row: '27', from: ANY, on: 'INPUT_QUALITY', to: 'same', type: 'quality-changed' },
  { row: '30', from: ANY, on: 'REMOVE', to: 'NORM', type: 'removed' },
];

const byStateAndEvent = new Map<string, Row[]>();
for (const row of TABLE) {
  for (const from of row.from) {
    const cell = `${from} ${row.on}`;
    byStateAndEvent.set(cell, [...(byStateAndEvent.get(cell) ?? []), row]);
  }
}

const IGNORED: Step = { kind: 'ignored' };

/** What one event does to one alarm: pure, total over every pair of state and event. */
export function annunciate(alarm: AnnunciationVariables, event: AnnunciationEvent, facts: EventFacts): Step {
  const state = stateOf(alarm);
  const row = byStateAndEvent
    .get(`${state} ${event}`)
    ?.find((candidate) => candidate.when === undefined || candidate.when(alarm, facts));
  if (row === undefined) return IGNORED;
  if ('refuse' in row) return { kind: 'refused', row: row.row, code: row.refuse, message: row.because };
  return {
    kind: 'moved',
    row: row.row,
    variables: row.to === 'same' ? alarm : variablesIn(row.to, alarm, event, facts),
    type: row.type,
    announces: row.announces === true,
  };
}

function variablesIn(
  state: AnnunciationState,
  alarm: AnnunciationVariables,
  event: AnnunciationEvent,
  facts: EventFacts,
): AnnunciationVariables {
  switch (state) {
    case 'NORM':
      return NORMAL;
    case 'RTNUN':
      return { active: false, acked: false, latched: false };
    case 'LATUN':
      return { active: false, acked: false, latched: true };
    case 'LATAK':
      return { active: false, acked: true, latched: true };
    case 'UNACK':
    case 'ACKED':
      return {
        active: true,
        acked: state === 'ACKED',
        latched: alarm.latched || (event === 'CONDITION_ON' && facts.latching),
      };
  }
}
