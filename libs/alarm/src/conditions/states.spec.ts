import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Condition } from '../model.js';

function line(condition: Condition): Timeline {
  return new Timeline(
    deviceWith([
      {
        key: 'r',
        version: 1,
        class: 'trouble',
        title: { zh: '规则', en: 'Rule' },
        latching: false,
        condition,
      },
    ]),
  );
}

describe('bits', () => {
  const story = (): Timeline =>
    line({
      kind: 'bits',
      pointId: 's',
      bits: [
        { mask: 2, level: 'fault', severity: 500 },
        { mask: 1, level: 'fire', severity: 900 },
        { mask: 0x8000_0000, when: false, level: 'not running', severity: 300 },
      ],
      onDelayMs: 0,
      offDelayMs: 0,
    });

  it('[AL73] the most severe bit counts, and a bit may be an alarm when it is 0', () => {
    story()
      .reading('s', 0x8000_0000)
      .expectNoAlarm()
      .reading('s', 0x8000_0002)
      .expectAlarm({ level: 'fault', message: '规则：fault' })
      .at('1s')
      .reading('s', 3)
      .expectAlarm({ level: 'fire', severity: 900 })
      .at('2s')
      .reading('s', 0)
      .expectAlarm({ level: 'not running', liveSeverity: 300 });
  });

  it('[AL9] [AL73] what is no whole number of 32 bits is unknown', () => {
    const one = story().reading('s', 0x8000_0001).expectHappened('raised');
    for (const value of [-1, 1.5, 2 ** 32, 'x', true]) one.reading('s', value);
    one.expectNothingHappened();
  });
});

describe('change', () => {
  const story = (): Timeline =>
    line({ kind: 'change', pointId: 's', tolerance: 0, holdMs: 60_000, severity: 200 });

  it('[AL74] tells a change, not the first value, and is over by time', () => {
    const one = story()
      .reading('s', 'closed')
      .at('5s')
      .reading('s', 'closed')
      .expectNoAlarm()
      .at('10s')
      .reading('s', 'open')
      .expectAlarm({ active: true, value: 'open', messageEn: 'Rule: became open' })
      .expectNextDeadline('70s');
    one
      .at('65s')
      .reading('s', 'closed')
      .at('2m')
      .expectAlarm({ active: true })
      .at('3m')
      .expectAlarm({ active: false, clearedAt: one.time('2m5s') });
  });

  it('[AL74] sees what changed while the value was bad', () => {
    story()
      .reading('s', 1)
      .at('1s')
      .reading('s', 1, { quality: 'bad' })
      .reading('s', 1)
      .expectNoAlarm()
      .reading('s', 2, { quality: 'bad' })
      .expectNoAlarm()
      .reading('s', 2)
      .expectAlarm({ active: true });
  });
});

describe('discrepancy', () => {
  const story = (): Timeline =>
    line({
      kind: 'discrepancy',
      commandId: 'command',
      feedbackId: 'feedback',
      pairs: [
        { command: 'open', feedback: true },
        { command: 'close', feedback: false },
      ],
      tolerance: 0,
      expectedMs: 30_000,
      offDelayMs: 0,
      severity: 800,
    });

  it('[AL76] a command that is not followed in its time', () => {
    story()
      .reading('feedback', false)
      .reading('command', 'close')
      .at('10s')
      .reading('command', 'open')
      .at('39s')
      .expectNoAlarm()
      .at('40s')
      .expectAlarm({ active: true, value: false, message: '规则：命令 open，30 秒内反馈为 false' })
      .at('50s')
      .reading('feedback', true)
      .expectAlarm({ active: false });
  });

  it('[AL76] a command that is followed in its time, and a movement without a command', () => {
    story()
      .reading('feedback', false)
      .reading('command', 'open')
      .at('29s')
      .reading('feedback', true)
      .at('5m')
      .expectNoAlarm()
      .reading('feedback', false)
      .at('5m30s')
      .expectAlarm({ active: true });
  });

  it('[AL76] a new command gives its own time, and does not end an alarm', () => {
    const one = line({
      kind: 'discrepancy',
      commandId: 'command',
      feedbackId: 'feedback',
      tolerance: 2,
      expectedMs: 30_000,
      offDelayMs: 0,
      severity: 800,
    })
      .reading('feedback', 0)
      .reading('command', 50)
      .at('20s')
      .reading('command', 60)
      .at('49s')
      .expectNoAlarm()
      .at('50s')
      .expectAlarm({ active: true });
    one.at('55s').reading('command', 70).expectAlarm({ active: true });
    one.at('60s').reading('feedback', 68).expectAlarm({ active: false });
  });
});

