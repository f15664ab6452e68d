import { type Deviation } from './deviation.js';
import { type InformationObject } from './layouts.js';
import { componentName, type FireSubject, rootKey, subjectOf, type StateObject } from './subject.js';
import { type FireSignal } from './status.js';

/** What of one system, or of the device itself, holds signals. */
interface Holding {
  readonly components: Record<FireSignal, number>;
  readonly own: Set<FireSignal>;
  /** Somebody has pressed its alarm key. */
  isPressed: boolean;
}

const NONE = { fire: 0, fault: 0, shield: 0, supervisory: 0 } as const;
const SIGNALS = Object.keys(NONE) as readonly FireSignal[];

/**
 * How many places behind one device hold a signal. Components are places of their own; a system, or the device, is one only while no
 * component of it is: it says for the most part what the first of them says again. An alarm key beside components that burn is a
 * place more, for who presses it may have seen another fire. [FI25]
 */
export class Places {
  private readonly byRoot = new Map<string, Holding>();
  private readonly counts: Record<FireSignal, number> = { ...NONE };

  of(signal: FireSignal): number {
    return this.counts[signal];
  }

  hold(subject: FireSubject, signals: ReadonlySet<FireSignal>): void {
    this.change(rootKey(subject), (holding) => {
      for (const signal of signals) {
        if (subject.of === 'component') holding.components[signal]++;
        else holding.own.add(signal);
      }
    });
  }

  release(subject: FireSubject, signals: ReadonlySet<FireSignal>): void {
    this.change(rootKey(subject), (holding) => {
      for (const signal of signals) {
        if (subject.of === 'component') holding.components[signal]--;
        else holding.own.delete(signal);
      }
    });
  }

  press(root: string, isPressed: boolean): void {
    this.change(root, (holding) => {
      holding.isPressed = isPressed;
    });
  }

  private change(root: string, make: (holding: Holding) => void): void {
    const holding = this.byRoot.get(root) ?? {
      components: { ...NONE },
      own: new Set<FireSignal>(),
      isPressed: false,
    };
    this.byRoot.set(root, holding);
    for (const signal of SIGNALS) this.counts[signal] -= placesIn(holding, signal);
    make(holding);
    for (const signal of SIGNALS) this.counts[signal] += placesIn(holding, signal);
    if (isIdle(holding)) this.byRoot.delete(root);
  }
}

function placesIn({ components, own, isPressed }: Holding, signal: FireSignal): number {
  const pressed = isPressed && signal === 'fire';
  if (components[signal] > 0) return components[signal] + (pressed ? 1 : 0);
  return pressed || own.has(signal) ? 1 : 0;
}

function isIdle({ components, own, isPressed }: Holding): boolean {
  return !isPressed && own.size === 0 && SIGNALS.every((signal) => components[signal] === 0);
}

type Spoken = StateObject | InformationObject<'facility-operation' | 'device-operation'>;

/** What people call the place of which this was told: as the device describes it, its type, and its printed address. In Chinese. */
export function placeName(object: Spoken, deviation: Deviation): string {
  switch (object.kind) {
    case 'component-state': {
      const subject = subjectOf(object);
      const type = deviation.componentTypes.get(object.componentType)?.zh ?? '';
      const address = subject.of === 'component' ? componentName(subject, deviation) : '';
      return words(object.description.text, type, address);
    }
    case 'system-state':
      return systemName(object, deviation);
    case 'device-state':
      return DEVICE;
    case 'facility-operation':
      return words(systemName(object, deviation), KEY);
    case 'device-operation':
      return words(DEVICE, KEY);
  }
}

const DEVICE = '用户信息传输装置';
const KEY = '手动报警';

function systemName(
  { systemType, systemAddress }: { readonly systemType: number; readonly systemAddress: number },
  { systemTypes }: Deviation,
): string {
  return words(systemTypes.get(systemType)?.zh ?? '', `${systemType}-${systemAddress}`);
}

/** Descriptions come padded, and with whatever somebody typed into the panel. */
function words(...parts: readonly string[]): string {
  return parts
    .map((part) => part.replace(/[\s\p{Cc}]+/gu, ' ').trim())
    .filter((part) => part !== '')
    .join(' ');
}
