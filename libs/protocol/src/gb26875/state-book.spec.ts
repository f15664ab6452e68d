import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeAdu } from './adu.js';
import { type Deviation, STANDARD } from './deviation.js';
import { decodeFrame } from './frame.js';
import { fixedText } from './gb18030.js';
import { StateBook } from './state-book.js';
import { componentName, type StateObject } from './subject.js';
import { timeLabel } from './time-label.js';
import { hex, workedFrames } from '../../spec/gb26875/worked-frames.js';

const time = timeLabel(Date.UTC(2026, 10, 28));
const device = (status: number): StateObject => ({ kind: 'device-state', status, time });
const system = (status: number, systemAddress = 1): StateObject => ({
  kind: 'system-state',
  systemType: 1,
  systemAddress,
  status,
  time,
});
const component = (componentAddress: number, status: number): StateObject => ({
  kind: 'component-state',
  systemType: 1,
  systemAddress: 1,
  componentType: 40,
  componentAddress,
  status,
  description: fixedText(''),
  time,
});
const told = (book: StateBook, object: StateObject): string[] =>
  book.apply(object).edges.map(({ bit, isOn }) => `${isOn ? '+' : '-'}${bit.key}`);
const signalsOf = (book: StateBook): Record<string, boolean> => {
  const { fire, fault, shield, supervision, test } = book.values();
  return { fire, fault, shield, supervision, test };
};
const quiet = { fire: false, fault: false, shield: false, supervision: false, test: false };

