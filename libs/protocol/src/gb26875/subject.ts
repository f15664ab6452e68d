import { printedAddress } from './component-address.js';
import { type Deviation } from './deviation.js';
import { type InformationObject } from './layouts.js';
import { type StatusOf } from './status.js';

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

export type StateObject = InformationObject<'system-state' | 'component-state' | 'device-state'>;

/** `device`, `1/1`, `1/1/131082`: stable, and the same for every device profile. */
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

/** Whose key that is. */
export function subjectOfKey(key: string): FireSubject {
  if (key === 'device') return { of: 'device' };
  const [systemType = 0, systemAddress = 0, componentAddress] = key.split('/').map(Number);
  return componentAddress === undefined
    ? { of: 'system', systemType, systemAddress }
    : { of: 'component', systemType, systemAddress, componentAddress };
}

/** Key of the system that a component belongs to; of a system or the device its own. */
export function rootKey(subject: FireSubject): string {
  return subject.of === 'component' ? `${subject.systemType}/${subject.systemAddress}` : subjectKey(subject);
}

/** What people call a component: `1-1-10/2` is system 1 of type 1, loop 10, point 2. */
export function componentName(
  { systemType, systemAddress, componentAddress }: Extract<FireSubject, { of: 'component' }>,
  { address }: Deviation,
): string {
  return `${systemType}-${systemAddress}-${printedAddress(componentAddress, address)}`;
}

export function subjectOf(object: StateObject): FireSubject {
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

export function kindOfKey(key: string): StatusOf {
  if (key === 'device') return 'device';
  return key.indexOf('/') === key.lastIndexOf('/') ? 'system' : 'component';
}
