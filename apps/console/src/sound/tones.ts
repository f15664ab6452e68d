import { type AlarmClass, type Priority } from '@watchfire/contracts';

export interface Beep {
  /** From the start of the pattern, seconds. */
  readonly at: number;
  readonly seconds: number;
  /** Hz; with `to` the tone sweeps. */
  readonly hertz: number;
  readonly to?: number;
}

export interface Pattern {
  readonly name: string;
  readonly beeps: readonly Beep[];
  /** Repeated after this, seconds. */
  readonly period: number;
}

const pulses = (count: number, on: number, off: number, hertz: number): Beep[] =>
  Array.from({ length: count }, (_, index) => ({ at: index * (on + off), seconds: on, hertz }));

/** The evacuation signal of ISO 8201: three pulses of half a second, then a pause. */
const TEMPORAL_THREE = pulses(3, 0.5, 0.5, 880);
/** The four short pulses that gas detectors use (NFPA 720 for carbon monoxide). */
const TEMPORAL_FOUR = pulses(4, 0.12, 0.12, 1_200);
/** Two tones like a lift's bell: somebody is waiting for an answer. */
const TWO_TONE: Beep[] = [
  { at: 0, seconds: 0.35, hertz: 988 },
  { at: 0.4, seconds: 0.6, hertz: 740 },
];
const RISING: Beep[] = [{ at: 0, seconds: 0.7, hertz: 500, to: 1_000 }];
const LOW: Beep[] = pulses(2, 0.15, 0.15, 520);

/** More urgent is faster; the pitch stays, because it tells the class. Seconds of pause after the beeps. */
const PAUSES: Readonly<Record<Priority, number>> = { red: 0.5, orange: 1.2, yellow: 3, blue: 6 };

/** The suggestion of this project: pattern tells the class, pace the priority. Test alarms make no sound. */
export function patternOf(name: AlarmClass, priority: Priority): Pattern | null {
  const beeps = beepsOf(name, priority);
  if (beeps.length === 0) return null;
  const length = Math.max(...beeps.map(({ at, seconds }) => at + seconds));
  return { name: `${name}/${priority}`, beeps, period: length + PAUSES[priority] };
}

function beepsOf(name: AlarmClass, priority: Priority): readonly Beep[] {
  switch (name) {
    case 'fire':
      return TEMPORAL_THREE;
    case 'entrapment':
      return TWO_TONE;
    case 'gas':
      return TEMPORAL_FOUR;
    case 'pre-alarm':
    case 'process':
    case 'linkage':
      return priority === 'red' || priority === 'orange' ? RISING : LOW;
    case 'supervisory':
    case 'trouble':
    case 'shield':
    case 'guard':
    case 'link':
    case 'system':
      return LOW;
    case 'test':
      return [];
  }
}

/** An alarm that has returned before anybody saw it: one short tone from time to time. */
export const RETURNED: Pattern = {
  name: 'returned',
  beeps: [{ at: 0, seconds: 0.12, hertz: 660 }],
  period: 15,
};

/** The page is blind: unlike every alarm, low and falling. */
export const LINK_LOST: Pattern = {
  name: 'link-lost',
  beeps: [
    { at: 0, seconds: 0.5, hertz: 440, to: 220 },
    { at: 0.6, seconds: 0.5, hertz: 440, to: 220 },
  ],
  period: 5,
};

/** What the operator has to hear at sign-in. */
export const TEST: Pattern = {
  name: 'test',
  beeps: [
    { at: 0, seconds: 0.3, hertz: 660 },
    { at: 0.35, seconds: 0.3, hertz: 880 },
    { at: 0.7, seconds: 0.5, hertz: 1_100 },
  ],
  period: 2,
};
