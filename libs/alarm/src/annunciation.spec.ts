import { describe, expect, it } from '@jest/globals';
import { ANNUNCIATION_EVENTS, type AnnunciationEvent } from './annunciation-table.js';
import {
  annunciate,
  isRetained,
  isSuppressedOrShelved,
  labelOf,
  NORMAL,
  stateOf,
  type Step,
} from './annunciation.js';
import { type AnnunciationVariables, type EventFacts } from './annunciation-variables.js';
import { type BaseState } from './model.js';
import { DEFAULT_POLICY, type AnnunciationPolicy } from './policy.js';

const STATES = ['NORM', 'UNACK', 'ACKED', 'RTNUN', 'LATUN', 'LATAK'] as const;
const COVERS = {
  none: {},
  shelved: { shelving: 'timed' },
  'shelved once': { shelving: 'oneShot' },
  suppressed: { suppressedByDesign: true },
  'out of service': { outOfService: true },
  disabled: { enabled: false },
} as const satisfies Record<string, Partial<AnnunciationVariables>>;
type Cover = keyof typeof COVERS;
const covers = Object.keys(COVERS) as Cover[];

const BASE: Readonly<Record<BaseState, Partial<AnnunciationVariables>>> = {
  NORM: {},
  UNACK: { active: true, acked: false },
  ACKED: { active: true },
  RTNUN: { acked: false },
  LATUN: { acked: false, latched: true },
  LATAK: { latched: true },
};

const UNK = 'event_id_unknown';
const ALR = 'already_acknowledged';
const INV = 'invalid_state';
const CNF = 'already_confirmed';

interface Line {
  readonly event: AnnunciationEvent;
  readonly note?: string;
  readonly variables?: Partial<AnnunciationVariables>;
  readonly policy?: Partial<AnnunciationPolicy>;
  readonly facts?: Partial<Pick<EventFacts, 'currentEvent' | 'olderEvent' | 'stillSuppressed' | 'latching'>>;
  /** By `STATES`: a state, with `*` for a new occurrence and `!` for one to be announced; a refusal; or `-` for nothing. */
  readonly cells: readonly [string, string, string, string, string, string];
  /** Where something lies over the alarm and it is not only that nothing is announced. */
  readonly over?: Partial<Record<Cover, Line['cells'] | 'same'>>;
}

const all = (cell: string): Line['cells'] => [cell, cell, cell, cell, cell, cell];
const SAME: Line['cells'] = ['NORM', 'UNACK', 'ACKED', 'RTNUN', 'LATUN', 'LATAK'];
/** As it is, and to be announced where nobody has acknowledged it. */
const HEARD: Line['cells'] = ['NORM', 'UNACK!', 'ACKED', 'RTNUN!', 'LATUN!', 'LATAK'];
const EXPIRED: Line['cells'] = ['NORM', 'UNACK!', 'UNACK*!', 'RTNUN!', 'LATUN!', 'LATUN*!'];
const notOf = (code: string): Partial<Record<Cover, Line['cells']>> => ({
  shelved: all(code),
  'shelved once': all(code),
});
const everyCover = (cells: Line['cells']): Partial<Record<Cover, Line['cells']>> => ({
  shelved: cells,
  'shelved once': cells,
  suppressed: cells,
  'out of service': cells,
});

