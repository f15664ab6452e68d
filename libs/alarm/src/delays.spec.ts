import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Rule } from './model.js';

const rule = (onDelayMs: number, offDelayMs: number, latching = false): Rule => ({
  key: 'level',
  version: 1,
  class: 'process',
  title: { zh: '液位', en: 'Level' },
  latching,
  condition: {
    kind: 'limit',
    pointId: 't1',
    limits: [
      { level: 'H', limit: 90, severity: 700, deadband: 1 },
      { level: 'HH', limit: 95, severity: 900, deadband: 1 },
    ],
    onDelayMs,
    offDelayMs,
  },
});
const tank = (onDelayMs: number, offDelayMs: number, latching = false): Timeline =>
  new Timeline(deviceWith([rule(onDelayMs, offDelayMs, latching)]));

describe('on-delay', () => {
  it('[AL15] raises when the condition has lasted, with the due time', () => {
    const line = tank(10_000, 0);
    line
      .at('0s')
      .reading('t1', 91)
      .expectNextDeadline('10s')
      .at('9.999s')
      .expectNoAlarm()
      .at('12s')
      .expectHappened('raised')
      .expectAlarm({ raisedAt: line.time('10s'), receivedAt: line.time('10s'), value: 91 });
    expect(line.all[0]?.at).toBe(line.time('12s'));
  });

  it('[AL17] begins anew after one value off the condition', () => {
    tank(10_000, 0)
      .at('0s')
      .reading('t1', 91)
      .at('5s')
      .reading('t1', 80)
      .expectNextDeadline(undefined)
      .at('6s')
      .reading('t1', 91)
      .at('15s')
      .expectNoAlarm()
      .at('16s')
      .expectAlarm({ level: 'H' });
  });

  it('[AL3] keeps a value inside the deadband pending', () => {
    tank(10_000, 0)
      .at('0s')
      .reading('t1', 91)
      .at('5s')
      .reading('t1', 89)
      .at('10s')
      .expectAlarm({ level: 'H' });
  });

  it('[AL15] counts the time that the message was under way', () => {
    const line = tank(10_000, 0);
    line
      .at('4s')
      .reading('t1', 91, { measured: '0s' })
      .expectNextDeadline('10s')
      .at('10s')
      .expectAlarm({ raisedAt: line.time('10s') });
  });

  it('[AL15] a delay that was over on arrival runs out a moment later, with its true time', () => {
    const line = tank(10_000, 0);
    line
      .at('1m')
      .reading('t1', 91, { measured: '0s' })
      .expectNothingHappened()
      .at('1m1ms')
      .expectAlarm({ raisedAt: line.time('10s') });
  });

  it('[AL15] the rest of a buffered message may disprove it', () => {
    tank(10_000, 0)
      .at('1m')
      .reading('t1', 91, { measured: '0s' })
      .reading('t1', 80, { measured: '1s' })
      .at('2m')
      .expectNothingHappened();
  });

  it('[AL16] a clearing value that proves the delay raises, then clears', () => {
    const line = tank(10_000, 0);
    line
      .at('1m')
      .reading('t1', 91, { measured: '0s' })
      .reading('t1', 80, { measured: '11s' })
      .expectHappened('raised', 'returned')
      .expectAlarm({ state: 'RTNUN', raisedAt: line.time('10s'), clearedAt: line.time('11s'), value: 80 });
  });

  it('[AL16] a value that goes on proves the delay as well', () => {
    const line = tank(10_000, 0);
    line
      .at('1m')
      .reading('t1', 91, { measured: '0s' })
      .reading('t1', 92, { measured: '10s' })
      .expectAlarm({ state: 'UNACK', raisedAt: line.time('10s'), receivedAt: line.time('1m') });
  });

  it('[AL16] raises the levels in the order of their own times', () => {
    const line = tank(10_000, 0);
    line
      .at('1m')
      .reading('t1', 91, { measured: '0s' })
      .reading('t1', 96, { measured: '5s' })
      .reading('t1', 1, { measured: '20s' })
      .expectHappened('raised', 'level-changed', 'returned')
      .expectAlarm({ severity: 900, level: 'HH', raisedAt: line.time('10s') });
  });

  it('[AL4] [AL19] each level has its own delay', () => {
    tank(10_000, 0)
      .at('0s')
      .reading('t1', 91)
      .at('5s')
      .reading('t1', 96)
      .at('10s')
      .expectAlarm({ level: 'H' })
      .at('15s')
      .expectAlarm({ level: 'HH' })
      .expectHappened('raised', 'level-changed');
  });

  it('[AL4] both levels at one deadline are one alarm at the outer one', () => {
    tank(10_000, 0)
      .at('0s')
      .reading('t1', 96)
      .at('10s')
      .expectHappened('raised')
      .expectAlarm({ level: 'HH' });
  });

  it('is never in the past of a clock that is ahead', () => {
    const line = tank(10_000, 0);
    line
      .at('0s')
      .reading('t1', 91, { measured: '3s' })
      .expectNextDeadline('10s')
      .at('10s')
      .expectAlarm({ raisedAt: line.time('10s') });
  });
});

