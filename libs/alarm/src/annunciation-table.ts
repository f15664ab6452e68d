import { type AnnunciationVariables, type EventFacts } from './annunciation-variables.js';
import { type BaseState, type RefusalCode, type TransitionType } from './model.js';

export const ANNUNCIATION_EVENTS = [
  'CONDITION_ON',
  'CONDITION_OFF',
  'CONDITION_AGAIN',
  'LEVEL_UP',
  'LEVEL_DOWN',
  'ACK',
  'WITHDRAW_ACK',
  'CONFIRM',
  'RESET',
  'SILENCE',
  'SILENCE_EXPIRED',
  'OTHER_ANNOUNCED',
  'REALARM_TIMER',
  'COMMENT',
  'INPUT_QUALITY',
  'RESTARTED',
  'SHELVE_TIMED',
  'SHELVE_ONE_SHOT',
  'UNSHELVE',
  'SHELVE_EXPIRED',
  'ONE_SHOT_OVER',
  'SUPPRESS',
  'UNSUPPRESS',
  'REMOVE_FROM_SERVICE',
  'PLACE_IN_SERVICE',
  'SERVICE_DUE',
  'DISABLE',
  'ENABLE',
  'REMOVE',
] as const;
export type AnnunciationEvent = (typeof ANNUNCIATION_EVENTS)[number];

type Guard = (alarm: AnnunciationVariables, facts: EventFacts) => boolean;

interface Cell {
  /** As in docs/spec/alarms.md. */
  readonly row: string;
  readonly from: readonly BaseState[];
  readonly on: AnnunciationEvent;
  readonly when?: Guard;
}

export type Row = Cell &
  (
    | {
        readonly to: BaseState | 'same';
        readonly type: TransitionType;
        /** A new occurrence, with a new event id. */
        readonly occurs?: true;
        /** To be announced, unless something lies over the alarm. */
        readonly announces?: true;
      }
    | { readonly refuse: RefusalCode; readonly because: string }
    | { readonly ignore: true }
  );

const ANY: readonly BaseState[] = ['NORM', 'UNACK', 'ACKED', 'RTNUN', 'LATUN', 'LATAK'];
const UNACKNOWLEDGED: readonly BaseState[] = ['UNACK', 'RTNUN', 'LATUN'];
const ACKNOWLEDGED: readonly BaseState[] = ['NORM', 'ACKED', 'LATAK'];

const latched: Guard = (alarm) => alarm.latched;
const notLatched: Guard = (alarm) => !alarm.latched;
const held: Guard = (alarm) => !alarm.confirmed;
const covered: Guard = (alarm) =>
  alarm.outOfService || alarm.suppressedByDesign || alarm.shelving !== 'unshelved';
const shelved: Guard = (alarm) => alarm.shelving !== 'unshelved';
const notShelved: Guard = (alarm) => alarm.shelving === 'unshelved';
const outOfService: Guard = (alarm) => alarm.outOfService;
const inService: Guard = (alarm) => !alarm.outOfService;
const silenced: Guard = (alarm) => alarm.silenced;
const disabled: Guard = (alarm) => !alarm.enabled;
const enabled: Guard = (alarm) => alarm.enabled;
const olderEvent: Guard = (_alarm, facts) => facts.olderEvent;
const otherEvent: Guard = (_alarm, facts) => !facts.currentEvent && !facts.olderEvent;
const notCurrent: Guard = (_alarm, facts) => !facts.currentEvent;

const OTHER_EVENT = 'The event id does not name the present occurrence of this alarm.';
const STILL_TRUE = 'The condition is still true.';
const UNCONFIRMED = 'The alarm must be confirmed before it is reset.';

/** What people ask for about one occurrence; row 4 refuses it for another one. */
const ABOUT_AN_OCCURRENCE = [
  'WITHDRAW_ACK',
  'CONFIRM',
  'RESET',
  'SILENCE',
  'SHELVE_TIMED',
  'SHELVE_ONE_SHOT',
  'UNSHELVE',
  'REMOVE_FROM_SERVICE',
  'PLACE_IN_SERVICE',
] as const;

/** What is not done to a rule that is disabled (row 28a), and what does not happen to it (row 28b). */
const ASKED_OF_ENABLED = ['ACK', 'COMMENT', ...ABOUT_AN_OCCURRENCE] as const;
const HAPPENS_TO_ENABLED = [
  'CONDITION_ON',
  'CONDITION_OFF',
  'CONDITION_AGAIN',
  'LEVEL_UP',
  'LEVEL_DOWN',
  'SILENCE_EXPIRED',
  'OTHER_ANNOUNCED',
  'REALARM_TIMER',
  'INPUT_QUALITY',
  'RESTARTED',
] as const;