/** The table of docs/spec/alarms.md, written a second time, by hand and not from the code. */
const LINES: readonly Line[] = [
  { event: 'CONDITION_ON', cells: ['UNACK*!', '-', '-', 'UNACK*!', 'UNACK*!', 'UNACK*!'] },
  { event: 'CONDITION_AGAIN', cells: ['-', 'UNACK*!', 'UNACK*!', '-', '-', '-'] },
  { event: 'CONDITION_OFF', cells: ['-', 'RTNUN', 'NORM', '-', '-', '-'] },
  {
    event: 'CONDITION_OFF',
    note: 'latched',
    variables: { latched: true },
    cells: ['-', 'LATUN', 'LATAK', '-', '-', '-'],
  },
  { event: 'LEVEL_UP', cells: ['-', 'UNACK*!', 'UNACK*!', '-', '-', '-'] },
  { event: 'LEVEL_DOWN', cells: ['-', 'UNACK', 'ACKED', '-', '-', '-'] },
  { event: 'ACK', cells: [ALR, 'ACKED', ALR, 'NORM', 'LATAK', ALR] },
  { event: 'ACK', note: 'of another', facts: { currentEvent: false }, cells: all(UNK) },
  { event: 'ACK', note: 'of an older one', facts: { currentEvent: false, olderEvent: true }, cells: SAME },
  { event: 'WITHDRAW_ACK', cells: [INV, INV, 'UNACK*!', INV, INV, INV] },
  { event: 'WITHDRAW_ACK', note: 'not allowed', policy: { withdrawable: false }, cells: all(INV) },
  { event: 'WITHDRAW_ACK', note: 'of another', facts: { currentEvent: false }, cells: all(UNK) },
  { event: 'CONFIRM', note: 'not asked', cells: all(INV) },
  {
    event: 'CONFIRM',
    variables: { confirmed: false },
    policy: { confirm: true },
    cells: ['NORM', INV, 'ACKED', INV, INV, 'LATAK'],
  },
  { event: 'CONFIRM', note: 'twice', policy: { confirm: true }, cells: all(CNF) },
  {
    event: 'CONFIRM',
    note: 'of another',
    policy: { confirm: true },
    facts: { currentEvent: false },
    cells: all(UNK),
  },
  { event: 'RESET', cells: [INV, INV, INV, INV, INV, 'NORM'] },
  {
    event: 'RESET',
    note: 'unacknowledged allowed',
    policy: { resetNeedsAck: false },
    cells: [INV, INV, INV, INV, 'RTNUN', 'NORM'],
  },
  {
    event: 'RESET',
    note: 'unconfirmed',
    variables: { confirmed: false },
    policy: { confirm: true },
    cells: all(INV),
  },
  { event: 'RESET', note: 'of another', facts: { currentEvent: false }, cells: all(UNK) },
  { event: 'SILENCE', cells: [INV, 'UNACK', INV, 'RTNUN', 'LATUN', INV], over: everyCover(all(INV)) },
  { event: 'SILENCE', note: 'of another', facts: { currentEvent: false }, cells: all(UNK) },
  { event: 'SILENCE_EXPIRED', note: 'not silenced', cells: all('-') },
  {
    event: 'SILENCE_EXPIRED',
    variables: { silenced: true },
    cells: ['-', 'UNACK!', '-', 'RTNUN!', 'LATUN!', '-'],
  },
  { event: 'OTHER_ANNOUNCED', note: 'not silenced', cells: all('-') },
  {
    event: 'OTHER_ANNOUNCED',
    variables: { silenced: true },
    cells: ['-', 'UNACK', '-', 'RTNUN', 'LATUN', '-'],
  },
  { event: 'REALARM_TIMER', cells: ['-', 'UNACK!', 'UNACK*!', '-', '-', '-'], over: everyCover(all('-')) },
  { event: 'COMMENT', cells: SAME },
  { event: 'INPUT_QUALITY', cells: SAME },
  { event: 'RESTARTED', cells: ['-', 'UNACK!', '-', 'RTNUN!', 'LATUN!', '-'], over: everyCover(all('-')) },
  { event: 'SHELVE_TIMED', cells: SAME, over: notOf('already_shelved') },
  { event: 'SHELVE_ONE_SHOT', cells: SAME, over: notOf('already_shelved') },
  { event: 'SHELVE_TIMED', note: 'of another', facts: { currentEvent: false }, cells: all(UNK) },
  {
    event: 'UNSHELVE',
    cells: all('not_shelved'),
    over: {
      shelved: ['NORM', 'ACKED', 'ACKED', 'NORM', 'LATAK', 'LATAK'],
      'shelved once': ['NORM', 'ACKED', 'ACKED', 'NORM', 'LATAK', 'LATAK'],
    },
  },
  {
    event: 'UNSHELVE',
    note: 'is no acknowledgement',
    policy: { unshelveAcknowledges: false },
    cells: all('not_shelved'),
    over: { shelved: HEARD, 'shelved once': HEARD },
  },
  { event: 'UNSHELVE', note: 'of another', facts: { currentEvent: false }, cells: all(UNK) },
  { event: 'SHELVE_EXPIRED', cells: all('-'), over: { shelved: EXPIRED, 'shelved once': EXPIRED } },
  { event: 'ONE_SHOT_OVER', cells: all('-'), over: { 'shelved once': SAME } },
  { event: 'SUPPRESS', cells: SAME },
  { event: 'UNSUPPRESS', cells: HEARD, over: { suppressed: HEARD } },
  { event: 'UNSUPPRESS', note: 'for one of several reasons', facts: { stillSuppressed: true }, cells: SAME },
  { event: 'REMOVE_FROM_SERVICE', cells: SAME, over: { 'out of service': all('already_out_of_service') } },
  { event: 'REMOVE_FROM_SERVICE', note: 'of another', facts: { currentEvent: false }, cells: all(UNK) },
  { event: 'PLACE_IN_SERVICE', cells: all('not_out_of_service'), over: { 'out of service': HEARD } },
  {
    event: 'PLACE_IN_SERVICE',
    note: 'to be acknowledged again',
    policy: { inServiceUnacknowledges: true },
    cells: all('not_out_of_service'),
    over: { 'out of service': ['NORM', 'UNACK!', 'UNACK*!', 'RTNUN!', 'LATUN!', 'LATAK'] },
  },
  { event: 'SERVICE_DUE', cells: all('-'), over: { 'out of service': EXPIRED } },
  { event: 'DISABLE', cells: all('NORM') },
  { event: 'ENABLE', cells: all('already_enabled') },
  { event: 'REMOVE', cells: all('NORM') },
];

