import { describe, expect, test } from '@jest/globals';
import { keyAct, type KeyPress } from './keys.js';

const press = (code: string, parts: Partial<KeyPress> = {}): KeyPress => ({
  key: '',
  code,
  repeat: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  shiftKey: false,
  isComposing: false,
  ...parts,
});

describe('keys', () => {
  test('mean the same with a Chinese input method on, where `key` is "Process"', () => {
    expect(keyAct(press('KeyA', { key: 'Process' }), 'page', false)).toBe('acknowledge');
  });

  test('held down acknowledge once, and move on', () => {
    expect(keyAct(press('KeyA', { repeat: true }), 'page', false)).toBeNull();
    expect(keyAct(press('ArrowDown', { repeat: true }), 'page', false)).toBe('down');
  });

  test('are left to the browser with Ctrl, Alt and Meta, and while a word is being composed', () => {
    for (const modifier of ['ctrlKey', 'altKey', 'metaKey', 'isComposing'] as const) {
      expect(keyAct(press('KeyR', { [modifier]: true }), 'page', false)).toBeNull();
    }
  });

  test('in a text are letters; only Escape leaves it', () => {
    for (const code of ['KeyA', 'Space', 'Slash', 'ArrowDown', 'Enter']) {
      expect(keyAct(press(code), 'text', true)).toBeNull();
    }
    expect(keyAct(press('Escape'), 'text', false)).toBe('close');
  });

  test('Space on a button presses it, unless the horn sounds: then it silences', () => {
    expect(keyAct(press('Space'), 'control', false)).toBeNull();
    expect(keyAct(press('Space'), 'control', true)).toBe('silence');
    expect(keyAct(press('Space'), 'page', false)).toBe('silence');
    expect(keyAct(press('Enter'), 'control', false)).toBeNull();
  });

  test('/ searches and ? explains', () => {
    expect(keyAct(press('Slash', { key: '/' }), 'page', false)).toBe('search');
    expect(keyAct(press('Slash', { key: '?', shiftKey: true }), 'page', false)).toBe('help');
    expect(keyAct(press('KeyA', { shiftKey: true }), 'page', false)).toBeNull();
  });
});
