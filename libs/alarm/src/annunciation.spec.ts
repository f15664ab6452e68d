import { describe, expect, it } from '@jest/globals';
import {
  annunciate,
  stateOf,
  type AnnunciationEvent,
  type AnnunciationVariables,
  type Step,
} from './annunciation.js';
import { type AnnunciationState } from './model.js';

const VARIABLES: Readonly<Record<AnnunciationState, AnnunciationVariables>> = {
  NORM: { active: false, acked: true, latched: false },
  UNACK: { active: true, acked: false, latched: false },
  ACKED: { active: true, acked: true, latched: false },
  RTNUN: { active: false, acked: false, latched: false },
  LATUN: { active: false, acked: false, latched: true },
  LATAK: { active: false, acked: true, latched: true },
};

interface Column {
  readonly name: string;
  readonly event: AnnunciationEvent;
  readonly currentEvent?: boolean;
  readonly latching?: boolean;
}

const COLUMNS: readonly Column[] = [
  { name: 'on', event: 'CONDITION_ON' },
  { name: 'off', event: 'CONDITION_OFF' },
  { name: 'off latching', event: 'CONDITION_OFF', latching: true },
  { name: 'up', event: 'LEVEL_UP' },
  { name: 'down', event: 'LEVEL_DOWN' },
  { name: 'ack', event: 'ACK' },
  { name: 'ack of another', event: 'ACK', currentEvent: false },
  { name: 'reset', event: 'RESET' },
  { name: 'reset of another', event: 'RESET', currentEvent: false },
  { name: 'comment', event: 'COMMENT' },
  { name: 'quality', event: 'INPUT_QUALITY' },
  { name: 'remove', event: 'REMOVE' },
];

const UNKNOWN = 'event_id_unknown';
const ALREADY = 'already_acknowledged';
const INVALID = 'invalid_state';
const NONE = '-';

/** A state, with `*` for a new occurrence; a refusal; or nothing. One row a state, one cell a column. */
const EXPECTED: Readonly<Record<AnnunciationState, readonly string[]>> = {
  NORM: ['UNACK*', NONE, NONE, NONE, NONE, ALREADY, UNKNOWN, INVALID, UNKNOWN, 'NORM', 'NORM', 'NORM'],
  UNACK: [
    NONE,
    'RTNUN',
    'LATUN',
    'UNACK*',
    'UNACK',
    'ACKED',
    UNKNOWN,
    INVALID,
    UNKNOWN,
    'UNACK',
    'UNACK',
    'NORM',
  ],
  ACKED: [
    NONE,
    'NORM',
    'LATAK',
    'UNACK*',
    'ACKED',
    ALREADY,
    UNKNOWN,
    INVALID,
    UNKNOWN,
    'ACKED',
    'ACKED',
    'NORM',
  ],
  RTNUN: ['UNACK*', NONE, NONE, NONE, NONE, 'NORM', UNKNOWN, INVALID, UNKNOWN, 'RTNUN', 'RTNUN', 'NORM'],
  LATUN: ['UNACK*', NONE, NONE, NONE, NONE, 'LATAK', UNKNOWN, INVALID, UNKNOWN, 'LATUN', 'LATUN', 'NORM'],
  LATAK: ['UNACK*', NONE, NONE, NONE, NONE, ALREADY, UNKNOWN, 'NORM', UNKNOWN, 'LATAK', 'LATAK', 'NORM'],
};

const states = Object.keys(VARIABLES) as AnnunciationState[];
const cells = states.flatMap((from) =>
  COLUMNS.map((column, index) => ({ from, column, expected: EXPECTED[from][index] ?? '' })),
);

function take(from: AnnunciationState, column: Column): Step {
  const isActive = VARIABLES[from].active;
  const variables = {
    ...VARIABLES[from],
    latched: VARIABLES[from].latched || (isActive && column.latching === true),
  };
  return annunciate(variables, column.event, {
    latching: column.latching ?? false,
    currentEvent: column.currentEvent ?? true,
  });
}

function inWords(step: Step): string {
  switch (step.kind) {
    case 'moved':
      return `${stateOf(step.variables)}${step.announces ? '*' : ''}`;
    case 'refused':
      return step.code;
    case 'ignored':
      return NONE;
  }
}

describe('the state table [AL1]', () => {
  it.each(states)('derives %s from its variables', (state) => {
    expect(stateOf(VARIABLES[state])).toBe(state);
  });

  it.each(cells.map(({ from, column, expected }) => [from, column.name, expected, column] as const))(
    '%s, %s → %s',
    (from, _name, expected, column) => {
      expect(inWords(take(from, column))).toBe(expected);
    },
  );

  it.each([
    ['1', 'NORM', 'raised'],
    ['16', 'RTNUN', 'reoccurred'],
    ['19', 'LATUN', 'reoccurred'],
    ['21', 'LATAK', 'reoccurred'],
  ] as const)('row %s: the condition coming on in %s is "%s"', (row, from, type) => {
    expect(
      annunciate(VARIABLES[from], 'CONDITION_ON', { latching: false, currentEvent: true }),
    ).toMatchObject({
      row,
      type,
    });
  });

  it('latches when a latching rule comes on, and holds the latch until the reset', () => {
    const facts = { latching: true, currentEvent: true };
    const raised = annunciate(VARIABLES.NORM, 'CONDITION_ON', facts);
    expect(raised).toMatchObject({ variables: { active: true, acked: false, latched: true } });
    for (const state of ['LATUN', 'LATAK'] as const) {
      const again = annunciate(VARIABLES[state], 'CONDITION_ON', { ...facts, latching: false });
      expect(again).toMatchObject({ variables: { latched: true } });
    }
  });

  it.each(['ACK', 'COMMENT', 'INPUT_QUALITY', 'LEVEL_UP', 'LEVEL_DOWN'] as const)(
    'does not take the latch of an active alarm by %s',
    (event) => {
      const step = annunciate({ active: true, acked: false, latched: true }, event, {
        latching: true,
        currentEvent: true,
      });
      expect(step).toMatchObject({ kind: 'moved', variables: { latched: true } });
    },
  );

  it('says why it refuses to reset what nobody has acknowledged (row 18)', () => {
    expect(take('LATUN', { name: 'reset', event: 'RESET' })).toMatchObject({
      row: '18',
      message: 'The alarm must be acknowledged before it is reset.',
    });
  });
});