/** A disabled rule is not evaluated, and nothing is done to it but what ends that; its causes of suppression are kept. */
const DISABLED: Readonly<Record<AnnunciationEvent, string>> = {
  CONDITION_ON: '-',
  CONDITION_OFF: '-',
  CONDITION_AGAIN: '-',
  LEVEL_UP: '-',
  LEVEL_DOWN: '-',
  ACK: 'condition_disabled',
  WITHDRAW_ACK: 'condition_disabled',
  CONFIRM: 'condition_disabled',
  RESET: 'condition_disabled',
  SILENCE: 'condition_disabled',
  SILENCE_EXPIRED: '-',
  OTHER_ANNOUNCED: '-',
  REALARM_TIMER: '-',
  COMMENT: 'condition_disabled',
  INPUT_QUALITY: '-',
  RESTARTED: '-',
  SHELVE_TIMED: 'condition_disabled',
  SHELVE_ONE_SHOT: 'condition_disabled',
  UNSHELVE: 'condition_disabled',
  SHELVE_EXPIRED: '-',
  ONE_SHOT_OVER: '-',
  SUPPRESS: 'NORM',
  UNSUPPRESS: 'NORM',
  REMOVE_FROM_SERVICE: 'condition_disabled',
  PLACE_IN_SERVICE: 'condition_disabled',
  SERVICE_DUE: '-',
  DISABLE: 'already_disabled',
  ENABLE: 'NORM',
  REMOVE: 'NORM',
};

function expected(line: Line, column: number, cover: Cover): string {
  if (cover === 'disabled') return DISABLED[line.event];
  const own = line.over?.[cover];
  const cell = (own === undefined || own === 'same' ? line.cells : own)[column] ?? '';
  // What is left beneath another cover is as quiet as before.
  const lifts = own !== undefined || cover === 'none';
  return lifts ? cell : cell.replace('!', '');
}

