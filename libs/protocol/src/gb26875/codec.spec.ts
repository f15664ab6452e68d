import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeAdu, encodeAdu } from './adu.js';
import { analogRaw, analogReading, ANALOG_TYPES } from './analog.js';
import { addressOfParts, addressOfText, addressParts, printedAddress } from './component-address.js';
import { aduOf, anyFrame } from '../../spec/gb26875/arbitrary-frames.js';
import { type Deviation, STANDARD } from './deviation.js';
import { Gb26875Error } from './errors.js';
import { answerTo, COMMAND, decodeFrame, encodeFrame, type Frame } from './frame.js';
import { countedText, fixedText } from './gb18030.js';
import { type InformationObject, KINDS, LAYOUTS, type ObjectKind, replyKind } from './layouts.js';
import { operationsOf, STATUS_BITS } from './status.js';
import { readTimeLabel, timeLabel } from './time-label.js';
import { hex, toHex, workedFrames, wrongSum } from '../../spec/gb26875/worked-frames.js';

const at = (text: string): number => Date.parse(`${text}+08:00`);
function frame(text: string): Frame {
  const decoded = decodeFrame(hex(text));
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problem));
  return decoded.frame;
}
function objects<K extends ObjectKind>(id: keyof typeof workedFrames, kind: K): InformationObject<K>[] {
  const { objects: found, problems } = decodeAdu(frame(workedFrames[id]).adu);
  expect(problems).toEqual([]);
  expect(new Set(found.map((object) => object.kind))).toEqual(new Set([kind]));
  return found as unknown as InformationObject<K>[];
}

