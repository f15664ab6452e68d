import { type AlarmView, type EngineRecord, type Outcome, type Transition } from '@watchfire/alarm';

/** The variables in one word, whatever lies over them. */
export type Base = 'NORM' | 'UNACK' | 'ACKED' | 'RTNUN' | 'LATUN' | 'LATAK';
export function baseOf({ active, acked, latched }: AlarmView): Base {
  if (active) return acked ? 'ACKED' : 'UNACK';
  if (latched) return acked ? 'LATAK' : 'LATUN';
  return acked ? 'NORM' : 'RTNUN';
}

const SAME: readonly string[] = [];
/** Every step that an alarm may take, from the state tables of docs/spec/alarms.md: `from>to`; `SAME` stays where it is. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  raised: ['NORM>UNACK'],
  reoccurred: ['RTNUN>UNACK', 'LATUN>UNACK', 'LATAK>UNACK', 'NORM>UNACK', 'UNACK>UNACK', 'ACKED>UNACK'],
  returned: ['UNACK>RTNUN', 'UNACK>LATUN', 'ACKED>NORM', 'ACKED>LATAK'],
  'level-changed': ['UNACK>UNACK', 'ACKED>UNACK', 'ACKED>ACKED'],
  acknowledged: ['UNACK>ACKED', 'RTNUN>NORM', 'LATUN>LATAK'],
  'acknowledgement-withdrawn': ['ACKED>UNACK'],
  're-alarmed': ['UNACK>UNACK', 'ACKED>UNACK'],
  reset: ['LATAK>NORM', 'LATUN>RTNUN'],
  removed: ['NORM', 'UNACK', 'ACKED', 'RTNUN', 'LATUN', 'LATAK'].map((from) => `${from}>NORM`),
  disabled: ['NORM', 'UNACK', 'ACKED', 'RTNUN', 'LATUN', 'LATAK'].map((from) => `${from}>NORM`),
  commented: SAME,
  'quality-changed': SAME,
  confirmed: SAME,
  'branch-acknowledged': SAME,
  silenced: SAME,
  'silence-ended': SAME,
  restated: SAME,
  shelved: SAME,
  suppressed: SAME,
  unsuppressed: SAME,
  'out-of-service': SAME,
  enabled: SAME,
  unshelved: [...stays(), 'UNACK>ACKED', 'RTNUN>NORM', 'LATUN>LATAK'],
  'shelve-expired': [...stays(), 'ACKED>UNACK', 'LATAK>LATUN'],
  'service-due': [...stays(), 'ACKED>UNACK', 'LATAK>LATUN'],
  'in-service': [...stays(), 'ACKED>UNACK'],
};
function stays(): string[] {
  return ['NORM', 'UNACK', 'ACKED', 'RTNUN', 'LATUN', 'LATAK'].map((state) => `${state}>${state}`);
}

/** Conditions whose way back must be seen: no bad, missing or outdated value ends them. */
const SEEN_TO_RETURN = new Set(['limit', 'discrete']);

export class Broken extends Error {}

function hold(isTrue: boolean, rule: string, transition?: Transition): void {
  if (isTrue) return;
  const what =
    transition === undefined
      ? ''
      : `: ${transition.type} of ${transition.alarmId}, ${transition.alarm.deviceId} ${transition.alarm.rule}, seq ${transition.seq}`;
  throw new Broken(`${rule}${what}`);
}

/** The invariants of docs/spec/simulation.md, held against every transition as it comes. */
export class Checks {
  private seq = 0;
  private readonly last = new Map<string, AlarmView>();
  private readonly over = new Set<string>();
  readonly counts = new Map<string, number>();

  /** `kindOf`: the kind of condition behind an alarm. */
  constructor(private readonly kindOf: (deviceId: string, rule: string) => string | undefined) {}

  /** The event id that each open alarm had before, for operators who are late. */
  outcome({ offset, at, input }: EngineRecord, { transitions, refused }: Outcome): void {
    // What became due by the time of the record is not of the act.
    const isOfTime = transitions.every(({ actor }) => actor === 'system');
    hold(refused === undefined || isOfTime, '[SM6] a refusal changes nothing');
    for (const [index, transition] of transitions.entries()) {
      this.seq += 1;
      hold(transition.seq === this.seq, '[SM3] seq is dense', transition);
      hold(transition.eventId === `${offset}-${index}`, '[SM3] events are named by their record', transition);
      hold(transition.at === at, '[SM3] at is the journal time', transition);
      this.transition(transition);
      if (input.kind === 'command' && transition.type === 'acknowledged') {
        const { command } = input;
        const before = this.before;
        const names = 'eventId' in command ? command.eventId : undefined;
        hold(
          before?.eventId === names,
          '[SM6] an acknowledgement reaches its own occurrence only',
          transition,
        );
      }
    }
  }

  private before: AlarmView | undefined;

  private transition(transition: Transition): void {
    const { type, alarmId, alarm, eventId } = transition;
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    const before = this.last.get(alarmId);
    this.before = before;
    hold(!this.over.has(alarmId), '[SM4] nothing happens to an alarm after its end', transition);
    const from = before === undefined ? 'NORM' : baseOf(before);
    // Where the newest occurrence is over, the next older one takes its place [AL46]: the step itself went to NORM.
    const isOlder = before !== undefined && isPromoted(before, alarm);
    const to = isOlder ? 'NORM' : baseOf(alarm);
    const steps = STEPS[type];
    hold(steps !== undefined, '[SM4] the type is in the table', transition);
    hold(
      steps === SAME ? from === to : steps?.includes(`${from}>${to}`) === true,
      `[SM4] ${from}>${to} is a step`,
      transition,
    );
    if (type === 'raised') hold(before === undefined, '[SM4] an alarm is born once', transition);
    if (before !== undefined && !isOlder) this.step(transition, before);
    if (eventId === alarm.eventId)
      hold(to === 'UNACK' || to === 'LATUN', '[SM5] what is new is not acknowledged', transition);
    hold(alarm.liveSeverity > 0 === alarm.active, '[SM5] a live severity is of an active alarm', transition);
    if (type === 'returned' && SEEN_TO_RETURN.has(this.kindOf(alarm.deviceId, alarm.rule) ?? '')) {
      hold(
        alarm.quality === 'good' || alarm.quality === 'uncertain',
        '[SM5] bad input ends nothing',
        transition,
      );
    }
    if (!alarm.retain) {
      this.last.delete(alarmId);
      this.over.add(alarmId);
    } else this.last.set(alarmId, alarm);
  }

  private step(transition: Transition, before: AlarmView): void {
    const { type, alarm } = transition;
    if (type === 'level-changed') {
      const isUp = alarm.liveSeverity > before.liveSeverity;
      const isDown = alarm.liveSeverity < before.liveSeverity;
      if (isUp)
        hold(!alarm.acked && alarm.eventId === transition.eventId, '[SM5] a rise is news', transition);
      if (isDown) hold(alarm.acked === before.acked, '[SM5] a fall is none', transition);
    }
    if (!before.acked && type !== 'acknowledged' && type !== 'disabled') {
      hold(
        alarm.severity >= before.severity,
        '[SM5] severity is held until somebody has seen it',
        transition,
      );
    }
    hold(alarm.id === before.id && alarm.rule === before.rule, '[SM4] an alarm is of one rule', transition);
  }

  /** The alarms that must be open now, as the engine should list them. */
  open(): ReadonlyMap<string, AlarmView> {
    return this.last;
  }
}

function isPromoted(before: AlarmView, { eventId }: AlarmView): boolean {
  return eventId !== before.eventId && before.olderOccurrences[0]?.eventId === eventId;
}
