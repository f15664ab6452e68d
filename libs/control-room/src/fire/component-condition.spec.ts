import { describe, expect, test } from '@jest/globals';
import { ALARM_CLASSES, COMPONENT_CONDITIONS } from '@watchfire/contracts';
import fc from 'fast-check';
import { type ComponentFacts, judgeComponent } from './component-condition.js';

const SILENT: ComponentFacts = { states: null, alarms: [], online: true, quality: undefined };
const signals = ['fire', 'fault', 'shield', 'supervisory'] as const;
const flag = fc.oneof(
  fc.constantFrom(...signals).map((signal) => ({ key: `${signal}-bit`, signal })),
  fc.constantFrom('test', 'started', 'feedback', 'delayed', 'manual').map((key) => ({ key })),
);
const facts: fc.Arbitrary<ComponentFacts> = fc.record({
  states: fc.option(fc.array(flag, { maxLength: 4 }), { nil: null }),
  alarms: fc.array(fc.constantFrom(...ALARM_CLASSES), { maxLength: 3 }),
  online: fc.boolean(),
  quality: fc.constantFrom(undefined, null, 'good', 'uncertain', 'bad', 'stale'),
});
const rank = (each: ComponentFacts): number => COMPONENT_CONDITIONS.indexOf(judgeComponent(each).condition);

describe('the condition of a component', () => {
  test('[FU8] is normal only where somebody has heard of it, and can hear of it now', () => {
    fc.assert(
      fc.property(facts, (each) => {
        if (judgeComponent(each).condition !== 'normal') return;
        expect(each.online || each.alarms.length > 0).toBe(true);
        expect(each.states !== null || each.quality === 'good' || each.quality === 'uncertain').toBe(true);
      }),
    );
  });

  test('[FU8] is unknown for a reason; an alarm that was reported stays, with the reason beside it', () => {
    fc.assert(
      fc.property(facts, (each) => {
        const { condition, unknownReason } = judgeComponent(each);
        if (condition === 'unknown') expect(unknownReason).not.toBeNull();
        if (unknownReason !== null) expect(['normal', 'active', 'test']).not.toContain(condition);
      }),
    );
    const burning = { ...SILENT, states: [{ key: 'fire', signal: 'fire' as const }] };
    expect(judgeComponent({ ...burning, online: false })).toEqual({
      condition: 'fire',
      unknownReason: 'offline',
    });
    expect(judgeComponent(SILENT)).toEqual({ condition: 'unknown', unknownReason: 'never-reported' });
    expect(judgeComponent({ ...SILENT, states: [], online: false }).unknownReason).toBe('offline');
    expect(judgeComponent({ ...SILENT, quality: 'stale' }).unknownReason).toBe('bad-quality');
    expect(judgeComponent({ ...SILENT, quality: null }).unknownReason).toBe('never-reported');
    // It is known by address, though the value of its point is not good.
    expect(judgeComponent({ ...SILENT, states: [], quality: 'bad' }).condition).toBe('normal');
  });

  test('[FU8] an active fire alarm is shown whatever else is unknown', () => {
    fc.assert(
      fc.property(facts, (each) => {
        expect(judgeComponent({ ...each, alarms: [...each.alarms, 'fire'] }).condition).toBe('fire');
      }),
    );
  });

  test('[FU8] one more flag or alarm never makes it look better', () => {
    fc.assert(
      fc.property(facts, flag, (each, more) => {
        if (each.states === null || !each.online) return;
        expect(rank({ ...each, states: [...each.states, more] })).toBeLessThanOrEqual(rank(each));
      }),
    );
  });
});
