import { type Alarm, type Priority } from '@watchfire/contracts';
import { blockOf } from './order.js';

/** Shape and number say the same as the colour, for people who do not see the colour and for a screen at night. */
export const PRIORITY_MARKS: Readonly<
  Record<Priority, { readonly shape: 'diamond' | 'triangle' | 'circle' | 'square'; readonly number: number }>
> = {
  red: { shape: 'diamond', number: 1 },
  orange: { shape: 'triangle', number: 2 },
  yellow: { shape: 'circle', number: 3 },
  blue: { shape: 'square', number: 4 },
};

export type Tag = 'returned' | 'latched' | 'reset-needed' | 'drill' | 'chattering' | 'fleeting';

/** How one alarm is drawn: the annunciation matrix of ISA-18.2 in `docs/console.md`. */
export interface Look {
  /** Only the symbol flashes, and only for what nobody has acknowledged. */
  readonly flash: 'fast' | 'slow' | 'none';
  readonly symbol: 'solid' | 'outline' | 'muted';
  readonly tags: readonly Tag[];
}

export function lookOf(alarm: Alarm): Look {
  const drill: Tag[] = alarm.drill ? ['drill'] : [];
  const marks: Tag[] = [
    ...(alarm.chattering > 0 ? (['chattering'] as const) : []),
    ...(alarm.fleeting ? (['fleeting'] as const) : []),
  ];
  switch (alarm.state) {
    case 'UNACK':
      return { flash: 'fast', symbol: 'solid', tags: [...drill, ...marks] };
    case 'LATUN':
      return { flash: 'fast', symbol: 'solid', tags: [...drill, 'latched', ...marks] };
    case 'RTNUN':
      return { flash: 'slow', symbol: 'outline', tags: [...drill, 'returned', ...marks] };
    case 'ACKED':
      return { flash: 'none', symbol: 'solid', tags: [...drill, ...marks] };
    case 'LATAK':
      return { flash: 'none', symbol: 'solid', tags: [...drill, 'reset-needed', ...marks] };
    case 'SHLVD':
    case 'DSUPR':
    case 'OOSRV':
      return { flash: 'none', symbol: 'muted', tags: [...drill, ...marks] };
    case 'NORM':
      return { flash: 'none', symbol: 'outline', tags: [...drill, 'returned', ...marks] };
  }
}

/** Unknown is not safe: a value that is bad or late is drawn hatched and never as a plain number. */
export const isUnknown = (quality: Alarm['quality']): boolean => quality === 'bad' || quality === 'stale';

export const mayAcknowledge = (alarm: Alarm): boolean => blockOf(alarm) === 'unacknowledged';

/** Acknowledge first, then reset: a reset before would erase the only evidence that nobody looked. */
export const mayReset = (alarm: Alarm): boolean => alarm.state === 'LATAK';