function take(line: Line, from: BaseState, cover: Cover): Step {
  const variables = { ...NORMAL, ...BASE[from], ...line.variables, ...COVERS[cover] };
  return annunciate(variables, line.event, {
    latching: false,
    policy: { ...DEFAULT_POLICY, ...line.policy },
    currentEvent: true,
    olderEvent: false,
    stillSuppressed: false,
    ...line.facts,
  });
}

function inWords(step: Step): string {
  switch (step.kind) {
    case 'moved':
      return `${stateOf(step.variables)}${step.occurs ? '*' : ''}${step.announces ? '!' : ''}`;
    case 'refused':
      return step.code;
    case 'ignored':
      return '-';
  }
}

/** Those that make no sense together: `latched` is no variable of a state that is not, and a disabled rule has no alarm. */
function exists(line: Line, from: BaseState, cover: Cover): boolean {
  if (cover === 'disabled') return from === 'NORM';
  return line.variables?.latched !== true || from === 'UNACK' || from === 'ACKED';
}

const cells = LINES.flatMap((line) =>
  STATES.flatMap((from, column) =>
    covers
      .filter((cover) => exists(line, from, cover))
      .map((cover) => ({
        name: `${from}, ${cover}, ${line.event}${line.note === undefined ? '' : ` ${line.note}`}`,
        line,
        from,
        cover,
        cell: expected(line, column, cover),
      })),
  ),
);

describe('the state table [AL1] [AL40]', () => {
  it('has a line for every event', () => {
    expect(new Set(LINES.map(({ event }) => event))).toEqual(new Set(ANNUNCIATION_EVENTS));
  });

  it.each(cells.map(({ name, cell, ...rest }) => [name, cell, rest] as const))(
    '%s → %s',
    (_name, cell, { line, from, cover }) => {
      expect(inWords(take(line, from, cover))).toBe(cell);
    },
  );

  it.each(cells.map(({ name, ...rest }) => [name, rest] as const))(
    '[AL42] %s: what lies over it changes by its own event alone',
    (_name, { line, from, cover }) => {
      const step = take(line, from, cover);
      if (step.kind !== 'moved') return;
      const { shelving, suppressedByDesign, outOfService, enabled } = step.variables;
      const before = { ...NORMAL, ...COVERS[cover] };
      expect({ shelving, suppressedByDesign, outOfService, enabled }).toEqual({
        shelving: SHELVES[line.event] ?? before.shelving,
        suppressedByDesign:
          line.event === 'SUPPRESS' ||
          (line.event === 'UNSUPPRESS' ? line.facts?.stillSuppressed === true : before.suppressedByDesign),
        outOfService: SERVES[line.event] ?? before.outOfService,
        enabled: line.event === 'ENABLE' || (line.event !== 'DISABLE' && before.enabled),
      });
    },
  );
});

const SHELVES: Partial<Record<AnnunciationEvent, AnnunciationVariables['shelving']>> = {
  SHELVE_TIMED: 'timed',
  SHELVE_ONE_SHOT: 'oneShot',
  UNSHELVE: 'unshelved',
  SHELVE_EXPIRED: 'unshelved',
  ONE_SHOT_OVER: 'unshelved',
};
const SERVES: Partial<Record<AnnunciationEvent, boolean>> = {
  REMOVE_FROM_SERVICE: true,
  PLACE_IN_SERVICE: false,
  SERVICE_DUE: false,
};

const FACTS: EventFacts = {
  latching: true,
  policy: DEFAULT_POLICY,
  currentEvent: true,
  olderEvent: false,
  stillSuppressed: false,
};
const inState = (state: BaseState, over: Partial<AnnunciationVariables> = {}): AnnunciationVariables => ({
  ...NORMAL,
  ...BASE[state],
  ...over,
});