describe('the states behind one device', () => {
  it('[FI11] what changed is the difference to the mask before', () => {
    const book = new StateBook(STANDARD);
    expect(told(book, component(1, 0b11))).toEqual(['+fire']);
    expect(told(book, component(1, 0b11))).toEqual([]);
    expect(told(book, component(1, 0b110_0101))).toEqual(['-fire', '+fault', '+started', '+feedback']);
    expect(told(book, component(2, 0b1))).toEqual([]);
    expect(book.apply(component(2, 1)).isFirst).toBe(false);
    expect(told(book, system(0x0501))).toEqual(['+main_power_fault', '+bus_fault']);
    expect(told(book, system(0x2001))).toEqual(['-main_power_fault', '-bus_fault', '+reset']);
    expect(told(book, device(0b110_0001))).toEqual(['+channel_fault', '+line_fault']);
    expect(book.holders('fault')).toEqual(['1/1/1', 'device']);
  });

  it('[FI11] the unit is in fire while anything behind it is', () => {
    const book = new StateBook(STANDARD);
    book.apply(component(1, 3));
    book.apply(component(2, 3));
    book.apply(component(1, 1));
    expect(signalsOf(book)).toEqual({ ...quiet, fire: true });
    book.apply(system(0b1_1001));
    expect(signalsOf(book)).toEqual({ ...quiet, fire: true, shield: true, supervision: true });
    book.apply(component(2, 1));
    expect(signalsOf(book)).toEqual({ ...quiet, shield: true, supervision: true });
  });

  it('[FI11] is what a plain list of masks would say, whatever comes in which order, and after a restart', () => {
    const objects = fc.oneof(
      fc.nat(0x7f).map(device),
      fc
        .tuple(fc.nat(0x3fff), fc.integer({ min: 1, max: 3 }))
        .map(([mask, address]) => system(mask, address)),
      fc
        .tuple(fc.integer({ min: 1, max: 4 }), fc.nat(0xffff))
        .map(([address, mask]) => component(address, mask)),
    );
    const faults = { device: 0b0111_1100, system: 0b0111_0000_0100, component: 0b1_0000_0100 };
    fc.assert(
      fc.property(fc.array(objects, { maxLength: 40 }), fc.nat(40), (messages, restartAt) => {
        let book = new StateBook(STANDARD);
        const masks = new Map<string, { of: keyof typeof faults; mask: number }>();
        messages.forEach((object, index) => {
          if (index === restartAt) book = new StateBook(STANDARD, book.masks());
          const { key, subject } = book.apply(object);
          masks.set(key, { of: subject.of, mask: object.status });
        });
        const some = (test: (of: keyof typeof faults, mask: number) => boolean) =>
          [...masks.values()].some(({ of, mask }) => test(of, mask));
        const { test, ...signals } = signalsOf(book);
        expect(signals).toEqual({
          fire: some((_, mask) => (mask & 2) !== 0),
          fault: some((of, mask) => (mask & faults[of]) !== 0),
          shield: some((of, mask) => of !== 'device' && (mask & 8) !== 0),
          supervision: some((of, mask) => of !== 'device' && (mask & 16) !== 0),
        });
        expect(typeof test).toBe('boolean');
      }),
    );
  });

  it('[FI12] a fire with bit 0 at 0 is a fire: worked frames A1, A4 and B1', () => {
    for (const [id, values] of [
      ['A1', { fire: true }],
      ['A4', { fault: true }],
      ['B1', { fire: true }],
    ] as const) {
      const frame = decodeFrame(hex(workedFrames[id]));
      if (!frame.ok) throw new Error(id);
      const book = new StateBook(STANDARD);
      for (const object of decodeAdu(frame.frame.adu).objects) book.apply(object as StateObject);
      // Nor is it a test: a device that never sets the bit does not mean one.
      expect(signalsOf(book)).toEqual({ ...quiet, ...values });
    }
  });

  it('[FI12] a test begins where normal was said before and nothing else is wrong, and lasts until normal is said', () => {
    const book = new StateBook(STANDARD);
    const test = (object: StateObject): boolean => {
      book.apply(object);
      return book.values().test;
    };
    expect(test(system(0b0))).toBe(false);
    expect(test(system(0b1))).toBe(false);
    // Many clear the bit for any alarm: that is no test.
    expect(test(system(0b10))).toBe(false);
    expect(test(system(0b1))).toBe(false);
    expect(test(system(0b0))).toBe(true);
    expect(test(component(1, 0))).toBe(true);
    book.apply(system(0b10));
    expect(signalsOf(book)).toEqual({ ...quiet, fire: true, test: true });
    expect(test(system(0b1))).toBe(false);
  });

  it('[FI12] where the profile says so, bit 0 at 1 is the test', () => {
    const opposite: Deviation = { ...STANDARD, normalBit: 'test' };
    const book = new StateBook(opposite);
    book.apply(component(1, 0b10));
    expect(signalsOf(book)).toEqual({ ...quiet, fire: true });
    book.apply(component(1, 0b11));
    expect(signalsOf(book)).toEqual({ ...quiet, fire: true, test: true });
    book.apply(component(1, 0b10));
    expect(signalsOf(book)).toEqual({ ...quiet, fire: true });
  });

  it('[FI11] bits of the profile are told and raise what it says; others are only kept', () => {
    const bit = { bit: 9, key: 'offline', name: { zh: '离线', en: 'Offline' }, signal: 'fault' as const };
    const book = new StateBook({ ...STANDARD, componentBits: [bit] });
    expect(told(book, component(1, 0x201))).toEqual(['+offline']);
    expect(book.values().fault).toBe(true);
    const plain = new StateBook(STANDARD).apply(component(1, 0x201));
    expect([plain.edges, plain.unknownBits]).toEqual([[], 0x200]);
  });

  it('[FI11] has room for so many, forgets what is calm, and never a fire', () => {
    const book = new StateBook(STANDARD, [], 3);
    for (let address = 1; address <= 10; address++) book.apply(component(address, 1));
    expect(book.masks()).toHaveLength(3);
    book.apply(component(8, 3));
    for (let address = 20; address < 30; address++) book.apply(component(address, 1));
    expect(book.holders('fire')).toEqual(['1/1/8']);
    for (let address = 40; address < 50; address++) book.apply(component(address, 5));
    expect(book.masks()).toHaveLength(3);
    // What was not remembered cannot be told to have ended.
    for (const key of [8, 40, 41, 49]) book.apply(component(key, 1));
    expect(signalsOf(book)).toEqual({ ...quiet, fault: true });
    book.forget();
    expect([book.masks(), signalsOf(book)]).toEqual([[], quiet]);
  });

  it('[FI11] a component is called by its address as the profile prints it', () => {
    const subject = {
      of: 'component',
      systemType: 1,
      systemAddress: 2,
      componentAddress: 0x0002_000a,
    } as const;
    expect(componentName(subject, STANDARD)).toBe('1-2-10/2');
  });
});
