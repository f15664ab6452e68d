import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ExchangeTable, exchangeOptions, type ExchangeStep } from './exchange-table.js';
import { type Frame } from './frame.js';
import { type ObjectKind } from './layouts.js';
import { RepeatedFrames } from './repeated-frames.js';

const frame = (serial: number, command: number, adu: readonly number[] = []): Frame => ({
  serial,
  command,
  adu: Uint8Array.from(adu),
  mainVersion: 1,
  userVersion: 1,
  sentAt: new Uint8Array(6),
  source: 5,
  destination: 1,
});
const request = (id: string, kind: ObjectKind = 'read-device-state') => ({ id, kind, adu: Uint8Array.of(1) });

/** One line for each thing that a step asks for. */
function told(step: ExchangeStep | undefined): string[] {
  if (step === undefined) return ['nothing'];
  return [
    ...step.outcomes.map((one) => `${one.id} ${one.result}${'reason' in one ? ` ${one.reason}` : ''}`),
    ...step.sends.map(
      ({ id, serial, command, repetition }) => `${id} #${serial} cmd ${command} (${repetition})`,
    ),
  ];
}

describe('exchanges that the centre begins', () => {
  it('[FI13] sent, not answered, sent again three times ten seconds apart with its number, failed', () => {
    const table = new ExchangeTable();
    expect(told(table.begin(request('poll'), 0))).toEqual(['poll #0 cmd 4 (0)']);
    expect(table.nextDueAt()).toBe(10_000);
    expect(told(table.due(9_999))).toEqual([]);
    expect(told(table.due(10_000))).toEqual(['poll #0 cmd 4 (1)']);
    expect(told(table.due(20_000))).toEqual(['poll #0 cmd 4 (2)']);
    expect(told(table.due(30_000))).toEqual(['poll #0 cmd 4 (3)']);
    expect(told(table.due(40_000))).toEqual(['poll failed timeout']);
    expect(table.nextDueAt()).toBeUndefined();
  });

  it('[FI13] a request is answered by its reply and nothing else, a control by its confirmation', () => {
    const table = new ExchangeTable();
    table.begin(request('poll'), 0);
    expect(told(table.receive(frame(0, 3), 1))).toEqual(['nothing']);
    expect(told(table.receive(frame(1, 5, [21]), 1))).toEqual(['nothing']);
    expect(told(table.receive(frame(0, 5, [1]), 1))).toEqual(['nothing']);
    expect(told(table.receive(frame(0, 5, []), 1))).toEqual(['nothing']);
    expect(told(table.receive(frame(0, 5, [21]), 1))).toEqual(['poll replied']);
    expect(told(table.begin(request('clock', 'synchronise-clock'), 2))).toEqual(['clock #1 cmd 1 (0)']);
    expect(told(table.receive(frame(1, 5, [90]), 3))).toEqual(['nothing']);
    expect(told(table.receive(frame(1, 3), 3))).toEqual(['clock confirmed']);
    expect(told(table.receive(frame(1, 3), 4))).toEqual(['nothing']);
  });

  it('[FI13] a denial is a reason to send again, as often as silence is', () => {
    const table = new ExchangeTable();
    table.begin(request('duty', 'duty-check'), 0);
    expect(told(table.receive(frame(0, 6), 100))).toEqual(['duty #0 cmd 1 (1)']);
    expect(told(table.due(10_000))).toEqual([]);
    expect(told(table.due(10_100))).toEqual(['duty #0 cmd 1 (2)']);
    expect(told(table.receive(frame(0, 6), 10_200))).toEqual(['duty #0 cmd 1 (3)']);
    expect(told(table.receive(frame(0, 6), 10_300))).toEqual(['duty failed denied']);
  });

  it('[FI13] one after the other; what waits goes out when there is room, and is bounded', () => {
    const table = new ExchangeTable({ ...exchangeOptions, maxWaiting: 3 });
    expect(['a', 'b', 'c', 'd'].map((id) => told(table.begin(request(id), 0)))).toEqual([
      ['a #0 cmd 4 (0)'],
      [],
      [],
      [],
    ]);
    expect(told(table.begin(request('e'), 0))).toEqual(['nothing']);
    expect(told(table.receive(frame(0, 5, [21]), 5))).toEqual(['a replied', 'b #1 cmd 4 (0)']);
    expect(table.nextDueAt()).toBe(10_005);
    expect(table.abandon('disconnected')).toEqual(
      ['b', 'c', 'd'].map((id) => ({ id, result: 'failed', reason: 'disconnected' })),
    );
    expect(told(table.begin(request('f'), 6))).toEqual(['f #2 cmd 4 (0)']);
  });

  it('[FI13] numbers go round after 65,535 and are unique among those that are open', () => {
    const table = new ExchangeTable({ ...exchangeOptions, maxOpen: 2 }, 65_534);
    table.begin(request('old'), 0);
    const serials: (number | undefined)[] = [];
    for (let n = 0; n < 65_536; n++) {
      const [send] = table.begin(request(String(n)), 0)?.sends ?? [];
      table.receive(frame(send?.serial ?? -1, 5, [21]), 0);
      serials.push(send?.serial);
    }
    expect(serials.slice(0, 3)).toEqual([65_535, 0, 1]);
    expect(serials).not.toContain(65_534);
    expect(serials.at(-1)).toBe(65_535);
  });

  it('[FI13] every exchange ends exactly once, whatever the device does', () => {
    const acts = fc.array(
      fc.oneof(
        fc.constant({ do: 'begin' as const }),
        fc.record({ do: fc.constant('wait' as const), ms: fc.nat(25_000) }),
        fc.record({
          do: fc.constant('answer' as const),
          serial: fc.nat(12),
          command: fc.constantFrom(3, 5, 6),
        }),
        fc.constant({ do: 'hang up' as const }),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(acts, fc.integer({ min: 1, max: 3 }), (script, maxOpen) => {
        const table = new ExchangeTable({ ...exchangeOptions, maxOpen });
        const ended: string[] = [];
        let now = 0;
        let begun = 0;
        const take = (step: ExchangeStep | undefined) =>
          ended.push(...(step?.outcomes ?? []).map(({ id }) => id));
        for (const act of script) {
          if (act.do === 'begin') take(table.begin(request(String(begun++)), now));
          else if (act.do === 'answer') take(table.receive(frame(act.serial, act.command, [21]), now));
          else if (act.do === 'hang up') ended.push(...table.abandon('disconnected').map(({ id }) => id));
          else take(table.due((now += act.ms)));
        }
        for (let turn = 0; turn < 4 * 70; turn++) take(table.due((now += 10_000)));
        expect(ended.toSorted()).toEqual(Array.from({ length: begun }, (_, id) => String(id)).toSorted());
      }),
    );
  });
});

describe('retransmissions', () => {
  const sent = (serial: number, second: number, adu: readonly number[] = [1]): Frame => ({
    ...frame(serial, 2, adu),
    sentAt: Uint8Array.of(second, 0, 0, 1, 1, 26),
  });

  it('[FI14] are known by number, time label and content', () => {
    const filter = new RepeatedFrames();
    expect(filter.isRepeated(sent(1, 5), 0)).toBe(false);
    expect(filter.isRepeated(sent(1, 5), 10_000)).toBe(true);
    // A device that was restarted begins again at its first number.
    expect(filter.isRepeated(sent(1, 9), 20_000)).toBe(false);
    expect(filter.isRepeated(sent(1, 5, [2]), 20_000)).toBe(false);
    expect(filter.isRepeated(sent(1, 5, [1, 0]), 20_000)).toBe(false);
    expect(filter.isRepeated(sent(2, 5), 20_000)).toBe(false);
  });

  it('[FI14] are known for a minute, and taken when what they were to bring about failed', () => {
    const filter = new RepeatedFrames();
    filter.isRepeated(sent(1, 5), 0);
    expect(filter.isRepeated(sent(1, 5), 60_000)).toBe(true);
    expect(filter.isRepeated(sent(1, 5), 60_001)).toBe(false);
    filter.forget(sent(1, 5));
    expect(filter.isRepeated(sent(1, 5), 60_002)).toBe(false);
  });

  it('[FI14] are remembered in a bounded number', () => {
    const filter = new RepeatedFrames(60_000, 3);
    for (let serial = 0; serial < 4; serial++) filter.isRepeated(sent(serial, 0), 0);
    expect(filter.isRepeated(sent(1, 0), 0)).toBe(true);
    expect(filter.isRepeated(sent(0, 0), 0)).toBe(false);
  });
});
