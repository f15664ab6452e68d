import { type BilingualText, type ConditionOf } from '../model.js';
import { type Watch, type WholeKind } from '../watch.js';
import { badDelays, badSeverities } from './checks.js';
import { badVotes, countVotes, type Count } from './votes.js';

type Voting = ConditionOf<'voting'>;

/** How many of how many members must say yes, with what is unknown at present. */
export interface Mode {
  readonly need: number;
  readonly of: number;
}

/**
 * k of n with some of the n unknown: `vote` takes each for a yes, which lowers k (2oo3 becomes 1oo2: it rather raises in vain);
 * `drop` leaves it out, which keeps k (2oo3 becomes 2oo2: it rather waits). A member is never made up: with none that is known,
 * or fewer than `drop` needs, the group is blind, and undefined. [AL114]
 */
export function modeOf(
  { members, need, onBad }: Pick<Voting, 'members' | 'need' | 'onBad'>,
  unknown: number,
): Mode | undefined {
  const of = members.length - unknown;
  const left = onBad === 'vote' ? Math.max(1, need - unknown) : need;
  return of === 0 || left > of ? undefined : { need: left, of };
}

export function modeText(mode: Mode | undefined): BilingualText {
  if (mode === undefined) return { zh: '失去判断能力', en: 'blind' };
  const text = `${mode.need}oo${mode.of}`;
  return { zh: text, en: text };
}

/** k of n points are in alarm. */
export const voting: WholeKind<Voting> = {
  judges: 'whole',
  calm: 'same-value',
  ofSite: true,
  pointsOf: ({ members }) => members.map(({ pointId }) => pointId),
  faultOf: (condition) =>
    badVotes(condition.members, condition.need) ?? badDelays(condition) ?? badSeverities(condition.severity),
  stepsOf: ({ level, severity }) => [{ level, severity, limit: undefined }],
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  stepAt(watch, condition) {
    const count = counted(watch, condition);
    const mode = modeOf(condition, count.unknown);
    if (mode === undefined) return undefined;
    if (count.yes >= mode.need) return 0;
    // What was on ends only when it could not be on whatever the unknown ones are.
    const isOn = watch.filters[0]?.on === true;
    return isOn && count.yes + count.unknown >= condition.need ? undefined : -1;
  },
  isKnown: (watch, condition) => modeOf(condition, counted(watch, condition).unknown) !== undefined,
  messageOf(watch, condition) {
    const { yes, unknown } = counted(watch, condition);
    const mode = modeText(modeOf(condition, unknown));
    const { title } = watch.rule;
    return {
      zh: `${title.zh}：${condition.members.length} 点中 ${yes} 点报警（${mode.zh}）`,
      en: `${title.en}: ${yes} of ${condition.members.length} in alarm (${mode.en})`,
    };
  },
};

function counted(watch: Watch, { members }: Voting): Count {
  return countVotes(watch, members, watch.filters[0]?.on === true);
}
