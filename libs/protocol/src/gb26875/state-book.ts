import { type Deviation } from './deviation.js';
import { placeName, Places } from './places.js';
import { type FireSignal, isSet, NORMAL_BIT, STATUS_BITS, type StatusBit, type StatusOf } from './status.js';
import {
  type FireSubject,
  kindOfKey,
  type StateObject,
  subjectKey,
  subjectOf,
  subjectOfKey,
} from './subject.js';

/** A bit that became set or cleared. */
export interface StateEdge {
  readonly bit: StatusBit;
  readonly isOn: boolean;
}

export interface StateChange {
  readonly subject: FireSubject;
  /** `device`, `1/1`, `1/1/131082`: stable, and the same for every device profile. */
  readonly key: string;
  readonly mask: number;
  /** Nothing was known of it before: only what is set is told. */
  readonly isFirst: boolean;
  readonly edges: readonly StateEdge[];
  /** Bits that neither the standard nor the profile knows. */
  readonly unknownBits: number;
}

/** Points of a fire-control room, by the signal that they tell. */
const POINT_OF = {
  fire: 'fire',
  supervisory: 'supervision',
  fault: 'fault',
  shield: 'shield',
} as const satisfies Readonly<Record<FireSignal, string>>;
const SIGNALS = Object.keys(POINT_OF) as readonly FireSignal[];
export const SIGNAL_POINTS = Object.values(POINT_OF);

type SignalPoint = (typeof POINT_OF)[FireSignal];

/**
 * What the points of a fire-control room say (profile `fire.uitd`), in the order in which they are to be told: where, in how many
 * places, and that it is so. `…_place` is the newest place, while there is any and it is known.
 */
export type UnitValues = Readonly<
  Partial<Record<`${SignalPoint}_place`, string>> &
    Record<`${SignalPoint}_count`, number> &
    Record<SignalPoint | 'test', boolean>
>;

/** Systems and components of one device that are remembered; a large panel has some thousand. */
const MAX_SUBJECTS = 20_000;

/**
 * The last known state of everything behind one device. Types 1, 2 and 21 carry whole masks, so what happened is the difference
 * to the mask before. A signal of the unit holds while it holds anywhere; operations (types 4 and 24) change nothing here.
 */
export class StateBook {
  /** Masks by key; what has no signal is apart, because it may be forgotten. */
  private readonly raised = new Map<string, number>();
  private readonly calm = new Map<string, number>();
  private readonly places = new Places();
  /** The newest place that got a signal; not known of what was remembered. */
  private readonly newest: Partial<Record<FireSignal, string>> = {};
  /** Who has said normal (1) before, and who is under test. */
  private readonly saidNormal = new Set<string>();
  private readonly testing = new Set<string>();
  /**
   * Signals of what there was no room to remember: they hold until somebody forgets them, and nobody knows whether what is told again
   * is the same place.
   */
  private readonly unremembered: Record<FireSignal, number> = {
    fire: 0,
    fault: 0,
    shield: 0,
    supervisory: 0,
  };
  private readonly keys = new Set<string>();
  private readonly bits: Readonly<Record<StatusOf, readonly StatusBit[]>>;

  constructor(
    private readonly deviation: Deviation,
    /** Masks by key, as `masks` gave them. */
    saved: Iterable<readonly [key: string, mask: number]> = [],
    private readonly maxSubjects = MAX_SUBJECTS,
  ) {
    this.bits = {
      system: [...STATUS_BITS.system, ...deviation.systemBits],
      component: [...STATUS_BITS.component, ...deviation.componentBits],
      device: [...STATUS_BITS.device, ...deviation.deviceBits],
    };
    for (const [key, mask] of saved) this.put(key, mask);
  }

  apply(object: StateObject): StateChange {
    const subject = subjectOf(object);
    const key = subjectKey(subject);
    const mask = object.status;
    const before = this.mask(key);
    const changed = mask ^ (before ?? 0);
    const bits = this.bits[subject.of];
    const counted = this.counted();
    const edges = bits.flatMap((bit) =>
      isSet(changed, bit.bit) ? [{ bit, isOn: isSet(mask, bit.bit) }] : [],
    );
    this.put(key, mask);
    const had = this.signalsOf(key, before ?? 0);
    const has = this.signalsOf(key, mask);
    for (const signal of SIGNALS) {
      // Where a system spoke before its component it is that one which people look for.
      const isNearer = subject.of === 'component' && has.has(signal) && !had.has(signal);
      if (isNearer || this.count(signal) > counted[signal])
        this.newest[signal] = placeName(object, this.deviation);
    }
    const known = bits.reduce((all, { bit }) => all | (1 << bit), 1 << NORMAL_BIT);
    return { subject, key, mask, isFirst: before === undefined, edges, unknownBits: mask & ~known };
  }

  mask(key: string): number | undefined {
    return this.raised.get(key) ?? this.calm.get(key);
  }

