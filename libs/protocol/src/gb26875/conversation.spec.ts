import { describe, expect, it } from '@jest/globals';
import { encodeAdu } from './adu.js';
import { FireConversation, ourTime, saysFire } from './conversation.js';
import { type Deviation, STANDARD } from './deviation.js';
import { COMMAND, type Frame } from './frame.js';
import { fixedText } from './gb18030.js';
import { timeLabel } from './time-label.js';

const NOW = Date.parse('2026-11-28T10:00:00+08:00');
const time = timeLabel(NOW);
let serial = 0;
const frame = (adu: Uint8Array, command: number = COMMAND.send): Frame => ({
  serial: serial++,
  mainVersion: 1,
  userVersion: 1,
  sentAt: time.raw,
  source: 889,
  destination: 1,
  command,
  adu,
});
const smoke = (componentAddress: number, status: number): Uint8Array =>
  encodeAdu('component-state', [
    {
      systemType: 1,
      systemAddress: 1,
      componentType: 40,
      componentAddress,
      status,
      description: fixedText(''),
      time,
    },
  ]);
const operation = (operations: number): Uint8Array =>
  encodeAdu('device-operation', [{ operations, operator: 1, time }]);

describe('what a device says to the centre', () => {
  it('[FI16] data is confirmed, and its states are told and remembered', () => {
    const conversation = new FireConversation(STANDARD);
    expect(conversation.values()).toBeUndefined();
    const heard = conversation.hear(frame(smoke(7, 2)), NOW);
    expect(heard).toMatchObject({
      means: 'data',
      answer: { command: COMMAND.confirm },
      values: { fire: true, fault: false },
      remember: { 'gb26875/1/1/7': 2 },
    });
    expect(heard.changes.map(({ edges }) => edges.map(({ bit }) => bit.key))).toEqual([['fire']]);
    expect(conversation.values()).toEqual(heard.values);
  });

  it('[FI16] types that nobody knows are confirmed too, or they come again for ever', () => {
    const conversation = new FireConversation(STANDARD);
    for (const adu of [Uint8Array.of(134, 1, 1, 2), Uint8Array.of(9), Uint8Array.of(2, 9, 1)]) {
      expect(conversation.hear(frame(adu), NOW)).toMatchObject({
        means: 'data',
        answer: { command: 3 },
        remember: {},
      });
    }
  });

  it('[FI16] what is sent again is answered again and taken once, unless it was not kept', () => {
    const conversation = new FireConversation(STANDARD);
    const sent = frame(smoke(7, 2));
    const first = conversation.hear(sent, NOW);
    expect(conversation.hear(sent, NOW + 10_000)).toEqual({
      means: 'repeated',
      answer: { command: 3, adu: new Uint8Array() },
      changes: [],
      remember: {},
    });
    conversation.notKept(sent, first);
    expect(conversation.hear(sent, NOW + 20_000)).toMatchObject({
      means: 'data',
      values: { fire: true },
      remember: { 'gb26875/1/1/7': 2 },
    });
  });

  it('[FI16] what is on disk is not remembered again, and what is not, is', () => {
    const conversation = new FireConversation(STANDARD);
    const first = conversation.hear(frame(smoke(7, 2)), NOW);
    const second = conversation.hear(frame(smoke(8, 2)), NOW);
    expect(second.remember).toEqual({ 'gb26875/1/1/7': 2, 'gb26875/1/1/8': 2 });
    conversation.kept(first);
    conversation.hear(frame(smoke(8, 1)), NOW);
    // Older than what is known by now.
    conversation.kept(second);
    expect(conversation.hear(frame(smoke(7, 2)), NOW).remember).toEqual({ 'gb26875/1/1/8': 1 });
  });

  it('[FI16] goes on where it was after a restart: one detector that is quiet again does not end the fire of another', () => {
    const before = new FireConversation(STANDARD);
    before.hear(frame(smoke(7, 3)), NOW);
    before.hear(frame(smoke(8, 3)), NOW);
    const after = new FireConversation(STANDARD, {
      ...before.remembered(),
      firmware: '1.2',
      'gb26875/x': 'y',
    });
    expect(after.hear(frame(smoke(8, 1)), NOW)).toMatchObject({ values: { fire: true } });
    expect(after.hear(frame(smoke(7, 1)), NOW)).toMatchObject({ values: { fire: false } });
  });

  it('[FI16] a habit is answered as the profile says and is no data', () => {
    const keepAlive = { means: 'keep-alive', command: 2, begins: Uint8Array.of(0x16), length: 1 } as const;
    const clock = { means: 'clock-request', command: 1, begins: Uint8Array.of(90), length: 8 } as const;
    const deviation: Deviation = {
      ...STANDARD,
      time: 'bcd',
      habits: [
        { ...keepAlive, answer: { command: 3, adu: Uint8Array.of(0x17) } },
        { ...clock, answer: { command: 1, adu: 'clock' } },
      ],
    };
    const conversation = new FireConversation(deviation);
    const heard = conversation.hear(frame(Uint8Array.of(0x16)), NOW);
    expect(heard).toEqual({
      means: 'keep-alive',
      answer: { command: 3, adu: Uint8Array.of(0x17) },
      changes: [],
      remember: {},
    });
    const asked = frame(encodeAdu('synchronise-clock', [{ time }]), COMMAND.control);
    expect(conversation.hear(asked, NOW).answer).toEqual({
      command: 1,
      adu: Uint8Array.of(90, 1, 0x00, 0x00, 0x10, 0x28, 0x11, 0x26),
    });
    expect(new FireConversation(STANDARD).hear(frame(new Uint8Array()), NOW).means).toBe('keep-alive');
    expect(ourTime({ ...STANDARD, time: 'auto' }, NOW).raw).toEqual(time.raw);
  });

  it('[FI16] answers to what we asked are not answered; a reply tells states like any other', () => {
    const conversation = new FireConversation(STANDARD);
    for (const command of [COMMAND.confirm, COMMAND.deny]) {
      expect(conversation.hear(frame(new Uint8Array(), command), NOW)).toEqual({
        means: 'answer',
        changes: [],
        remember: {},
      });
    }
    const reply = conversation.hear(frame(smoke(7, 2), COMMAND.reply), NOW);
    expect([reply.means, reply.answer, reply.values?.fire]).toEqual(['answer', undefined, true]);
    const odd = conversation.hear(frame(Uint8Array.of(81, 1, 0), COMMAND.request), NOW);
    expect([odd.means, odd.answer]).toEqual(['out-of-place', undefined]);
  });

  it('[FI20] somebody who presses the alarm key says fire, until it is cleared or reset where it was pressed', () => {
    let conversation = new FireConversation(STANDARD);
    const fire = (adu: Uint8Array) => conversation.hear(frame(adu), NOW).values?.fire;
    const facility = (operations: number): Uint8Array =>
      encodeAdu('facility-operation', [{ systemType: 1, systemAddress: 1, operations, operator: 1, time }]);
    expect(fire(operation(0b1))).toBeUndefined();
    expect(conversation.hear(frame(operation(0b100)), NOW)).toMatchObject({
      values: { fire: true, fault: false },
      remember: { 'gb26875-manual/device': 1 },
    });
    expect(fire(smoke(7, 1))).toBe(true);
    // The panel's own reset is another key.
    expect(fire(facility(0b1))).toBeUndefined();
    conversation = new FireConversation(STANDARD, conversation.remembered());
    expect(conversation.values()?.fire).toBe(true);
    expect(fire(operation(0b10_0000))).toBeUndefined();
    expect(fire(operation(0b1100))).toBe(true);
    expect(conversation.hear(frame(operation(0b1000)), NOW)).toMatchObject({
      values: { fire: false },
      remember: { 'gb26875-manual/device': 0 },
    });
    expect(fire(facility(0b100))).toBe(true);
    expect(fire(facility(0b1))).toBe(false);
    expect(new FireConversation(STANDARD, { 'gb26875-manual/device': 0 }).values()).toBeUndefined();
  });

  it('[FI17] a fire, or somebody who presses the alarm key, is seen before anything else is decided', () => {
    const says = (adu: Uint8Array): boolean => saysFire(frame(adu), STANDARD);
    expect([2, 3].map((status) => says(smoke(1, status)))).toEqual([true, true]);
    expect([0, 1, 4, 0xfd].map((status) => says(smoke(1, status)))).toEqual([false, false, false, false]);
    expect([4, 1, 0xfb].map((operations) => says(operation(operations)))).toEqual([true, false, false]);
    expect(says(encodeAdu('device-state', [{ status: 2, time }]))).toBe(true);
    expect(says(new Uint8Array())).toBe(false);
  });
});
