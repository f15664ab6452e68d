import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type RollUp, TIERS } from '../roll-up.js';
import { rollUpLine } from './roll-up-lines.js';

const MINUTE = TIERS.minutes;
const START = 1_751_997_600_000;
const row = (more: Partial<RollUp> = {}): RollUp => ({
  start: START,
  count: 60,
  numbers: 60,
  mean: 1.5,
  min: -2,
  max: 9.25,
  last: 3,
  ...more,
});
const timeOf = (line: string): bigint => BigInt(line.slice(line.lastIndexOf(' ') + 1));

describe('lines of roll-ups', () => {
  it('[HI32] hold every field, so that the last line of a window says all of it', () => {
    expect(rollUpLine('minutes', 'gas-17.conc', row(), START + 90_000)).toBe(
      'telemetry_minutes,point=gas-17.conc count=60i,last=3,max=9.25,mean=1.5,min=-2,numbers=60i,text=0i 1751997600000000900',
    );
    const text = row({ numbers: 0, mean: 0, min: 0, max: 0, last: 'a "b"' });
    expect(rollUpLine('hours', 'valve.state', text, START)).toBe(
      'telemetry_hours,point=valve.state count=60i,last=0,max=0,mean=0,min=0,numbers=0i,s="a \\"b\\"",text=1i 1751997600000000000',
    );
    const wide = rollUpLine('hours', 'p', row({ mean: Infinity, max: Infinity, min: -Infinity }), START);
    expect(wide).not.toContain('Infinity');
  });

  it('[HI32] have a time within their window that rises with when it was rolled up', () => {
    const tier = fc.constantFrom('minutes' as const, 'hours' as const);
    fc.assert(
      fc.property(
        tier,
        fc.nat(4_000_000_000),
        fc.integer({ min: 100, max: 4_000_000_000 }),
        (of, after, more) => {
          const first = timeOf(rollUpLine(of, 'p', row(), START + after));
          const second = timeOf(rollUpLine(of, 'p', row(), START + after + more));
          expect(second > first).toBe(true);
          const window = BigInt(TIERS[of]) * 1_000_000n;
          expect(second < BigInt(START) * 1_000_000n + window).toBe(true);
        },
      ),
    );
    // A clock that stands before the window, or centuries after it.
    expect(timeOf(rollUpLine('minutes', 'p', row(), 0))).toBe(BigInt(START) * 1_000_000n);
    expect(timeOf(rollUpLine('minutes', 'p', row(), 9e15))).toBe(BigInt(START + MINUTE) * 1_000_000n - 1n);
  });
});