describe('frozen', () => {
  const story = (): Timeline =>
    line({ kind: 'frozen', pointId: 't', afterMs: 60_000, tolerance: 0.1, severity: 300 });

  it('[AL77] samples that do not move, by their own times', () => {
    story()
      .at('0s')
      .reading('t', 5)
      .at('30s')
      .reading('t', 5.05)
      .at('59s')
      .reading('t', 5)
      .expectNoAlarm()
      .at('60s')
      .reading('t', 5)
      .expectAlarm({ active: true, messageEn: 'Rule: unchanged for 1 min (5)' })
      .at('61s')
      .reading('t', 5.2)
      .expectAlarm({ active: false });
  });

  it('[AL77] no samples are another matter', () => {
    story().at('0s').reading('t', 5).at('2h').expectNoAlarm();
  });

  it('[AL9] [AL77] a bad sample shows neither that it moves nor that it does not', () => {
    story()
      .at('0s')
      .reading('t', 5)
      .at('60s')
      .reading('t', 5, { quality: 'bad' })
      .expectNoAlarm()
      .at('61s')
      .reading('t', 5)
      .expectAlarm({ active: true })
      .at('62s')
      .reading('t', 9, { quality: 'bad' })
      .expectAlarm({ active: true, quality: 'bad' });
  });
});

describe('how often', () => {
  it('[AL78] a value is entered', () => {
    const one = line({
      kind: 'count',
      pointId: 'pump',
      values: ['running'],
      count: 3,
      windowMs: 600_000,
      severity: 500,
    });
    one.reading('pump', 'stopped');
    for (const minute of [1, 4]) {
      one
        .at(`${minute}m`)
        .reading('pump', 'running')
        .at(`${minute + 1}m`)
        .reading('pump', 'stopped');
    }
    one
      .at('6m')
      .reading('pump', 'tripped')
      .expectNoAlarm()
      .at('7m')
      .reading('pump', 'running')
      .expectAlarm({ active: true, messageEn: 'Rule: became running 3 times or more within 10 min' })
      .at('8m')
      .reading('pump', 'running')
      .expectNextDeadline('17m')
      .at('17m')
      .expectAlarm({ active: false });
  });

  it('[AL78] a value changes; a change exactly a window after another does not count with it', () => {
    const story = (): Timeline =>
      line({ kind: 'value-flapping', pointId: 's', tolerance: 0, count: 2, windowMs: 60_000, severity: 300 });
    story()
      .at('0s')
      .reading('s', true)
      .at('10s')
      .reading('s', false)
      .at('70s')
      .reading('s', true)
      .expectNoAlarm()
      .at('129s')
      .reading('s', false)
      .expectAlarm({ active: true });
  });

  it('[AL78] counts by device times what comes all at once', () => {
    const one = line({
      kind: 'value-flapping',
      pointId: 's',
      tolerance: 0,
      count: 3,
      windowMs: 60_000,
      severity: 300,
    });
    one.at('10m').reading('s', 1, { measured: '0s' });
    for (const minute of [1, 3, 5, 7]) one.reading('s', minute, { measured: `${minute}m` });
    one.expectNoAlarm().reading('s', 0, { measured: '7m10s' }).reading('s', 1, { measured: '7m20s' });
    one.expectAlarm({ active: true });
    expect(one.alarm().raisedAt).toBe(one.time('7m20s'));
  });
});
