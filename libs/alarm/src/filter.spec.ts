import { describe, expect, it } from '@jest/globals';
import { deviceWith, TIMELINE_START } from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import { type AlarmView, type EngineInput, type Limit, type Rule, type SampleQuality } from './model.js';

interface Reading {
  readonly atS: number;
  readonly value: number;
  readonly quality: SampleQuality;
}

const H: Limit = { level: 'H', limit: 6, severity: 600, deadband: 1 };
const HH: Limit = { level: 'HH', limit: 8, severity: 900, deadband: 1 };

const ruleOf = (limits: readonly Limit[], onDelayS: number, offDelayS: number, key = 'r'): Rule => ({
  key,
  version: 1,
  class: 'process',
  title: { zh: '规则', en: 'Rule' },
  latching: false,
  condition: {
    kind: 'limit',
    pointId: 'p',
    limits,
    onDelayMs: onDelayS * 1000,
    offDelayMs: offDelayS * 1000,
  },
});

const measured = { gapS: fc.integer({ min: 1, max: 6 }), value: fc.integer({ min: 3, max: 9 }) };
const reading = fc.record({ ...measured, quality: fc.constant<SampleQuality>('good') });
const toReadings = (entries: readonly (Omit<Reading, 'atS'> & { gapS: number })[]): Reading[] => {
  let atS = 0;
  return entries.map(({ gapS, ...rest }) => ({ ...rest, atS: (atS += gapS) }));
};
const readings = fc.array(reading, { maxLength: 40 }).map(toReadings);
const anyQuality = fc
  .array(fc.record({ ...measured, quality: fc.constantFrom<SampleQuality>('good', 'good', 'bad') }), {
    maxLength: 40,
  })
  .map(toReadings);
const delays = fc.record({ onS: fc.integer({ min: 0, max: 9 }), offS: fc.integer({ min: 0, max: 9 }) });

class Bench {
  readonly engine = AlarmEngine.create();
  readonly kinds: string[] = [];
  private now = TIMELINE_START;

  constructor(...rules: Rule[]) {
    this.apply({ kind: 'configure', device: deviceWith(rules) });
  }

  apply(input: EngineInput): void {
    const { transitions } = this.engine.apply({ offset: this.engine.offset + 1, at: this.now, input });
    for (const { type, alarm } of transitions) {
      this.kinds.push(
        `${type} ${alarm.level ?? ''} ${alarm.state} ${alarm.raisedAt} ${alarm.clearedAt ?? ''}`,
      );
    }
  }

  tick(atS: number): void {
    this.now = TIMELINE_START + atS * 1000;
    this.apply({ kind: 'tick' });
  }

  read({ value, quality }: Omit<Reading, 'atS'>, tsS: number): void {
    const ts = TIMELINE_START + tsS * 1000;
    this.apply({
      kind: 'reading',
      deviceId: 'd1',
      receivedAt: this.now,
      ts,
      historical: false,
      samples: [{ pointId: 'p', value, quality }],
    });
  }

  active(rule: string): AlarmView | undefined {
    return [...this.engine.alarms()].find((alarm) => alarm.rule === rule && alarm.active);
  }
}

/** The definition of a level with delays, second by second, without a deadline or a pending state. */
function* definition(list: readonly Reading[], onS: number, offS: number): Generator<boolean> {
  let beyond = false;
  let since = 0;
  let active = false;
  for (let second = 0; second <= 300; second++) {
    const lasts = (delayS: number) => second - since >= delayS;
    if (beyond !== active && lasts(active ? offS : onS)) active = beyond;
    for (const { atS, value, quality } of list) {
      if (atS !== second) continue;
      if (quality === 'bad') {
        beyond ||= active;
        continue;
      }
      const next: boolean = value >= (beyond ? H.limit - H.deadband : H.limit);
      if (next !== beyond) since = second;
      beyond = next;
      if (beyond !== active && (active ? offS : onS) === 0) active = beyond;
    }
    yield active;
  }
}

describe('the filter stage', () => {
  it('[AL3] [AL9] [AL15] [AL17] [AL18] agrees with the definition at every second', () => {
    fc.assert(
      fc.property(anyQuality, delays, (list, { onS, offS }) => {
        const bench = new Bench(ruleOf([H], onS, offS));
        const expected = [...definition(list, onS, offS)];
        const actual = expected.map((_, second) => {
          bench.tick(second);
          for (const entry of list) if (entry.atS === second) bench.read(entry, second);
          return bench.active('r') !== undefined;
        });
        expect(actual).toEqual(expected);
      }),
    );
  });

  it('[AL20] comes to the same whether time is told every second or only with the readings', () => {
    fc.assert(
      fc.property(readings, delays, (list, { onS, offS }) => {
        const often = new Bench(ruleOf([H, HH], onS, offS));
        const seldom = new Bench(ruleOf([H, HH], onS, offS));
        for (let second = 0; second <= 300; second++) {
          often.tick(second);
          for (const entry of list) {
            if (entry.atS !== second) continue;
            seldom.tick(second);
            often.read(entry, second);
            seldom.read(entry, second);
          }
        }
        seldom.tick(300);
        expect(seldom.kinds).toEqual(often.kinds);
      }),
    );
  });

  it('[AL4] a level of a ladder is on exactly when it would be on alone', () => {
    fc.assert(
      fc.property(anyQuality, delays, (list, { onS, offS }) => {
        const bench = new Bench(
          ruleOf([H, HH], onS, offS, 'ladder'),
          ruleOf([H], onS, offS, 'h'),
          ruleOf([HH], onS, offS, 'hh'),
        );
        const ladder: (string | null | undefined)[] = [];
        const alone: (string | undefined)[] = [];
        for (let second = 0; second <= 300; second++) {
          bench.tick(second);
          for (const entry of list) if (entry.atS === second) bench.read(entry, second);
          ladder.push(bench.active('ladder')?.level);
          alone.push(
            bench.active('hh') !== undefined ? 'HH' : bench.active('h') !== undefined ? 'H' : undefined,
          );
        }
        expect(ladder).toEqual(alone);
      }),
    );
  });

  it('[AL13] sending a reading again, at once or later, changes nothing (invariant 9)', () => {
    fc.assert(
      fc.property(readings, delays, fc.array(fc.nat(), { maxLength: 20 }), (list, { onS, offS }, again) => {
        const once = new Bench(ruleOf([H, HH], onS, offS));
        const twice = new Bench(ruleOf([H, HH], onS, offS));
        list.forEach((entry, index) => {
          once.tick(entry.atS);
          twice.tick(entry.atS);
          once.read(entry, entry.atS);
          twice.read(entry, entry.atS);
          const old = list[(again[index] ?? 0) % (index + 1)] ?? entry;
          twice.read(entry, entry.atS);
          twice.read(old, old.atS);
        });
        once.tick(400);
        twice.tick(400);
        expect(twice.kinds).toEqual(once.kinds);
      }),
    );
  });
});
