import fc from 'fast-check';
import { encodeAdu } from '../../src/gb26875/adu.js';
import { encodeFrame, type Frame } from '../../src/gb26875/frame.js';
import { countedText, fixedText } from '../../src/gb26875/gb18030.js';
import { type InformationObject, KINDS, LAYOUTS, type ObjectKind } from '../../src/gb26875/layouts.js';
import { timeLabel } from '../../src/gb26875/time-label.js';

/** Arbitrary input of the specs of this folder. */

const u8 = fc.nat(0xff);
const address48 = fc.oneof(
  fc.constant(0),
  fc.constant(2 ** 48 - 1),
  fc.maxSafeNat().map((n) => n % 2 ** 48),
);
const label = fc
  .integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2099, 0, 1) })
  .map((at) => timeLabel(Math.floor(at / 1_000) * 1_000));
const words = fc.array(fc.constantFrom('层', '走廊', '烟感', '3', 'A', '##', '@@', '㐀', '𠀀'), {
  maxLength: 9,
});
const text = words.map((parts) => parts.join(''));

const fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  componentAddress: fc.nat(0xffff_ffff),
  value: fc.integer({ min: -32_768, max: 32_767 }),
  description: text.map((words) => fixedText(words)),
  text: text.map(countedText),
  time: label,
  from: label,
};

function objectOf(kind: ObjectKind): fc.Arbitrary<InformationObject> {
  const { fields: named, type } = LAYOUTS[kind];
  const model: Record<string, fc.Arbitrary<unknown>> = { kind: fc.constant(kind) };
  for (const field of Object.keys(named)) model[field] = fields[field] ?? u8;
  if (type === 1 || type === 2) model['status'] = fc.nat(0xffff);
  return fc.record(model) as unknown as fc.Arbitrary<InformationObject>;
}

export interface ArbitraryAdu {
  readonly kind: ObjectKind;
  readonly objects: readonly InformationObject[];
}

export function aduOf(kind: ObjectKind): fc.Arbitrary<ArbitraryAdu> {
  const most = Math.min(LAYOUTS[kind].most, 8);
  return fc.record({
    kind: fc.constant(kind),
    objects: fc.array(objectOf(kind), { minLength: 1, maxLength: most }),
  });
}

export const anyAdu = fc.constantFrom(...KINDS).chain(aduOf);

export const anyFrame: fc.Arbitrary<Frame> = fc.record({
  serial: fc.nat(0xffff),
  mainVersion: u8,
  userVersion: u8,
  sentAt: fc.uint8Array({ minLength: 6, maxLength: 6 }),
  source: address48,
  destination: address48,
  command: fc.integer({ min: 1, max: 6 }),
  adu: fc.oneof(
    anyAdu.map(({ kind, objects }) => encodeAdu(kind, objects)),
    fc.uint8Array({ maxLength: 1_024 }),
    // What looks like the beginning and the end of frames.
    fc
      .array(fc.constantFrom(0x40, 0x23, 0x00, 0x04), { maxLength: 200 })
      .map((bytes) => Uint8Array.from(bytes)),
  ),
});

export const anyFrameBytes = anyFrame.map(encodeFrame);
