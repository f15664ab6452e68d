import { type ConditionOf } from '../model.js';
import { type Memory, type Watch, type WholeKind } from '../watch.js';
import { durationText } from '../wording.js';
import { badDelays, badSeverities, badWindow } from './checks.js';
import { badVotes, voteOf } from './votes.js';

type Coincidence = ConditionOf<'coincidence'>;

/** Of one member: whether it is in alarm, and since when it is so or not, event time; null: it never was. */
type Seen = readonly [on: boolean, since: number | null];

/**
 * `need` different detectors of a zone are in alarm at the same time, or one comes within `windowMs` after another has gone back:
 * smoke that drifts from one to the next. Once it is on, it ends when fewer are in alarm at the same time. [AL116]
 */
export const coincidence: WholeKind<Coincidence> = {
  judges: 'whole',
  calm: 'same-value',
  ofSite: true,
  pointsOf: ({ members }) => members.map(({ pointId }) => pointId),
  faultOf: (condition) =>
    badVotes(condition.members, condition.need) ??
    badWindow(condition.windowMs) ??
    badDelays(condition) ??
    badSeverities(condition.severity),
  stepsOf: ({ level, severity }) => [{ level, severity, limit: undefined }],
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  stepAt(watch, condition, { ts }) {
    const isOn = watch.filters[0]?.on === true;
    const before = seenBefore(watch);
    let present = 0;
    let recent = 0;
    let unknown = 0;
    let changed = false;
    const seen = condition.members.map((member, index): Seen => {
      const known: Seen = before[index] ?? [false, null];
      const says = voteOf(member, watch.points[index], known[0]);
      if (says === undefined) unknown += 1;
      const next: Seen = says === undefined || says === known[0] ? known : [says, ts];
      if (next !== known) changed = true;
      if (says === true) present += 1;
      else if (wentBackWithin(next, ts, condition.windowMs)) recent += 1;
      return next;
    });
    if (changed) watch.memory = seen;
    const count = isOn || present === 0 ? present : present + recent;
    if (count >= condition.need) return 0;
    return present + unknown >= condition.need ? undefined : -1;
  },
  isKnown: (watch, { members, need }) => {
    const says = members.map((member, index) => voteOf(member, watch.points[index], false));
    return says.filter((one) => one === true).length >= need || !says.includes(undefined);
  },
  messageOf({ rule: { title } }, { need, windowMs }) {
    if (need < 2) return title;
    const within = durationText(windowMs);
    return {
      zh: `${title.zh}：${need} 个探测器在 ${within.zh}内先后报警`,
      en: `${title.en}: ${need} detectors within ${within.en}`,
    };
  },
};

function wentBackWithin([on, since]: Seen, ts: number, windowMs: number): boolean {
  return !on && since !== null && ts - since <= windowMs;
}

function seenBefore({ memory }: Watch): readonly Seen[] {
  return Array.isArray(memory) ? (memory as readonly Memory[] as readonly Seen[]) : [];
}
