import { describe, expect, test } from '@jest/globals';
import { type AcceptanceView, CONFIRMATIONS, newAcceptance } from '@watchfire/contracts';
import fc from 'fast-check';
import { acceptanceBody, draftOf, EMPTY_DRAFT } from './acceptance.js';

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
