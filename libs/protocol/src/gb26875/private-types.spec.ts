import { describe, expect, it } from '@jest/globals';
import { decodeAdu, encodeAdu } from './adu.js';
import { FireConversation, saysFire } from './conversation.js';
import { type Deviation, STANDARD } from './deviation.js';
import { decodeFrame, type Frame } from './frame.js';
import { fixedText } from './gb18030.js';
import { timeLabel } from './time-label.js';

const NOW = Date.parse('2026-11-28T10:00:00+08:00');
const time = timeLabel(NOW);
const name = { zh: '甲', en: 'A' };
const NORMAL = 0b1;
const FIRE = 0b10;
const FAULT = 0b100;
const COMPONENT = 2;
const BURNS = 0xcc;
const RECOVERED = 0x87;

/** Types with the layout of a component state that say of it that it burns, and that it is as it should be. */
const LAID_OUT: Deviation = {
  ...STANDARD,
  types: new Map([
    [BURNS, { name, like: COMPONENT, sets: FIRE }],
    [RECOVERED, { name, like: COMPONENT, sets: NORMAL, clears: FIRE | FAULT }],
  ]),
};
/** The same where nobody knows a layout. */
const UNKNOWN: Deviation = {
  ...STANDARD,
  types: new Map([
    [BURNS, { name, says: 'fire' }],
    [0x86, { name, says: 'recovered' }],
  ]),
};

const component = (componentAddress: number, status: number, type: number = COMPONENT): Uint8Array => {
  const where = { systemType: 1, systemAddress: 1, componentType: 40, componentAddress };
  return encodeAdu('component-state', [{ ...where, status, description: fixedText(''), time }], type);
};
const operation = (operations: number): Uint8Array =>
  encodeAdu('device-operation', [{ operations, operator: 1, time }]);
let serial = 0;
const frame = (adu: Uint8Array): Frame => ({
  serial: serial++,
  mainVersion: 1,
  userVersion: 1,
  sentAt: time.raw,
  source: 889,
  destination: 1,
  command: 2,
  adu,
});
const fireOf = (conversation: FireConversation, adu: Uint8Array) =>
  conversation.hear(frame(adu), NOW).values?.fire;

/** A1 of the domain's reference, with type 0xCC in the place of 2, nothing in its status, and the sum that goes with both. */
const WORKED = Buffer.from(
  [
    '40400100010120' + '3A091A090C' + '790300000000' + '385B01000000' + '3000' + '02',
    'CC01' + '0101280A000200' + '0000' + '20'.repeat(30) + '00' + '023A091A090C',
    '0E2323',
  ].join(''),
  'hex',
);

describe('private types that say what a standard one says', () => {
  it('[FI37] a worked frame: 0xCC of zone 10, point 2 is a fire there', () => {
    const decoded = decodeFrame(WORKED);
    if (!decoded.ok) throw new Error(decoded.problem.message);
    const conversation = new FireConversation(LAID_OUT);
    const heard = conversation.hear(decoded.frame, NOW);
    expect(heard).toMatchObject({
      means: 'data',
      values: { fire: true, fault: false },
      remember: { 'gb26875/1/1/131082': FIRE },
    });
    expect(heard.changes.map(({ edges }) => edges.map(({ bit }) => bit.key))).toEqual([['fire']]);
    expect(saysFire(decoded.frame, LAID_OUT)).toBe(true);
    expect(saysFire(decoded.frame, STANDARD)).toBe(false);
  });

  it('[FI37] what it sets and clears is what the difference is made of, beside what its status says', () => {
    const conversation = new FireConversation(LAID_OUT);
    expect(fireOf(conversation, component(7, FAULT, BURNS))).toBe(true);
    expect(conversation.values()?.fault).toBe(true);
    const over = conversation.hear(frame(component(7, FIRE, RECOVERED)), NOW);
    expect(over.values).toMatchObject({ fire: false, fault: false, test: false });
    expect(over.remember).toEqual({ 'gb26875/1/1/7': NORMAL });
  });

  it('[FI37] a private fire that cannot be read is a fire of the unit', () => {
    const conversation = new FireConversation(LAID_OUT);
    const torn = component(7, 0, BURNS).subarray(0, 9);
    expect(fireOf(conversation, torn)).toBe(true);
    expect(saysFire(frame(torn), LAID_OUT)).toBe(true);
    expect(fireOf(conversation, operation(0b1))).toBe(false);
  });

  it('[FI37] without a layout it is a fire of the unit too, until it is said to be over, over a restart', () => {
    const conversation = new FireConversation(UNKNOWN);
    const burns = Uint8Array.of(BURNS, 1, 2, 3);
    expect(fireOf(conversation, burns)).toBe(true);
    expect(saysFire(frame(burns), UNKNOWN)).toBe(true);
    expect(fireOf(conversation, component(7, NORMAL))).toBe(true);
    const again = new FireConversation(UNKNOWN, conversation.remembered());
    expect(again.values()?.fire).toBe(true);
    expect(fireOf(again, Uint8Array.of(0x86, 1))).toBe(false);
    expect(new FireConversation(UNKNOWN, again.remembered()).values()?.fire).toBe(false);
    expect(fireOf(again, Uint8Array.of(0x86, 1))).toBeUndefined();
  });

  it('[FI37] what is over does not end what somebody pressed, and a reset ends both', () => {
    const conversation = new FireConversation(UNKNOWN);
    fireOf(conversation, operation(0b100));
    fireOf(conversation, Uint8Array.of(BURNS, 1));
    expect(fireOf(conversation, Uint8Array.of(0x86, 1))).toBe(true);
    fireOf(conversation, Uint8Array.of(BURNS, 1));
    expect(fireOf(conversation, operation(0b1))).toBe(false);
  });

  it('[FI37] a bit of the profile that is a fire is one that nothing holds up', () => {
    const bit = { bit: 12, key: 'heat', name, signal: 'fire' } as const;
    const heat: Deviation = { ...STANDARD, componentBits: [bit] };
    expect(saysFire(frame(component(7, 1 << 12)), heat)).toBe(true);
    expect(saysFire(frame(component(7, 1 << 12)), STANDARD)).toBe(false);
  });

  it('[FI37] for every status and every meaning: as if the standard type had said it', () => {
    let state = 1;
    const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
    for (let n = 0; n < 500; n++) {
      const [sets, clears] = [random(0x1_0000), random(0x1_0000)];
      const types = new Map([[BURNS, { name, like: COMPONENT, sets, clears }]]);
      const deviation = { ...STANDARD, types };
      const [own, standard] = [new FireConversation(deviation), new FireConversation(STANDARD)];
      for (let step = 0; step < 4; step++) {
        const [at, status] = [random(2), random(0x1_0000)];
        const told = (status | sets) & ~clears;
        const heard = own.hear(frame(component(at, status, BURNS)), NOW);
        const expected = standard.hear(frame(component(at, told)), NOW);
        expect([heard.changes, heard.values]).toEqual([expected.changes, expected.values]);
        expect(saysFire(frame(component(at, status, BURNS)), deviation)).toBe(
          saysFire(frame(component(at, told)), STANDARD),
        );
      }
    }
  });

  it('[FI37] takes nothing from the standard types', () => {
    const adu = component(7, FAULT);
    expect(decodeAdu(adu, LAID_OUT)).toEqual(decodeAdu(adu));
  });
});
