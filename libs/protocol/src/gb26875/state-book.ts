import { printedAddress } from './component-address.js';
import { type Deviation } from './deviation.js';
import { type InformationObject } from './layouts.js';
import { type FireSignal, isSet, NORMAL_BIT, STATUS_BITS, type StatusBit, type StatusOf } from './status.js';

/** Whose state it is: of the transmission device itself, of a fire system behind it, or of a component of one. */
export type FireSubject =
  | { readonly of: 'device' }
  | { readonly of: 'system'; readonly systemType: number; readonly systemAddress: number }
  | {
      readonly of: 'component';
      readonly systemType: number;
      readonly systemAddress: number;
      readonly componentAddress: number;
    };

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

export type StateObject = InformationObject<'system-state' | 'component-state' | 'device-state'>;

/** What the points of a fire-control room say (profile `fire.uitd`). */
export type UnitValues = Readonly<Record<'fire' | 'fault' | 'shield' | 'supervision' | 'test', boolean>>;

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
  private readonly counts: Record<FireSignal, number> = { fire: 0, fault: 0, shield: 0, supervisory: 0 };
  /** Who has said normal (1) before, and who is under test. */
  private readonly saidNormal = new Set<string>();
  private readonly testing = new Set<string>();
  /** Signals of what there was no room to remember: they hold until somebody forgets them. */
  private readonly unremembered = new Set<FireSignal>();
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
    const edges = bits.flatMap((bit) =>
      isSet(changed, bit.bit) ? [{ bit, isOn: isSet(mask, bit.bit) }] : [],
    );
    this.put(key, mask);
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

  /** Nothing is known of the device any more: it was replaced. */
  forget(): void {
    for (const [key] of this.masks()) this.drop(key);
    this.unremembered.clear();
  }

  values(): UnitValues {
    const holds = (signal: FireSignal): boolean => this.counts[signal] > 0 || this.unremembered.has(signal);
    return {
      fire: holds('fire'),
      fault: holds('fault'),
      shield: holds('shield'),
      supervision: holds('supervisory'),
      test: this.testing.size > 0,
    };
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
      for (const signal of signals) this.unremembered.add(signal);
      return;
    }
    (signals.size > 0 ? this.raised : this.calm).set(key, mask);
    for (const signal of signals) this.counts[signal]++;
    this.judgeTest(key, mask, signals);
  }

  private takeOut(key: string): void {
    const mask = this.mask(key);
    if (mask === undefined) return;
    this.raised.delete(key);
    this.calm.delete(key);
    for (const signal of this.signalsOf(key, mask)) this.counts[signal]--;
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

export function subjectKey(subject: FireSubject): string {
  switch (subject.of) {
    case 'device':
      return 'device';
    case 'system':
      return `${subject.systemType}/${subject.systemAddress}`;
    case 'component':
      return `${subject.systemType}/${subject.systemAddress}/${subject.componentAddress}`;
  }
}

/** Keys of what a component's mask says, `test` among them where the profile has a bit for it. */
export function componentStates(mask: number, { componentBits, normalBit }: Deviation): string[] {
  const keys = [...STATUS_BITS.component, ...componentBits].flatMap(({ bit, key }) =>
    isSet(mask, bit) ? [key] : [],
  );
  return normalBit === 'test' && isSet(mask, NORMAL_BIT) ? [...keys, 'test'] : keys;
}

/** What people call a component: `1-1-10/2` is system 1 of type 1, loop 10, point 2. */
export function componentName(
  { systemType, systemAddress, componentAddress }: Extract<FireSubject, { of: 'component' }>,
  { address }: Deviation,
): string {
  return `${systemType}-${systemAddress}-${printedAddress(componentAddress, address)}`;
}

function subjectOf(object: StateObject): FireSubject {
  switch (object.kind) {
    case 'device-state':
      return { of: 'device' };
    case 'system-state': {
      const { systemType, systemAddress } = object;
      return { of: 'system', systemType, systemAddress };
    }
    case 'component-state': {
      const { systemType, systemAddress, componentAddress } = object;
      return { of: 'component', systemType, systemAddress, componentAddress };
    }
  }
}

function kindOfKey(key: string): StatusOf {
  if (key === 'device') return 'device';
  return key.indexOf('/') === key.lastIndexOf('/') ? 'system' : 'component';
}