/** The first row that matches decides; a pair that is not listed changes nothing (row 29c). */
const TABLE: readonly Row[] = [
  ...ASKED_OF_ENABLED.map((on): Row => ({
    row: '28a',
    from: ANY,
    on,
    when: disabled,
    refuse: 'condition_disabled',
    because: 'The rule is disabled: enable it first.',
  })),
  ...HAPPENS_TO_ENABLED.map((on): Row => ({ row: '28b', from: ANY, on, when: disabled, ignore: true })),

  // The condition.
  {
    row: '1a',
    from: ['NORM'],
    on: 'CONDITION_ON',
    when: held,
    to: 'UNACK',
    type: 'reoccurred',
    occurs: true,
    announces: true,
  },
  {
    row: '2',
    from: ['NORM'],
    on: 'CONDITION_ON',
    when: covered,
    to: 'UNACK',
    type: 'raised',
    occurs: true,
    announces: true,
  },
  {
    row: '1',
    from: ['NORM'],
    on: 'CONDITION_ON',
    to: 'UNACK',
    type: 'raised',
    occurs: true,
    announces: true,
  },
  { row: '5', from: ['UNACK'], on: 'CONDITION_OFF', when: notLatched, to: 'RTNUN', type: 'returned' },
  { row: '6', from: ['UNACK'], on: 'CONDITION_OFF', when: latched, to: 'LATUN', type: 'returned' },
  {
    row: '7',
    from: ['UNACK'],
    on: 'LEVEL_UP',
    to: 'UNACK',
    type: 'level-changed',
    occurs: true,
    announces: true,
  },
  {
    row: '7a',
    from: ['UNACK'],
    on: 'CONDITION_AGAIN',
    to: 'UNACK',
    type: 'reoccurred',
    occurs: true,
    announces: true,
  },
  { row: '8', from: ['UNACK'], on: 'LEVEL_DOWN', to: 'UNACK', type: 'level-changed' },
  { row: '9', from: ['ACKED'], on: 'CONDITION_OFF', when: notLatched, to: 'NORM', type: 'returned' },
  { row: '10', from: ['ACKED'], on: 'CONDITION_OFF', when: latched, to: 'LATAK', type: 'returned' },
  {
    row: '11',
    from: ['ACKED'],
    on: 'LEVEL_UP',
    to: 'UNACK',
    type: 'level-changed',
    occurs: true,
    announces: true,
  },
  {
    row: '11a',
    from: ['ACKED'],
    on: 'CONDITION_AGAIN',
    to: 'UNACK',
    type: 'reoccurred',
    occurs: true,
    announces: true,
  },
  { row: '12', from: ['ACKED'], on: 'LEVEL_DOWN', to: 'ACKED', type: 'level-changed' },
  {
    row: '16',
    from: ['RTNUN'],
    on: 'CONDITION_ON',
    to: 'UNACK',
    type: 'reoccurred',
    occurs: true,
    announces: true,
  },
  {
    row: '19',
    from: ['LATUN'],
    on: 'CONDITION_ON',
    to: 'UNACK',
    type: 'reoccurred',
    occurs: true,
    announces: true,
  },
  {
    row: '21',
    from: ['LATAK'],
    on: 'CONDITION_ON',
    to: 'UNACK',
    type: 'reoccurred',
    occurs: true,
    announces: true,
  },
  { row: '27', from: ANY, on: 'INPUT_QUALITY', to: 'same', type: 'quality-changed' },

  // What people do to an occurrence.
  { row: '3b', from: ANY, on: 'ACK', when: olderEvent, to: 'same', type: 'branch-acknowledged' },
  { row: '4', from: ANY, on: 'ACK', when: otherEvent, refuse: 'event_id_unknown', because: OTHER_EVENT },
  ...ABOUT_AN_OCCURRENCE.map((on): Row => ({
    row: '4',
    from: ANY,
    on,
    when: notCurrent,
    refuse: 'event_id_unknown',
    because: OTHER_EVENT,
  })),
  { row: '3', from: ['UNACK'], on: 'ACK', to: 'ACKED', type: 'acknowledged' },
  {
    row: '3a',
    from: ACKNOWLEDGED,
    on: 'ACK',
    refuse: 'already_acknowledged',
    because: 'This occurrence is already acknowledged.',
  },
  { row: '15', from: ['RTNUN'], on: 'ACK', to: 'NORM', type: 'acknowledged' },
  { row: '17', from: ['LATUN'], on: 'ACK', to: 'LATAK', type: 'acknowledged' },
  {
    row: '14',
    from: ['ACKED'],
    on: 'WITHDRAW_ACK',
    when: (_alarm, { policy }) => policy.withdrawable,
    to: 'UNACK',
    type: 'acknowledgement-withdrawn',
    occurs: true,
    announces: true,
  },
  {
    row: '14a',
    from: ANY,
    on: 'WITHDRAW_ACK',
    refuse: 'invalid_state',
    because: 'There is no acknowledgement of an active alarm that may be withdrawn.',
  },
  {
    row: '23a',
    from: ANY,
    on: 'CONFIRM',
    when: (_alarm, { policy }) => !policy.confirm,
    refuse: 'invalid_state',
    because: 'The rule asks for no confirmation.',
  },
  {
    row: '23b',
    from: ANY,
    on: 'CONFIRM',
    when: (alarm) => alarm.confirmed,
    refuse: 'already_confirmed',
    because: 'This occurrence is already confirmed.',
  },
  { row: '23', from: ACKNOWLEDGED, on: 'CONFIRM', to: 'same', type: 'confirmed' },
  {
    row: '23c',
    from: UNACKNOWLEDGED,
    on: 'CONFIRM',
    refuse: 'invalid_state',
    because: 'The alarm must be acknowledged before it is confirmed.',
  },
  {
    // ISA-18.2-2009 allows it; OPC UA implementations refuse, for a reset would erase the only trace that nobody looked.
    row: '18',
    from: ['LATUN'],
    on: 'RESET',
    when: (_alarm, { policy }) => policy.resetNeedsAck,
    refuse: 'invalid_state',
    because: 'The alarm must be acknowledged before it is reset.',
  },
  { row: '18a', from: ['LATUN'], on: 'RESET', to: 'RTNUN', type: 'reset' },
  { row: '20a', from: ['LATAK'], on: 'RESET', when: held, refuse: 'invalid_state', because: UNCONFIRMED },
  { row: '20', from: ['LATAK'], on: 'RESET', to: 'NORM', type: 'reset' },
  { row: '22', from: ['UNACK', 'ACKED'], on: 'RESET', refuse: 'invalid_state', because: STILL_TRUE },
  {
    row: '22a',
    from: ['NORM', 'RTNUN'],
    on: 'RESET',
    refuse: 'invalid_state',
    because: 'The alarm is not latched: there is nothing to reset.',
  },
  {
    row: '24a',
    from: ANY,
    on: 'SILENCE',
    when: covered,
    refuse: 'invalid_state',
    because: 'Its horn does not sound: the alarm is suppressed, shelved or out of service.',
  },
  { row: '24', from: UNACKNOWLEDGED, on: 'SILENCE', to: 'same', type: 'silenced' },
  {
    row: '24b',
    from: ACKNOWLEDGED,
    on: 'SILENCE',
    refuse: 'invalid_state',
    because: 'Its horn does not sound: the alarm is acknowledged.',
  },
  { row: '26', from: ANY, on: 'COMMENT', to: 'same', type: 'commented' },

  // Time, other alarms, the server.
  {
    row: '25',
    from: UNACKNOWLEDGED,
    on: 'SILENCE_EXPIRED',
    when: silenced,
    to: 'same',
    type: 'silence-ended',
    announces: true,
  },
  {
    row: '25a',
    from: UNACKNOWLEDGED,
    on: 'OTHER_ANNOUNCED',
    when: silenced,
    to: 'same',
    type: 'silence-ended',
  },
  { row: '13a', from: ['UNACK', 'ACKED'], on: 'REALARM_TIMER', when: covered, ignore: true },
  {
    row: '13',
    from: ['ACKED'],
    on: 'REALARM_TIMER',
    to: 'UNACK',
    type: 're-alarmed',
    occurs: true,
    announces: true,
  },
  { row: '13', from: ['UNACK'], on: 'REALARM_TIMER', to: 'UNACK', type: 're-alarmed', announces: true },
  {
    row: '29b',
    from: UNACKNOWLEDGED,
    on: 'RESTARTED',
    when: (alarm, facts) => !covered(alarm, facts),
    to: 'same',
    type: 'restated',
    announces: true,
  },

  // Shelving.
  ...(['SHELVE_TIMED', 'SHELVE_ONE_SHOT'] as const).flatMap((on): Row[] => [
    {
      row: on === 'SHELVE_TIMED' ? '30a' : '31a',
      from: ANY,
      on,
      when: shelved,
      refuse: 'already_shelved',
      because: 'The rule is shelved already.',
    },
    { row: on === 'SHELVE_TIMED' ? '30' : '31', from: ANY, on, to: 'same', type: 'shelved' },
  ]),
  {
    row: '32a',
    from: ANY,
    on: 'UNSHELVE',
    when: notShelved,
    refuse: 'not_shelved',
    because: 'The rule is not shelved.',
  },
  ...(
    [
      ['UNACK', 'ACKED'],
      ['RTNUN', 'NORM'],
      ['LATUN', 'LATAK'],
    ] as const
  ).map(([from, to]): Row => ({
    row: '32',
    from: [from],
    on: 'UNSHELVE',
    when: (_alarm, { policy }) => policy.unshelveAcknowledges,
    to,
    type: 'unshelved',
  })),
  { row: '32b', from: UNACKNOWLEDGED, on: 'UNSHELVE', to: 'same', type: 'unshelved', announces: true },
  { row: '32', from: ACKNOWLEDGED, on: 'UNSHELVE', to: 'same', type: 'unshelved' },
  ...returnsUnacknowledged('33', 'SHELVE_EXPIRED', shelved, 'shelve-expired'),
  {
    row: '31b',
    from: ANY,
    on: 'ONE_SHOT_OVER',
    when: (alarm) => alarm.shelving === 'oneShot',
    to: 'same',
    type: 'unshelved',
  },

  // Suppressed by design: the set of its reasons is kept outside.
  { row: '34', from: ANY, on: 'SUPPRESS', to: 'same', type: 'suppressed' },
  {
    row: '35a',
    from: ANY,
    on: 'UNSUPPRESS',
    when: (_alarm, facts) => facts.stillSuppressed,
    to: 'same',
    type: 'unsuppressed',
  },
  { row: '35', from: ANY, on: 'UNSUPPRESS', to: 'same', type: 'unsuppressed', announces: true },

  // Out of service.
  {
    row: '36a',
    from: ANY,
    on: 'REMOVE_FROM_SERVICE',
    when: outOfService,
    refuse: 'already_out_of_service',
    because: 'The rule is out of service already.',
  },
  { row: '36', from: ANY, on: 'REMOVE_FROM_SERVICE', to: 'same', type: 'out-of-service' },
  {
    row: '37a',
    from: ANY,
    on: 'PLACE_IN_SERVICE',
    when: inService,
    refuse: 'not_out_of_service',
    because: 'The rule is in service.',
  },
  {
    row: '37b',
    from: ['ACKED'],
    on: 'PLACE_IN_SERVICE',
    when: (_alarm, { policy }) => policy.inServiceUnacknowledges,
    to: 'UNACK',
    type: 'in-service',
    occurs: true,
    announces: true,
  },
  { row: '37', from: ANY, on: 'PLACE_IN_SERVICE', to: 'same', type: 'in-service', announces: true },
  ...returnsUnacknowledged('37c', 'SERVICE_DUE', outOfService, 'service-due'),

  // Disabled: blind.
  {
    row: '28c',
    from: ANY,
    on: 'DISABLE',
    when: disabled,
    refuse: 'already_disabled',
    because: 'The rule is disabled already.',
  },
  { row: '28', from: ANY, on: 'DISABLE', to: 'NORM', type: 'disabled' },
  {
    row: '29d',
    from: ANY,
    on: 'ENABLE',
    when: enabled,
    refuse: 'already_enabled',
    because: 'The rule is enabled already.',
  },
  { row: '29', from: ANY, on: 'ENABLE', to: 'same', type: 'enabled' },

  { row: '30r', from: ANY, on: 'REMOVE', to: 'NORM', type: 'removed' },
];

/** A cover that ends by time: whoever put it there may have forgotten it, so the alarm comes back unacknowledged. */
function returnsUnacknowledged(row: string, on: AnnunciationEvent, when: Guard, type: TransitionType): Row[] {
  return [
    { row, from: UNACKNOWLEDGED, on, when, to: 'same', type, announces: true },
    { row, from: ['ACKED'], on, when, to: 'UNACK', type, occurs: true, announces: true },
    { row, from: ['LATAK'], on, when, to: 'LATUN', type, occurs: true, announces: true },
    { row, from: ['NORM'], on, when, to: 'same', type },
  ];
}

const byCell = new Map<string, Row[]>();
for (const row of TABLE) {
  for (const from of row.from) {
    const cell = `${from} ${row.on}`;
    byCell.set(cell, [...(byCell.get(cell) ?? []), row]);
  }
}

const NO_ROWS: readonly Row[] = [];

/** The rows of one cell of the table, the first that matches deciding. */
export function rowsOf(state: BaseState, event: AnnunciationEvent): readonly Row[] {
  return byCell.get(`${state} ${event}`) ?? NO_ROWS;
}