  /** Everything that is remembered, to be handed to the constructor after a restart. */
  masks(): [key: string, mask: number][] {
    return [...this.calm, ...this.raised];
  }

  /** What holds a signal at present. */
  holders(signal: FireSignal): string[] {
    return [...this.raised].flatMap(([key, mask]) => (this.signalsOf(key, mask).has(signal) ? [key] : []));
  }

  /** Where somebody pressed the alarm key: `device`, or a system. */
  get pressed(): ReadonlySet<string> {
    return this.keys;
  }

  /** `place`: what people call it; absent where that is not known. */
  press(key: string, place?: string): void {
    const before = this.count('fire');
    this.keys.add(key);
    this.places.press(key, true);
    if (place !== undefined && this.count('fire') > before) this.newest.fire = place;
  }

  /** False: it was not pressed. */
  release(key: string): boolean {
    if (!this.keys.delete(key)) return false;
    this.places.press(key, false);
    return true;
  }

  /** Nothing is known of the device any more: it was replaced. */
  forget(): void {
    for (const [key] of this.masks()) this.drop(key);
    for (const key of [...this.keys]) this.release(key);
    for (const signal of SIGNALS) this.unremembered[signal] = 0;
  }

  values(): UnitValues {
    const values: Record<string, string | number | boolean> = {};
    for (const signal of SIGNALS) {
      const count = this.count(signal);
      const place = this.newest[signal];
      if (count > 0 && place !== undefined) values[`${POINT_OF[signal]}_place`] = place;
      values[`${POINT_OF[signal]}_count`] = count;
      values[POINT_OF[signal]] = count > 0;
    }
    return { ...values, test: this.testing.size > 0 } as UnitValues;
  }

  private counted(): Readonly<Record<FireSignal, number>> {
    return {
      fire: this.count('fire'),
      supervisory: this.count('supervisory'),
      fault: this.count('fault'),
      shield: this.count('shield'),
    };
  }

  private count(signal: FireSignal): number {
    return this.places.of(signal) + this.unremembered[signal];
  }

  /**
   * Bit 0 at 0 is the test, says the standard; but many never set it, and many clear it for any alarm. So a test begins where normal was
   * said before and nothing else is wrong, and lasts until normal is said again.
   */
  private judgeTest(key: string, mask: number, signals: ReadonlySet<FireSignal>): void {
    const isOne = isSet(mask, NORMAL_BIT);
    if (this.deviation.normalBit === 'test') {
      if (isOne) this.testing.add(key);
      else this.testing.delete(key);
    } else if (isOne) {
      this.saidNormal.add(key);
      this.testing.delete(key);
    } else if (signals.size === 0 && this.saidNormal.has(key)) this.testing.add(key);
  }

  private put(key: string, mask: number): void {
    this.takeOut(key);
    const signals = this.signalsOf(key, mask);
    if (!this.makeRoom()) {
      for (const signal of signals) this.unremembered[signal]++;
      return;
    }
    (signals.size > 0 ? this.raised : this.calm).set(key, mask);
    this.places.hold(subjectOfKey(key), signals);
    this.judgeTest(key, mask, signals);
  }

  private takeOut(key: string): void {
    const mask = this.mask(key);
    if (mask === undefined) return;
    this.raised.delete(key);
    this.calm.delete(key);
    this.places.release(subjectOfKey(key), this.signalsOf(key, mask));
  }

  private drop(key: string): void {
    this.takeOut(key);
    this.saidNormal.delete(key);
    this.testing.delete(key);
  }

  /** What is calm and was silent the longest goes first; what holds a signal never does. */
  private makeRoom(): boolean {
    if (this.raised.size + this.calm.size < this.maxSubjects) return true;
    for (const key of this.calm.keys()) {
      this.drop(key);
      return true;
    }
    return false;
  }

  private signalsOf(key: string, mask: number): ReadonlySet<FireSignal> {
    const signals = new Set<FireSignal>();
    for (const { bit, signal } of this.bits[kindOfKey(key)]) {
      if (signal !== undefined && isSet(mask, bit)) signals.add(signal);
    }
    return signals;
  }
}

/** Keys of what a component's mask says, `test` among them where the profile has a bit for it. */
export function componentStates(mask: number, deviation: Deviation): string[] {
  return statesIn(mask, [...STATUS_BITS.component, ...deviation.componentBits], deviation);
}

/** Keys of what a system's mask says. */
export function systemStates(mask: number, deviation: Deviation): string[] {
  return statesIn(mask, [...STATUS_BITS.system, ...deviation.systemBits], deviation);
}

function statesIn(mask: number, bits: readonly StatusBit[], { normalBit }: Deviation): string[] {
  const keys = bits.flatMap(({ bit, key }) => (isSet(mask, bit) ? [key] : []));
  return normalBit === 'test' && isSet(mask, NORMAL_BIT) ? [...keys, 'test'] : keys;
}
