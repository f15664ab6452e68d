import { type ConditionOf } from '../model.js';
import { type AlarmStep, type WholeKind } from '../watch.js';
import { badDelays, badSeverities } from './checks.js';
import { badVotes, countVotes } from './votes.js';
import { modeOf, modeText } from './voting.js';

type VotingDegraded = ConditionOf<'voting-degraded'>;

/** A voting group with unknown members: it decides otherwise than it was designed to, or not at all. [AL115] */
export const votingDegraded: WholeKind<VotingDegraded> = {
  judges: 'whole',
  calm: 'same-value',
  ofSite: true,
  pointsOf: ({ members }) => members.map(({ pointId }) => pointId),
  faultOf: (condition) =>
    badVotes(condition.members, condition.need) ??
    badDelays(condition) ??
    badSeverities(condition.severity, condition.blindSeverity),
  stepsOf: stepsFor,
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  stepAt(watch, { members }) {
    return countVotes(watch, members, false).unknown - 1;
  },
  // What is not known is what it tells.
  isKnown: () => true,
  messageOf({ rule: { title } }, { members, need }, step) {
    const designed = `${need}oo${members.length}`;
    return step.level === 'blind'
      ? { zh: `${title.zh}：${designed} 失去判断能力`, en: `${title.en}: ${designed} is blind` }
      : { zh: `${title.zh}：${designed} → ${step.level}`, en: `${title.en}: ${designed} → ${step.level}` };
  },
};

/** One for each number of unknown members; those in which the group is blind have one name. */
function stepsFor(condition: VotingDegraded): readonly AlarmStep[] {
  return condition.members.map((_member, index) => {
    const mode = modeOf(condition, index + 1);
    return mode === undefined
      ? { level: 'blind', severity: condition.blindSeverity, limit: undefined }
      : { level: modeText(mode).en, severity: condition.severity, limit: undefined };
  });
}