describe('off-delay', () => {
  it('[AL18] clears when the value has been back for so long', () => {
    const line = tank(0, 10_000);
    line
      .at('0s')
      .reading('t1', 96)
      .at('5s')
      .reading('t1', 10)
      .expectAlarm({ state: 'UNACK', level: 'HH' })
      .at('20s')
      .expectHappened('raised', 'returned')
      .expectAlarm({ state: 'RTNUN', clearedAt: line.time('15s') });
  });

  it('[AL17] begins anew after one value on the condition', () => {
    tank(0, 10_000)
      .at('0s')
      .reading('t1', 91)
      .at('5s')
      .reading('t1', 10)
      .at('14s')
      .reading('t1', 91)
      .at('15s')
      .reading('t1', 10)
      .at('24s')
      .expectAlarm({ active: true })
      .at('25s')
      .expectHappened('raised', 'returned');
  });

  it('[AL18] gives no credit for the time under way', () => {
    tank(0, 10_000)
      .at('0s')
      .reading('t1', 91)
      .at('30s')
      .reading('t1', 10, { measured: '5s' })
      .expectAlarm({ active: true })
      .expectNextDeadline('40s');
  });

  it('[AL16] tells that it was off in between when a value proves it', () => {
    tank(0, 10_000)
      .at('0s')
      .reading('t1', 91)
      .acknowledge()
      .at('1m')
      .reading('t1', 10, { measured: '5s' })
      .reading('t1', 91, { measured: '50s' })
      .expectHappened('raised', 'acknowledged', 'returned', 'raised')
      .expectAlarm({ state: 'UNACK' });
  });

  it('steps down from level to level', () => {
    tank(0, 10_000)
      .at('0s')
      .reading('t1', 96)
      .at('5s')
      .reading('t1', 92)
      .at('10s')
      .reading('t1', 10)
      .at('15s')
      .expectAlarm({ level: 'H', severity: 900, liveSeverity: 700 })
      .at('20s')
      .expectHappened('raised', 'level-changed', 'returned');
  });

  it('[AL20] is fired before the input of the same moment', () => {
    tank(0, 10_000)
      .at('0s')
      .reading('t1', 91)
      .at('5s')
      .reading('t1', 10)
      .at('15s')
      .reading('t1', 91)
      .expectHappened('raised', 'returned', 'reoccurred');
  });
});

describe('a pending clear', () => {
  it('[AL13] [AL26] whose delay is taken away is not over at once when a late sample begins it anew', () => {
    tank(0, 5_000)
      .at('10s')
      .reading('t1', 91)
      .at('20s')
      .reading('t1', 10, { measured: '15s' })
      .reading('t1', 10, { measured: '18s' })
      .configure(deviceWith([rule(0, 0)]))
      .reading('t1', 91, { measured: '16s' })
      .comment('in the same millisecond')
      .expectNextDeadline('20s1ms')
      .at('20s1ms')
      .expectHappened('raised', 'commented', 'returned');
  });
});

describe('time', () => {
  it('[AL20] never goes back', () => {
    const line = tank(10_000, 0).at('0s').reading('t1', 91).at('9s').expectNoAlarm();
    line.at('3s').expectNoAlarm().expectNextDeadline('10s').at('10s').expectAlarm({ level: 'H' });
  });

  it('[AL1] latches, wants its acknowledgement first, then its reset', () => {
    tank(0, 0, true)
      .at('1s')
      .reading('t1', 91)
      .reset()
      .expectRefused('invalid_state')
      .at('2s')
      .reading('t1', 10)
      .expectAlarm({ state: 'LATUN', latched: true, active: false })
      .reset()
      .expectRefused('invalid_state')
      .acknowledge()
      .expectAlarm({ state: 'LATAK' })
      .at('3s')
      .reading('t1', 91)
      .expectAlarm({ state: 'UNACK', id: 'A2-0', eventId: '7-0' })
      .acknowledge()
      .at('4s')
      .reading('t1', 10)
      .expectAlarm({ state: 'LATAK' })
      .reset()
      .expectNoAlarm();
  });
});
