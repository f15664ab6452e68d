import { describe, expect, test } from '@jest/globals';
import { ALARM_CLASSES, PRIORITIES } from '@watchfire/contracts';
import { alarmOf } from '../alarms/testing/builders.js';
import { Annunciator, SILENCE_MS, SILENCE_RED_MS } from './annunciator.js';
import { LINK_LOST, patternOf } from './tones.js';

const red = alarmOf({ class: 'fire', priority: 'red' });
const orange = alarmOf({ class: 'gas', priority: 'orange' });

describe('the horn', () => {
  test('sounds the most urgent unacknowledged alarm and stops when it is acknowledged', () => {
    const horn = new Annunciator();
    expect(horn.sound([orange, red], 0)?.name).toBe('fire/red');
    expect(horn.sound([orange, { ...red, state: 'ACKED' }], 0)?.name).toBe('gas/orange');
    expect(horn.sound([{ ...orange, state: 'ACKED' }], 0)).toBeNull();
  });

  test('is quieter for what has returned, and goes on for what is latched', () => {
    const horn = new Annunciator();
    expect(horn.sound([{ ...red, state: 'RTNUN' }], 0)?.name).toBe('returned');
    expect(horn.sound([{ ...red, state: 'RTNUN' }, orange], 0)?.name).toBe('gas/orange');
    expect(horn.sound([{ ...red, state: 'LATUN' }], 0)?.name).toBe('fire/red');
  });

  test('is silenced for two minutes, for thirty seconds with a red alarm, and then sounds again', () => {
    const horn = new Annunciator();
    expect(horn.silence([orange], 1_000)).toBe(1_000 + SILENCE_MS);
    expect(horn.sound([orange], 1_000 + SILENCE_MS - 1)).toBeNull();
    expect(horn.sound([orange], 1_000 + SILENCE_MS)?.name).toBe('gas/orange');
    expect(horn.silence([orange, red], 0)).toBe(SILENCE_RED_MS);
  });

  test('sounds again at once for anything new', () => {
    const horn = new Annunciator();
    horn.silence([orange], 0);
    horn.announce();
    expect(horn.sound([orange], 1)).not.toBeNull();
    expect(horn.silencedUntil(1)).toBeNull();
  });

  test('has nothing to silence when nothing sounds', () => {
    expect(new Annunciator().silence([{ ...red, state: 'ACKED' }], 0)).toBeNull();
  });

  test('says that the page is blind, can be silenced, and says it again the next time', () => {
    const horn = new Annunciator();
    horn.linkLost(true);
    expect(horn.sound([red], 0)).toBe(LINK_LOST);
    horn.silence([], 0);
    horn.linkLost(true);
    expect(horn.sound([], 1)).toBeNull();
    horn.linkLost(false);
    horn.linkLost(true);
    expect(horn.sound([], 2)).toBe(LINK_LOST);
  });
});

describe('patterns', () => {
  test('every class but test has one, with beeps that fit into its period and do not overlap', () => {
    for (const name of ALARM_CLASSES) {
      for (const priority of PRIORITIES) {
        const pattern = patternOf(name, priority);
        if (name === 'test') expect(pattern).toBeNull();
        let end = 0;
        for (const beep of pattern?.beeps ?? []) {
          expect(beep.at).toBeGreaterThanOrEqual(end);
          end = beep.at + beep.seconds;
        }
        if (pattern !== null) expect(pattern.period).toBeGreaterThan(end);
      }
    }
  });

  test('a higher priority of one class comes round faster', () => {
    const periods = PRIORITIES.map((priority) => patternOf('gas', priority)?.period ?? 0);
    expect(periods).toEqual([...periods].sort((a, b) => a - b));
    expect(new Set(periods).size).toBe(PRIORITIES.length);
  });
});
