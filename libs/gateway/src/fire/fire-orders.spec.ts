import { beforeEach, describe, expect, it } from '@jest/globals';

import { COMMAND, decodeFrame, encodeAdu, type Frame, STANDARD, timeLabel } from '@watchfire/protocol';
import { HeldJournal } from '../../spec/held-journal.js';
import { FireCounters } from './fire-counters.js';
import { type FireLine, FireLinks } from './fire-links.js';
import { fireOptions } from './fire-options.js';
import { FireOrders } from './fire-orders.js';
import { FireUpkeep } from './fire-upkeep.js';

const DEVICE = 'room-1';
const SECOND = 1_000;
const START = Date.parse('2026-11-28T10:00:00+08:00');
const HEADER = { source: 889, destination: 88_888, mainVersion: 1, userVersion: 2 };

/** [FI38] What a person wants of a silent device, while the centre asks it things of its own. One step is a second. */
describe('a command and the questions of the centre', () => {
  let now: number;
  let orders: FireOrders;
  let upkeep: FireUpkeep;
  let counters: FireCounters;
  /** What went down, by second and type. */
  let line: string[];
  let sent: Frame[];
  let told: string[];

  beforeEach(() => {
    now = 0;
    [line, sent, told] = [[], [], []];
    counters = new FireCounters();
    const clock = { now: () => START + now, monotonicMs: () => now };
    const links = new FireLinks(new HeldJournal());
    orders = new FireOrders({
      links,
      clock,
      random: () => 0,
      partyOf: () => ({ header: HEADER, deviation: STANDARD }),
      replied: (_, id, ok) => told.push(`${now / SECOND}s ${id} ${ok}`),
      clockSet: () => told.push(`${now / SECOND}s clock set`),
      ready: () => told.push(`${now / SECOND}s ready`),
    });
    upkeep = new FireUpkeep({
      orders,
      clock,
      counters,
      options: { ...fireOptions, settleMs: SECOND, pollSpreadMs: 0 },
      random: () => 0,
      systemsOf: () => [{ systemType: 1, systemAddress: 1 }],
      remembered: () => ({}),
      keep: () => undefined,
    });
    const down: FireLine = {
      peer: '10.0.0.1',
      certificate: undefined,
      close: () => undefined,
      send: (bytes) => {
        const decoded = decodeFrame(bytes);
        if (!decoded.ok) throw new Error(decoded.problem.message);
        sent.push(decoded.frame);
        line.push(`${now / SECOND}s ${decoded.frame.adu[0]}`);
      },
    };
    void links.bind(DEVICE, down);
    upkeep.arrived(DEVICE);
  });

  function pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      now += SECOND;
      orders.look(now);
      upkeep.look(now);
    }
  }
  const command = (name: string, commandId = 'cmd-1') =>
    orders.send(DEVICE, { commandId, command: name, params: {}, expires: START + 600 * SECOND });
  const hear = (asked: Frame | undefined, answer: number, adu: Uint8Array = new Uint8Array()): boolean =>
    orders.heard(DEVICE, { ...HEADER, serial: asked?.serial ?? -1, command: answer, adu, sentAt: time.raw });
  const time = timeLabel(START);

  it('goes out at once, and the question is asked again when it has ended', () => {
    pass(3);
    expect(command('duty_check')).toBe('sent');
    expect(line).toEqual(['1s 81', '3s 91']);
    pass(2);
    expect(hear(sent[1], COMMAND.confirm)).toBe(true);
    expect(told).toEqual(['5s cmd-1 true', '5s ready']);
    pass(1);
    expect(line).toEqual(['1s 81', '3s 91', '6s 81']);
    expect(counters.polls).toEqual({ displaced: 1 });
  });

  it('a late answer ends nothing but what it was asked for', () => {
    pass(3);
    command('read_state');
    const reply = encodeAdu('device-state', [{ status: 1, time }]);
    expect(sent[1]?.serial).not.toBe(sent[0]?.serial);
    expect(hear(sent[0], COMMAND.reply, reply)).toBe(false);
    expect(hear(sent[0], COMMAND.deny)).toBe(false);
    expect(told).toEqual([]);
    expect(hear(sent[1], COMMAND.reply, reply)).toBe(true);
    expect(told).toEqual(['3s cmd-1 true', '3s ready']);
  });

  it('a clock that was being set is set after the command', () => {
    for (let n = 0; n < 3; n++) upkeep.heard(DEVICE, START - 60 * SECOND, START);
    pass(1);
    expect(line).toEqual(['1s 90']);
    command('read_state');
    hear(sent[1], COMMAND.reply, encodeAdu('device-state', [{ status: 1, time }]));
    pass(1);
    expect(line).toEqual(['1s 90', '1s 81', '2s 90']);
    expect(hear(sent[2], COMMAND.confirm)).toBe(true);
    expect(told).toContain('2s clock set');
    expect(counters.clockSyncs).toEqual({ displaced: 1, confirmed: 1 });
  });

  it('commands do not push each other aside, nor do questions push anything', () => {
    pass(3);
    command('read_state');
    expect(command('duty_check', 'cmd-2')).toBe('absent');
    pass(39);
    expect(line).toEqual(['1s 81', '3s 81', '13s 81', '23s 81', '33s 81']);
    pass(2);
    expect(line.at(-1)).toBe('43s 81');
    expect(command('duty_check', 'cmd-2')).toBe('sent');
  });

  it('[FI39] a clock that was confirmed to be set is known to be, whoever wanted it; one that was not is not', () => {
    command('sync_clock');
    hear(sent[0], COMMAND.confirm);
    command('duty_check', 'cmd-2');
    hear(sent[1], COMMAND.confirm);
    command('sync_clock', 'cmd-3');
    for (let n = 0; n < 4; n++) hear(sent[2], COMMAND.deny);
    expect(told.filter((one) => !one.endsWith('ready'))).toEqual([
      '0s clock set',
      '0s cmd-1 true',
      '0s cmd-2 true',
      '0s cmd-3 false',
    ]);
  });

  it('what has no form on the wire pushes nothing aside', () => {
    pass(3);
    expect(command('fly')).toMatchObject({ refused: expect.anything() });
    expect(hear(sent[0], COMMAND.reply, encodeAdu('device-state', [{ status: 1, time }]))).toBe(true);
    expect(counters.polls).toEqual({ replied: 1 });
  });

  it('of a device that never answers, the poll finds it out all the same', () => {
    pass(3);
    for (let n = 0; n < 5; n++) {
      command('duty_check', `cmd-${n}`);
      hear(sent.at(-1), COMMAND.confirm);
      pass(3);
    }
    pass(90);
    expect(counters).toMatchObject({ notAnswering: 1, polls: { displaced: 5, timeout: 2 } });
  });
});
