import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

/** Relative luminance and contrast ratio of WCAG 2.2. */
function luminance(colour: string): number {
  const channel = (index: number): number => {
    const value = parseInt(colour.slice(1 + 2 * index, 3 + 2 * index), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2);
}
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
const ratio = (a: string, b: string): number => Math.round(contrast(a, b) * 100) / 100;

const css = readFileSync(new URL('./palette.css', import.meta.url), 'utf8');
function palette(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
  return new Map(
    [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
}
const themes = { dark: palette(':root'), bright: palette("[data-theme='bright']") };
const GROUNDS = ['ground', 'panel', 'raised', 'selected'];
const COLOURS = ['red', 'orange', 'yellow', 'blue'];
const BANDS = ['alert', 'notice', 'drill', 'accent'];

test('the formula gives the ratios of the standard', () => {
  expect(ratio('#ffffff', '#000000')).toBe(21);
  expect(ratio('#777777', '#ffffff')).toBe(4.48);
});

test('both rooms define the same colours', () => {
  expect([...themes.bright.keys()]).toEqual([...themes.dark.keys()]);
  expect(themes.dark.size).toBeGreaterThan(20);
});

describe.each(Object.entries(themes))('%s', (_name, colours) => {
  const of = (name: string): string => colours.get(name) ?? '';

  test('text is readable on every ground and band (WCAG AA: 4.5)', () => {
    for (const ground of GROUNDS) {
      for (const text of ['text', 'text-muted', 'accent']) {
        expect([text, ground, ratio(of(text), of(ground)) >= 4.5]).toEqual([text, ground, true]);
      }
    }
    for (const band of BANDS) expect([band, ratio(of(`${band}-ink`), of(band)) >= 4.5]).toEqual([band, true]);
    // The word over the hatch of an unknown value.
    expect(ratio(of('text'), of('hatch'))).toBeGreaterThanOrEqual(4.5);
  });

  test('the number in a symbol is readable, and the symbol stands out of every ground (3)', () => {
    for (const colour of COLOURS) {
      expect([colour, ratio(of(`${colour}-ink`), of(colour)) >= 4.5]).toEqual([colour, true]);
      for (const ground of GROUNDS) {
        const best = Math.max(ratio(of(colour), of(ground)), ratio(of(`${colour}-edge`), of(ground)));
        expect([colour, ground, best >= 3]).toEqual([colour, ground, true]);
      }
    }
  });

  test('the focus ring stands out of every ground (3)', () => {
    for (const ground of GROUNDS) expect(ratio(of('focus'), of(ground))).toBeGreaterThanOrEqual(3);
  });
});
