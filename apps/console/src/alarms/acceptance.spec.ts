import { describe, expect, test } from '@jest/globals';
import { type AcceptanceView, type AlarmEventView, CONFIRMATIONS, newAcceptance } from '@watchfire/contracts';
import fc from 'fast-check';
import { acceptanceBody, draftOf, EMPTY_DRAFT, isBegun, occurrencesOf } from './acceptance.js';
import { alarmOf } from './testing/builders.js';

const text = fc.option(fc.stringMatching(/^[a-z一-龥]{1,20}$/), { nil: null });
const second = fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }).map((s) => s * 1_000);
const record = fc
  .record({
    confirmation: fc.constantFrom(...CONFIRMATIONS),
    result: fc.stringMatching(/^[a-z一-龥]{1,20}$/),
    contactPerson: text,
    times: fc.option(fc.tuple(second, fc.option(fc.nat(9_000), { nil: null })), { nil: null }),
    operator119: text,
    handling119: text,
    cause: text,
    burntArea: fc.option(fc.nat(5_000), { nil: null }),
    injured: fc.option(fc.nat(50), { nil: null }),
    dead: fc.option(fc.nat(50), { nil: null }),
    loss: fc.option(fc.nat(9_000_000), { nil: null }),
  })
  .map(({ times, ...rest }) => ({
    ...rest,
    reportedAt: times?.[0] ?? null,
    feedbackAt: times === null || times[1] === null ? null : times[0] + times[1] * 1_000,
  }));

describe('the form of an acceptance record', () => {
  test('[FU9] [AL146] is about any occurrence of the alarm, the newest first', () => {
    const first = alarmOf({ id: 'a', eventId: '1-0', raisedAt: 1_000, message: '一' });
    const second = alarmOf({ id: 'a', eventId: '2-0', raisedAt: 2_000, message: '二', state: 'ACKED' });
    const events = [
      { eventId: '1-0', alarm: first },
      { eventId: '2-0', alarm: second },
      { eventId: '3-0', alarm: second },
    ] as unknown as readonly AlarmEventView[];
    expect(occurrencesOf(second, events).map(({ message }) => message)).toEqual(['二', '一']);
    expect(occurrencesOf(second, []).map(({ eventId }) => eventId)).toEqual(['2-0']);
  });

  test('[FU9] is begun with the first thing that somebody says', () => {
    expect(isBegun(EMPTY_DRAFT)).toBe(false);
    expect(isBegun({ ...EMPTY_DRAFT, result: ' ' })).toBe(false);
    expect(isBegun({ ...EMPTY_DRAFT, confirmation: 'false' })).toBe(true);
  });

  test('[FU9] says again what was recorded, when it begins with it', () => {
    fc.assert(
      fc.property(record, (was) => {
        const body = acceptanceBody(draftOf(was as unknown as AcceptanceView), 'e1');
        expect(newAcceptance.parse(body)).toEqual({ eventId: 'e1', ...was });
      }),
    );
  });

  test('[FU9] sends nothing that nobody has said', () => {
    const body = acceptanceBody({ ...EMPTY_DRAFT, confirmation: 'false', result: ' 油烟 ' }, 'e1');
    expect(body).toEqual({ eventId: 'e1', confirmation: 'false', result: '油烟' });
  });
});
