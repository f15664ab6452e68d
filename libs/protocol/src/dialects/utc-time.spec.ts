import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { utcTime } from './utc-time.js';

describe('UTC times of Huawei', () => {
  it('reads what Date.parse reads', () => {
    const times = fc.date({
      min: new Date(0),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(times, (date) => {
        const text = date.toISOString();
        expect(utcTime(text)).toBe(date.getTime());
        const basic = text.replace(/[-:]|\.\d{3}/g, '');
        expect(utcTime(basic)).toBe(Math.floor(date.getTime() / 1000) * 1000);
      }),
    );
  });

  it.each([
    '20250230T000000Z',
    '19691231T235959Z',
    '20251301T000000Z',
    '20250101T240000Z',
    '20250101T000000',
    7,
  ])('does not read %s', (text) => expect(utcTime(text)).toBeUndefined());
});
