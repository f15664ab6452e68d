export type KeyAct =
  | 'acknowledge'
  | 'reset'
  | 'silence'
  | 'next'
  | 'up'
  | 'down'
  | 'first'
  | 'last'
  | 'open'
  | 'close'
  | 'search'
  | 'help';

/** What of a keyboard event matters; `code` names the place of the key, whatever input method is on. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly isComposing: boolean;
}

/** Where the key was pressed: in a text, on a control that uses some keys itself, or anywhere else. */
export type KeyPlace = 'text' | 'control' | 'page';

/** May go on while the key is held down; an acknowledgement may not. */
const REPEATABLE = new Set<KeyAct>(['up', 'down']);
/** A button or link takes these itself. */
const OF_CONTROLS = new Set<KeyAct>(['open', 'silence']);

/**
 * The act that a key means. `sounding`: while the horn sounds, Space silences it wherever the focus is but in a text; a
 * button that was clicked last keeps the focus and must not be pressed again by it.
 */
export function keyAct(press: KeyPress, place: KeyPlace, sounding: boolean): KeyAct | null {
  if (press.isComposing || press.ctrlKey || press.altKey || press.metaKey) return null;
  const act = meaning(press);
  if (act === null || (press.repeat && !REPEATABLE.has(act))) return null;
  if (place === 'text') return act === 'close' ? act : null;
  if (place === 'control' && OF_CONTROLS.has(act)) return act === 'silence' && sounding ? act : null;
  return act;
}

function meaning(press: KeyPress): KeyAct | null {
  if (press.shiftKey)
    return press.key === '?' || press.key === '？' || press.code === 'Slash' ? 'help' : null;
  switch (press.code) {
    case 'KeyA':
      return 'acknowledge';
    case 'KeyR':
      return 'reset';
    case 'KeyN':
      return 'next';
    case 'Space':
      return 'silence';
    case 'ArrowUp':
      return 'up';
    case 'ArrowDown':
      return 'down';
    case 'Home':
      return 'first';
    case 'End':
      return 'last';
    case 'Enter':
    case 'NumpadEnter':
      return 'open';
    case 'Escape':
      return 'close';
    case 'Slash':
      return 'search';
    default:
      return null;
  }
}
