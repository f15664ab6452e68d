import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeGb18030, readText } from './gb18030.js';
import { readTimeLabel, timeLabel } from './time-label.js';
import { hex, toHex } from '../../spec/gb26875/worked-frames.js';

describe('text in GB 18030', () => {
  it('[FI5] is cut at the first NUL and trimmed, and the bytes are kept', () => {
    // Frame C5: what was in the buffer before stands behind the NUL.
    const raw = Uint8Array.of(0x20, ...encodeGb18030('1号接口板1回路1号'), 0x20, 0, 0xb5, 0xa5, 0xff);
    expect(readText(raw)).toEqual({ raw, text: '1号接口板1回路1号' });
    expect(readText(Uint8Array.of(0x41, 0xff, 0x42)).text).toBe('A\ufffdB');
    expect(readText(new Uint8Array(31)).text).toBe('');
  });

  it('[FI5] is written as others write it', () => {
    expect(toHex(encodeGb18030('消防'))).toBe('CFFBB7C0');
    expect(toHex(encodeGb18030('\u3000'))).toBe('A1A1');
    // The first of the four-byte codes of the basic plane, and of those beyond it.
    expect(toHex(encodeGb18030('\u0080'))).toBe('81308130');
    expect(toHex(encodeGb18030('\u{10000}\u{10ffff}'))).toBe('90308130E3329A35');
    expect(toHex(encodeGb18030('\ud800'))).toBe('3F');
  });

  it('[FI5] goes there and back for every assigned character of any plane', () => {
    const notPrivate = fc
      .string({ unit: 'binary', maxLength: 40 })
      .filter((text) => !/[\p{Co}\p{Cn}\p{Cs}\0\ufeff\ufffd]/u.test(text) && text.trim() === text);
    fc.assert(
      fc.property(notPrivate, (text) => expect(readText(encodeGb18030(text)).text).toBe(text)),
      { numRuns: 500 },
    );
  });

  it('[FI5] is never cut inside a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('火', 'a', '𠀀', '\u00e9') }),
        fc.nat(31),
        (text, limit) => {
          const bytes = encodeGb18030(text, limit);
          expect(bytes.length).toBeLessThanOrEqual(limit);
          expect(text.startsWith(readText(bytes).text)).toBe(true);
        },
      ),
    );
  });
});

describe('time labels', () => {
  const china = { utcOffsetMinutes: 480 };

  it('[FI5] go there and back in both codings', () => {
    const time = fc
      .integer({ min: Date.UTC(2001, 0), max: Date.UTC(2099, 0) })
      .map((ms) => ms - (ms % 1_000));
    fc.assert(
      fc.property(time, fc.constantFrom('binary' as const, 'bcd' as const), (at, coding) => {
        const { raw } = timeLabel(at, coding);
        expect(readTimeLabel(raw, { ...china, coding })).toEqual({ raw, at, coding });
        // Whoever reads them without knowing which is right wherever the moment of receipt can tell.
        expect(readTimeLabel(raw, { ...china, coding: 'auto', near: at }).at).toBe(at);
      }),
    );
  });

  it('[FI5] that are no time keep their bytes and say nothing', () => {
    const wrong = [
      '3C0000010101',
      '003C00010101',
      '000018010101',
      '000000000101',
      '0000001E021A',
      '000000010D01',
      '000000010164',
    ];
    for (const text of wrong) {
      expect(readTimeLabel(hex(text), { ...china, coding: 'binary' })).toEqual({ raw: hex(text) });
    }
    expect(readTimeLabel(hex('0000001D0218'), { ...china, coding: 'binary' }).at).toBe(
      Date.parse('2024-02-29T00:00:00+08:00'),
    );
  });

  it('[FI5] are taken for BCD only where binary makes no sense or is farther from the time of receipt', () => {
    const near = Date.parse('2026-11-28T10:00:00+08:00');
    const auto = { ...china, coding: 'auto', near } as const;
    // 58 seconds: 3A is no BCD.
    expect(readTimeLabel(hex('3A091C1C0B1A'), auto).coding).toBeUndefined();
    expect(readTimeLabel(hex('3A09091C0B1A'), auto).coding).toBe('binary');
    expect(readTimeLabel(hex('595909281126'), auto)).toMatchObject({
      coding: 'bcd',
      at: Date.parse('2026-11-28T09:59:59+08:00'),
    });
    // 10:10:10 on the 10th of October 2016 in BCD, and 16:16:16 on the 16th of a sixteenth month in binary.
    expect(readTimeLabel(hex('101010101016'), auto).coding).toBe('bcd');
    // The first of January: one day either way, and the year tells.
    expect(readTimeLabel(hex('000000010126'), auto)).toMatchObject({ coding: 'bcd' });
    expect(readTimeLabel(hex('000000010126'), { ...china, coding: 'auto' })).toMatchObject({
      coding: 'binary',
    });
  });
});