describe('the codec of GB/T 26875.3', () => {
  it.each(Object.entries(workedFrames))(
    '[FI1] reads and writes the worked frame %s byte for byte',
    (_, text) => {
      const read = frame(text);
      expect(toHex(encodeFrame(read))).toBe(text);
      const { type, objects: found, rest, problems } = decodeAdu(read.adu);
      const [first] = found;
      if (first === undefined || rest.length > 0) return;
      expect(problems).toEqual([]);
      expect(toHex(encodeAdu(first.kind, found, type))).toBe(toHex(read.adu));
    },
  );

  it('[FI1] reads what the worked frames say', () => {
    const a1 = frame(workedFrames.A1);
    expect(a1).toMatchObject({ serial: 1, source: 889, destination: 88_888, command: COMMAND.send });
    const packetTime = { coding: 'binary', utcOffsetMinutes: 480 } as const;
    expect(readTimeLabel(a1.sentAt, packetTime).at).toBe(at('2012-09-26T09:58:32'));
    const [smoke] = objects('A1', 'component-state');
    expect(smoke).toMatchObject({ systemType: 1, systemAddress: 1, componentType: 40, status: 2 });
    expect(smoke?.description.text).toBe('');
    expect(smoke?.description.raw).toHaveLength(31);
    expect(smoke?.time.at).toBe(at('2012-09-26T09:58:02'));
    expect(printedAddress(smoke?.componentAddress ?? 0, STANDARD.address)).toBe('10/2');
    const b1 = objects('B1', 'component-state');
    expect(b1.map(({ description }) => description.text)).toEqual(['Ａ区１层呷哺走廊']);
    expect(b1.map(({ componentAddress }) => addressParts(componentAddress, STANDARD.address))).toEqual([
      [217, 6],
    ]);
    expect(frame(workedFrames.B1).destination).toBe(0x0102_0304_0506);
    expect(objects('K12', 'component-state')[0]?.description.text).toBe('3号楼5层走廊烟感');
  });

  it('[FI1] reads analog values with unit and scale, states, operations, versions and requests', () => {
    const readings = objects('K05', 'component-analog').map(({ analogType, value }) =>
      analogReading(analogType, value, ANALOG_TYPES),
    );
    expect(readings).toMatchObject([
      { value: 350.5, unit: 'kPa' },
      { value: -12.3, unit: '℃' },
    ]);
    expect(objects('A4', 'device-state')).toMatchObject([{ status: 0x08 }]);
    expect(objects('K06', 'facility-operation')).toMatchObject([{ operations: 1, operator: 7 }]);
    const [answer] = objects('A5', 'device-operation');
    expect(operationsOf('device', answer?.operations ?? 0)).toEqual(['duty_answer']);
    expect(operationsOf('facility', answer?.operations ?? 0)).toEqual(['confirm']);
    expect(objects('K18', 'facility-version')).toMatchObject([{ major: 2, minor: 5 }]);
    expect(objects('K15', 'read-facility-operations')).toMatchObject([
      { records: 10, from: { at: at('2026-11-21T00:00:00') } },
    ]);
    expect(objects('K31', 'duty-check')).toMatchObject([{ minutes: 10 }]);
  });

  it('[FI2] answers with the serial number and the versions of the other side, and the addresses swapped', () => {
    const sentAt = timeLabel(at('2012-09-26T09:58:35')).raw;
    const confirm = answerTo(frame(workedFrames.A1), { sentAt, command: COMMAND.confirm });
    expect(toHex(encodeFrame(confirm))).toBe(workedFrames.A2);
    const deny = answerTo(frame(workedFrames.A1), { sentAt, command: COMMAND.deny });
    expect(toHex(encodeFrame(deny))).toBe(workedFrames.A3);
  });

  it('[FI1] round trip of any frame', () => {
    fc.assert(
      fc.property(anyFrame, (any) => expect(decodeFrame(encodeFrame(any))).toEqual({ ok: true, frame: any })),
    );
  });

  it.each(KINDS)('[FI1] round trip of %s', (kind) => {
    fc.assert(
      fc.property(aduOf(kind), ({ objects: said }) => {
        const adu = encodeAdu(kind, said);
        const { type, count, objects: read, rest, problems } = decodeAdu(adu);
        expect({ type, count, read, rest: rest.length, problems }).toEqual({
          type: LAYOUTS[kind].type,
          count: said.length,
          read: said,
          rest: 0,
          problems: [],
        });
      }),
      { numRuns: 50 },
    );
  });

  it('[FI1] has the sizes and counts of the standard', () => {
    // Largest ADU of each type, reference 1.6.
    const largest = {
      1: 1_022,
      2: 1_014,
      3: 1_010,
      4: 1_022,
      5: 6,
      7: 990,
      8: 10,
      21: 9,
      24: 1_018,
      25: 4,
      28: 8,
      61: 206,
      62: 134,
      63: 380,
      64: 11,
      65: 4,
      66: 8,
      67: 158,
      68: 4,
      81: 3,
      84: 9,
      85: 3,
      86: 3,
      88: 3,
      89: 3,
      90: 8,
      91: 3,
    };
    for (const kind of KINDS) {
      const [example] = fc.sample(aduOf(kind), 1).map(({ objects: found }) => found[0]);
      const { type, most } = LAYOUTS[kind];
      if (example === undefined || !(type in largest)) continue;
      const full = encodeAdu(
        kind,
        Array.from({ length: most }, () => example),
      );
      expect([type, full.length]).toEqual([type, largest[type as keyof typeof largest]]);
      expect(() =>
        encodeAdu(
          kind,
          Array.from({ length: most + 1 }, () => example),
        ),
      ).toThrow(Gb26875Error);
    }
    const widest = countedText('火'.repeat(127));
    const texts = Array.from({ length: 3 }, () => ({ systemType: 1, systemAddress: 1, text: widest }));
    expect(encodeAdu('system-configuration', texts)).toHaveLength(2 + 3 * (3 + 254));
  });

  it('[FI1] a reply is of the type that was asked for; controls are confirmed', () => {
    expect(replyKind('read-component-state')).toBe('component-state');
    expect(replyKind('read-device-time')).toBe('device-time');
    expect(KINDS.filter((kind) => LAYOUTS[kind].direction === 'down' && !replyKind(kind))).toEqual([
      'initialise-device',
      'synchronise-clock',
      'duty-check',
    ]);
    expect(replyKind('component-state')).toBeUndefined();
  });

  it('[FI3] says of a frame that cannot be used where and what', () => {
    const problem = (text: string) => {
      const decoded = decodeFrame(hex(text));
      return decoded.ok ? undefined : decoded.problem;
    };
    expect(problem(wrongSum)).toEqual({ offset: 39, field: 'checksum', message: 'is FC, of the bytes 03' });
    expect(problem(`${workedFrames.A2.slice(0, -2)}13`)).toMatchObject({ offset: 28, field: 'end' });
    expect(problem(`41${workedFrames.A2.slice(2)}`)).toMatchObject({ offset: 0, field: 'start' });
    expect(problem(`${workedFrames.A2}00`)).toMatchObject({ offset: 24, field: 'adu length' });
    expect(problem('4040')).toMatchObject({ field: 'frame' });
    // A confirmation made by changing the command byte of the request only: the sum is stale.
    expect(problem(workedFrames.K01.replace(/02832323$/, '03832323'))).toMatchObject({ field: 'checksum' });
  });

  it('[FI3] an object that is cut short costs itself, and the objects before it are used', () => {
    const { adu } = frame(workedFrames.K05);
    const cut = decodeAdu(adu.subarray(0, 30));
    expect(cut.objects).toHaveLength(1);
    expect(cut.problems).toEqual([{ offset: 28, field: 'time', message: 'needs 6 bytes, 2 are left' }]);
    expect(cut.rest).toHaveLength(12);
    expect(decodeAdu(Uint8Array.of(1)).problems).toMatchObject([{ offset: 1, field: 'number of objects' }]);
    expect(decodeAdu(Uint8Array.of(1, 0)).problems).toMatchObject([{ field: 'number of objects' }]);
    const longer = decodeAdu(Uint8Array.of(...adu, 9));
    expect([longer.objects.length, longer.problems]).toMatchObject([
      2,
      [{ offset: 34, field: 'adu length' }],
    ]);
  });

  it('[FI3] bytes of a type that nobody knows are kept as they are', () => {
    expect(decodeAdu(frame(workedFrames.K37).adu)).toMatchObject({
      type: 134,
      count: 1,
      objects: [],
      problems: [],
    });
    expect(decodeAdu(frame(workedFrames.K37).adu).rest).toHaveLength(10);
    expect(decodeAdu(frame(workedFrames.C1).adu)).toMatchObject({ type: 0x16, rest: { length: 0 } });
    expect(decodeAdu(new Uint8Array())).toEqual({
      count: 0,
      objects: [],
      rest: new Uint8Array(),
      problems: [],
    });
  });

  it('[FI6] a private type with a known layout is read by it', () => {
    const deviation: Deviation = {
      ...STANDARD,
      types: new Map([[134, { name: { zh: '系统恢复', en: 'System recovered' }, like: 1 }]]),
    };
    const { objects: read } = decodeAdu(frame(workedFrames.K37).adu, deviation);
    expect(read).toMatchObject([{ kind: 'system-state', systemType: 1, systemAddress: 1, status: 1 }]);
  });

  it('[FI3] what has no form on the wire is refused with its field and its place', () => {
    const good = {
      systemType: 1,
      systemAddress: 1,
      status: 2,
      time: timeLabel(at('2026-01-01T00:00:00')),
    };
    const code = (bad: object) => () => encodeAdu('system-state', [{ ...good, ...bad }]);
    expect(code({ status: 65_536 })).toThrow('status at byte 4: 65536 is no integer from 0 to 65535');
    expect(code({ systemAddress: 1.5 })).toThrow('system address at byte 3');
    expect(code({ time: { raw: new Uint8Array(5) } })).toThrow('time at byte 6: has 5 bytes and not 6');
    const header = { ...frame(workedFrames.A2), source: 2 ** 48 };
    expect(() => encodeFrame(header)).toThrow('source address at byte 12');
    expect(() => encodeFrame({ ...header, source: 1, adu: new Uint8Array(1_025) })).toThrow('adu length');
    expect(() => timeLabel(at('1999-12-31T23:00:00'))).toThrow(Gb26875Error);
  });

  it('[FI4] bits are those of the standard', () => {
    const keys = (of: keyof typeof STATUS_BITS) => STATUS_BITS[of].map(({ bit, key }) => `${bit} ${key}`);
    expect(keys('system')).toEqual([
      '1 fire',
      '2 fault',
      '3 shield',
      '4 supervisory',
      '5 started',
      '6 feedback',
      '7 delayed',
      '8 main_power_fault',
      '9 backup_power_fault',
      '10 bus_fault',
      '11 manual',
      '12 configuration_changed',
      '13 reset',
    ]);
    expect(keys('component').slice(-2)).toEqual(['7 delayed', '8 power_fault']);
    expect(keys('device')).toEqual([
      '1 fire',
      '2 fault',
      '3 main_power_fault',
      '4 backup_power_fault',
      '5 channel_fault',
      '6 line_fault',
    ]);
    expect(operationsOf('facility', 0xff)).toEqual([
      'reset',
      'silence',
      'manual_alarm',
      'alarm_cleared',
      'self_test',
      'confirm',
      'test',
    ]);
  });

  it('[FI1] analog values go there and back within the range of an int16', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ANALOG_TYPES.keys()),
        fc.integer({ min: -32_768, max: 32_767 }),
        (type, raw) => {
          const value = analogReading(type, raw, ANALOG_TYPES)?.value ?? NaN;
          expect(analogRaw(type, value, ANALOG_TYPES)).toBe(raw);
          expect(String(value).length).toBeLessThanOrEqual(8);
        },
      ),
    );
    expect(analogReading(6, 1_001, ANALOG_TYPES)).toMatchObject({ value: 100.1, implausible: true });
    expect(analogReading(99, 1, ANALOG_TYPES)).toBeUndefined();
    expect(analogRaw(2, 400, ANALOG_TYPES)).toBeUndefined();
  });

  it('[FI6] component addresses go there and back in every split', () => {
    const name = { zh: '段', en: 'Part' };
    const splits = [[4], [2, 2], [1, 1, 2], [1, 3], [1, 1, 1, 1]] as const;
    const form = fc.record({
      order: fc.constantFrom('little' as const, 'big' as const),
      parts: fc.constantFrom(...splits).map((parts) => parts.map((bytes) => ({ name, bytes }))),
    });
    fc.assert(
      fc.property(form, fc.nat(0xffff_ffff), (form, raw) => {
        expect(addressOfParts(addressParts(raw, form), form)).toBe(raw);
        expect(addressOfText(printedAddress(raw, form), form)).toBe(raw);
      }),
    );
    const big = {
      order: 'big',
      parts: [
        { name, bytes: 2 },
        { name, bytes: 2 },
      ],
    } as const;
    expect(printedAddress(0x1100_0300, big)).toBe('3/17');
    expect(addressOfText('3/65536', big)).toBeUndefined();
    expect(addressOfText('3', big)).toBeUndefined();
  });

  it('[FI5] a description is cut at a whole character and padded', () => {
    const { raw, text } = fixedText('地下一层消防水泵房东侧走廊感烟探测器');
    expect([raw.length, raw.at(-1), text]).toEqual([31, 0, '地下一层消防水泵房东侧走廊感烟']);
  });
});
