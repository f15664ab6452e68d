import {
  type AlarmClass,
  COMPONENT_CONDITIONS,
  type ComponentCondition,
  type Quality,
} from '@watchfire/contracts';
import { type FireSignal } from '@watchfire/protocol';

export interface ComponentFacts {
  /** Flags that it reported last; `null` while it never did. */
  readonly states: readonly { readonly key: string; readonly signal?: FireSignal | undefined }[] | null;
  /** Classes of the active alarms of its point. */
  readonly alarms: readonly AlarmClass[];
  /** Its device is connected. */
  readonly online: boolean;
  /** Of the value of its point; `undefined` where it has none, `null` where there never was a value. */
  readonly quality: Quality | null | undefined;
}

export interface Judged {
  readonly condition: ComponentCondition;
  readonly unknownReason: 'never-reported' | 'offline' | 'bad-quality' | null;
}

const OF_CLASS: Readonly<Partial<Record<AlarmClass, ComponentCondition>>> = {
  fire: 'fire',
  gas: 'supervisory',
  'pre-alarm': 'supervisory',
  process: 'supervisory',
  linkage: 'supervisory',
  supervisory: 'supervisory',
  trouble: 'fault',
  link: 'fault',
  shield: 'shield',
  test: 'test',
};

const OF_FLAG: Readonly<Record<string, ComponentCondition>> = {
  test: 'test',
  started: 'active',
  feedback: 'active',
  delayed: 'active',
};

/** What stays until it is known to be over: that nothing is heard any more does not end a fire. */
const STANDING: readonly ComponentCondition[] = ['fire', 'supervisory', 'fault', 'shield'];

/** What a component is in, as far as anybody knows. Unknown is not normal, and never hides an alarm. [FU8] */
export function judgeComponent(facts: ComponentFacts): Judged {
  const told = flagged(facts);
  const alarming = worst(facts.alarms.map((each) => OF_CLASS[each]));
  if (alarming !== undefined) return { condition: worst([alarming, told]) ?? alarming, unknownReason: null };
  const unknownReason = reasonOf(facts);
  if (unknownReason === null) return { condition: told ?? 'normal', unknownReason };
  return { condition: told !== undefined && STANDING.includes(told) ? told : 'unknown', unknownReason };
}

function reasonOf({ states, online, quality }: ComponentFacts): Judged['unknownReason'] {
  if (states === null && (quality ?? null) === null) return 'never-reported';
  if (!online) return 'offline';
  // What it says by address does not become wrong because its point is.
  return states === null && quality !== 'good' && quality !== 'uncertain' ? 'bad-quality' : null;
}

function flagged({ states }: ComponentFacts): ComponentCondition | undefined {
  return worst((states ?? []).map(({ key, signal }) => signal ?? OF_FLAG[key]));
}

function worst(conditions: readonly (ComponentCondition | undefined)[]): ComponentCondition | undefined {
  return COMPONENT_CONDITIONS.find((each) => conditions.includes(each));
}