describe('the variables', () => {
  it.each(STATES)('[AL1] %s is derived from them', (state) => {
    expect(stateOf(inState(state))).toBe(state);
    expect(labelOf(inState(state))).toBe(state);
  });

  it('[AL40] out of service is shown before suppressed by design before shelved', () => {
    const shelved = inState('UNACK', { shelving: 'timed' });
    const suppressed = { ...shelved, suppressedByDesign: true };
    const out = { ...suppressed, outOfService: true };
    expect([shelved, suppressed, out].map(labelOf)).toEqual(['SHLVD', 'DSUPR', 'OOSRV']);
    expect([inState('UNACK'), shelved, suppressed, out].map(isSuppressedOrShelved)).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('[AL41] an alarm is retained while it is active, unacknowledged, unconfirmed or latched, and enabled', () => {
    expect(STATES.map((state) => isRetained(inState(state)))).toEqual([false, true, true, true, true, true]);
    expect(isRetained(inState('NORM', { confirmed: false }))).toBe(true);
    expect(isRetained(inState('UNACK', { enabled: false }))).toBe(false);
  });

  it('latches when a latching rule comes on, and holds the latch until the reset', () => {
    const raised = annunciate(inState('NORM'), 'CONDITION_ON', FACTS);
    expect(raised).toMatchObject({ variables: { active: true, acked: false, latched: true } });
    for (const state of ['LATUN', 'LATAK'] as const) {
      const again = annunciate(inState(state), 'CONDITION_ON', { ...FACTS, latching: false });
      expect(again).toMatchObject({ variables: { latched: true } });
    }
  });

  it.each(ANNUNCIATION_EVENTS.filter((event) => !['DISABLE', 'REMOVE', 'RESET'].includes(event)))(
    'the latch of an active alarm is not taken by %s',
    (event) => {
      const step = annunciate(inState('UNACK', { latched: true }), event, FACTS);
      if (step.kind === 'moved') expect(step.variables.latched).toBe(true);
    },
  );

  it('[AL43] what happens beneath a cover is kept, without a sound (row 2)', () => {
    const step = annunciate(inState('NORM', { shelving: 'timed' }), 'CONDITION_ON', FACTS);
    expect(step).toMatchObject({ row: '2', occurs: true, announces: false, variables: { active: true } });
  });

  it('[AL44] a rule that asks for confirmation asks anew with every occurrence', () => {
    const facts = { ...FACTS, policy: { ...DEFAULT_POLICY, confirm: true } };
    const on = annunciate(inState('RTNUN'), 'CONDITION_ON', facts);
    expect(on).toMatchObject({ variables: { confirmed: false } });
    expect(annunciate(inState('NORM', { confirmed: false }), 'CONDITION_ON', facts)).toMatchObject({
      row: '1a',
      type: 'reoccurred',
    });
  });

  it('[AL45] the horn is silenced until something is announced, acknowledged, or its time is over', () => {
    const silenced = inState('UNACK', { silenced: true });
    const after = (event: AnnunciationEvent): unknown => {
      const step = annunciate(silenced, event, FACTS);
      return step.kind === 'moved' && step.variables.silenced;
    };
    expect(after('COMMENT')).toBe(true);
    expect(after('LEVEL_DOWN')).toBe(true);
    for (const event of [
      'LEVEL_UP',
      'ACK',
      'SILENCE_EXPIRED',
      'OTHER_ANNOUNCED',
      'REALARM_TIMER',
      'RESTARTED',
    ] as const)
      expect(after(event)).toBe(false);
  });

  it('says why it refuses to reset what nobody has acknowledged (row 18)', () => {
    expect(annunciate(inState('LATUN'), 'RESET', FACTS)).toMatchObject({
      row: '18',
      message: 'The alarm must be acknowledged before it is reset.',
    });
  });
});
