import { rowsOf, type AnnunciationEvent, type Row } from './annunciation-table.js';
import { type AnnunciationVariables, type EventFacts } from './annunciation-variables.js';
import { type AlarmState, type BaseState, type RefusalCode, type TransitionType } from './model.js';
import { type Overlay } from './overlay.js';

export type Step =
  | {
      readonly kind: 'moved';
      readonly row: string;
      readonly variables: AnnunciationVariables;
      readonly type: TransitionType;
      /** A new occurrence with a new event id: not acknowledged by an older acknowledgement. */
      readonly occurs: boolean;
      /** To be announced: horn, flash, notification. */
      readonly announces: boolean;
    }
  | { readonly kind: 'refused'; readonly row: string; readonly code: RefusalCode; readonly message: string }
  | { readonly kind: 'ignored' };

export const NORMAL: AnnunciationVariables = {
  active: false,
  acked: true,
  confirmed: true,
  latched: false,
  silenced: false,
  enabled: true,
  shelving: 'unshelved',
  suppressedByDesign: false,
  outOfService: false,
};

type Base = Pick<AnnunciationVariables, 'active' | 'acked' | 'latched'>;

/** ISA-18.2-2009 states A to F in words, without what lies over them. [AL1] */
export function stateOf(alarm: Base): BaseState {
  if (alarm.active) return alarm.acked ? 'ACKED' : 'UNACK';
  if (alarm.latched) return alarm.acked ? 'LATAK' : 'LATUN';
  return alarm.acked ? 'NORM' : 'RTNUN';
}

type Covers = Pick<AnnunciationVariables, 'shelving' | 'suppressedByDesign' | 'outOfService'>;

/** Its annunciation is off, its evaluation is not. */
export function isSuppressedOrShelved(alarm: Covers): boolean {
  return alarm.outOfService || alarm.suppressedByDesign || alarm.shelving !== 'unshelved';
}

/** The word on the screen: out of service before suppressed by design before shelved before the state beneath. [AL40] */
export function labelOf(alarm: AnnunciationVariables): AlarmState {
  if (alarm.outOfService) return 'OOSRV';
  if (alarm.suppressedByDesign) return 'DSUPR';
  return alarm.shelving === 'unshelved' ? stateOf(alarm) : 'SHLVD';
}

/** Whether the alarm list still shows it; an older occurrence that is open keeps an alarm as well. [AL41] */
export function isRetained(alarm: AnnunciationVariables): boolean {
  return alarm.enabled && (alarm.active || !alarm.acked || !alarm.confirmed || alarm.latched);
}

/** The variables of an overlay. */
export function coversOf(overlay: Overlay | null): Covers & Pick<AnnunciationVariables, 'enabled'> {
  if (overlay === null) return UNCOVERED;
  return {
    enabled: overlay.disabled === null,
    shelving: overlay.shelving?.kind ?? 'unshelved',
    suppressedByDesign: overlay.suppressionReasons.length > 0,
    outOfService: overlay.outOfService !== null,
  };
}

const UNCOVERED = {
  enabled: true,
  shelving: 'unshelved',
  suppressedByDesign: false,
  outOfService: false,
} as const;

const IGNORED: Step = { kind: 'ignored' };

/** What one event does to one alarm: pure, total over every pair of state and event. */
export function annunciate(alarm: AnnunciationVariables, event: AnnunciationEvent, facts: EventFacts): Step {
  const row = rowsOf(stateOf(alarm), event).find(
    (candidate) => candidate.when === undefined || candidate.when(alarm, facts),
  );
  if (row === undefined || 'ignore' in row) return IGNORED;
  if ('refuse' in row) return { kind: 'refused', row: row.row, code: row.refuse, message: row.because };
  const variables = variablesAfter(alarm, event, row, facts);
  return {
    kind: 'moved',
    row: row.row,
    variables,
    type: row.type,
    occurs: row.occurs === true,
    // Whatever happens beneath a cover happens without a sound (row 2); what is acknowledged needs none.
    announces: row.announces === true && !variables.acked && !isSuppressedOrShelved(variables),
  };
}

type Move = Extract<Row, { readonly to: unknown }>;

function variablesAfter(
  alarm: AnnunciationVariables,
  event: AnnunciationEvent,
  row: Move,
  facts: EventFacts,
): AnnunciationVariables {
  const after = { ...alarm, ...(row.to === 'same' ? {} : baseIn(row.to, alarm, event, facts)) };
  if (row.occurs === true) after.confirmed = !facts.policy.confirm;
  // There is nothing to silence in what is acknowledged, and what is announced anew is to be heard.
  if (after.acked || row.announces === true) after.silenced = false;
  switch (event) {
    case 'CONFIRM':
      return { ...after, confirmed: true };
    case 'SILENCE':
      return { ...after, silenced: true };
    case 'SILENCE_EXPIRED':
    case 'OTHER_ANNOUNCED':
      return { ...after, silenced: false };
    case 'SHELVE_TIMED':
      return { ...after, shelving: 'timed' };
    case 'SHELVE_ONE_SHOT':
      return { ...after, shelving: 'oneShot' };
    case 'UNSHELVE':
    case 'SHELVE_EXPIRED':
    case 'ONE_SHOT_OVER':
      return { ...after, shelving: 'unshelved' };
    case 'SUPPRESS':
      return { ...after, suppressedByDesign: true };
    case 'UNSUPPRESS':
      return { ...after, suppressedByDesign: facts.stillSuppressed };
    case 'REMOVE_FROM_SERVICE':
      return { ...after, outOfService: true };
    case 'PLACE_IN_SERVICE':
    case 'SERVICE_DUE':
      return { ...after, outOfService: false };
    case 'DISABLE':
      return { ...after, confirmed: true, enabled: false };
    case 'ENABLE':
      return { ...after, enabled: true };
    case 'REMOVE':
      return { ...after, confirmed: true };
    default:
      return after;
  }
}

function baseIn(
  state: BaseState,
  alarm: AnnunciationVariables,
  event: AnnunciationEvent,
  facts: EventFacts,
): Base {
  switch (state) {
    case 'NORM':
      return { active: false, acked: true, latched: false };
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
