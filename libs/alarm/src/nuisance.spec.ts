import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AlarmView } from './model.js';
import { isAnnounced, NUISANCE_LIMITS, NuisanceFold, type NuisanceFigures } from './nuisance.js';

/** `+10` announced at second 10, `-12` back at second 12, `=15` something else at 15 while active. */
function fold(...story: readonly string[]): NuisanceFigures {
  const nuisance = new NuisanceFold();
  let eventId = 'none';
  for (const [index, event] of story.entries()) {
    const announces = event.startsWith('+');
    if (announces) eventId = `${index}-0`;
    const alarm = { eventId, active: !event.startsWith('-') } as AlarmView;
    nuisance.add({ eventId: `${index}-0`, at: Number(event.slice(1)) * 1_000, alarm });
  }
  return nuisance.figures;
}

describe('nuisance alarms', () => {
  it('[BT7] an announcement is a transition that gives the alarm its event id', () => {
    const alarm = { eventId: '7-0' } as AlarmView;
    expect(isAnnounced({ eventId: '7-0', alarm })).toBe(true);
    expect(isAnnounced({ eventId: '8-0', alarm })).toBe(false);
  });

  it('[BT7] three times in a minute is chattering, all three of them', () => {
    expect(fold('+0', '-35', '+40', '-50', '+60')).toMatchObject({
      announced: 3,
      chattering: 3,
      chatteringRuns: 1,
    });
  });

  it('[BT7] two in a minute are not, nor is a third that comes a moment later', () => {
    expect(fold('+0', '-31', '+59', '-59')).toMatchObject({ chattering: 0 });
    expect(fold('+0', '-31', '+35', '-70', '+60.001')).toMatchObject({ chattering: 0, chatteringRuns: 0 });
  });

  it('[BT7] a run goes on while each is the third in a minute, and counts once', () => {
    const figures = fold('+0', '-1', '+20', '-21', '+40', '-41', '+60', '-61', '+80', '-81');
    expect(figures).toMatchObject({ announced: 5, chattering: 5, chatteringRuns: 1 });
  });

  it('[BT7] after a pause another run begins', () => {
    const figures = fold('+0', '+1', '+2', '+500', '+501', '+502', '+900');
    expect(figures).toMatchObject({ announced: 7, chattering: 6, chatteringRuns: 2 });
  });

  it('[BT7] back in less than half a minute is fleeting; the acknowledgement between is not a new begin', () => {
    expect(fold('+0', '-29.999')).toMatchObject({ fleeting: 1 });
    expect(fold('+0', '-30')).toMatchObject({ fleeting: 0 });
    expect(fold('+0', '=25', '-40')).toMatchObject({ fleeting: 0 });
  });

  it('[BT7] what comes after the return does not count it again', () => {
    expect(fold('+0', '-5', '-6', '-7')).toMatchObject({ announced: 1, fleeting: 1 });
  });

  it('[BT7] counts what the definition says, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 45 }), { maxLength: 60 }), (gaps) => {
        let at = 0;
        const times = gaps.map((gap) => (at += gap));
        const { chatteringCount, chatteringWithinMs } = NUISANCE_LIMITS;
        const chattering = times.filter((_, index) =>
          times.some((first, start) => {
            const end = start + chatteringCount - 1;
            const last = times[end];
            return (
              start <= index &&
              index <= end &&
              last !== undefined &&
              (last - first) * 1_000 <= chatteringWithinMs
            );
          }),
        );
        expect(fold(...times.map((time) => `+${time}`)).chattering).toBe(chattering.length);
      }),
    );
  });
});
