import { describe, expect, it } from '@jest/globals';
import { deviceWith, duration, Timeline, TIMELINE_START } from '@watchfire/testing';
import { AlarmEngine } from './engine.js';
import { type EngineInput, type Rule } from './model.js';

const CLOCK: Rule = {
  key: 'clock-skew',
  version: 1,
  class: 'system',
  title: { zh: '设备时钟异常', en: 'Device clock wrong' },
  latching: false,
  condition: { kind: 'clock', limitMs: 60_000, windowMs: 300_000, severity: 500 },
};
const DEVICE = deviceWith([CLOCK]);

/** A message at this time, under way for so many ms, of a clock that is so many ms behind. */
function message(time: string, behindMs: number, underWayMs = 20, historical = false): EngineInput {
  const receivedAt = TIMELINE_START + duration(time);
  const deviceTime = receivedAt - underWayMs - behindMs;
  return { kind: 'reading', deviceId: 'd1', receivedAt, ts: deviceTime, deviceTime, historical, samples: [] };
}

class Story extends Timeline {
  /** Every so often from one minute on, up to and including another. */
  says(from: number, to: number, behindMs: number, underWayMs = 20): this {
    for (let minute = from; minute <= to; minute++) {
      this.at(`${minute}m`).apply(message(`${minute}m`, behindMs, underWayMs));
    }
    return this;
  }
}
const story = (): Story => new Story(DEVICE);

describe('the clock of a device', () => {
  it('[AL34] ahead is certain with one message', () => {
    story()
      .says(1, 1, -75_000, 0)
      .expectHappened('raised')
      .expectAlarm({
        rule: 'clock-skew',
        class: 'system',
        pointId: null,
        level: null,
        severity: 500,
        value: null,
        quality: 'good',
        raisedAt: TIMELINE_START + duration('1m'),
        message: '设备时钟异常：快 75 秒（限值 1 分钟）',
        messageEn: 'Device clock wrong: 75 s ahead (limit 1 min)',
      });
  });

  it('[AL34] behind may be a message that was under way, and is told after a whole window', () => {
    story()
      .says(0, 4, 90_000)
      .expectNoAlarm()
      .says(5, 5, 90_000)
      .expectHappened('raised')
      .expectAlarm({ messageEn: 'Device clock wrong: 90.02 s behind (limit 1 min)' });
  });

  it('[AL33] one prompt message in the window, or in the one before, is enough to believe the clock', () => {
    story().says(0, 2, 0, 90_000).says(3, 3, 0).says(4, 9, 0, 90_000).expectNothingHappened();
    story().says(0, 2, 0, 90_000).says(3, 3, 0).says(4, 10, 0, 90_000).expectHappened('raised');
  });

  it('[AL33] when it was set it is measured anew at once, also from a snapshot', () => {
    const engine = AlarmEngine.create();
    engine.apply({ at: TIMELINE_START, offset: 1, input: { kind: 'configure', device: DEVICE } });
    let offset = 1;
    const apply = (to: AlarmEngine, minute: number, input: EngineInput): void => {
      to.apply({ at: TIMELINE_START + minute * 60_000, offset: ++offset, input });
    };
    for (let minute = 1; minute <= 7; minute++) apply(engine, minute, message(`${minute}m`, -30_000, 0));
    expect(engine.clockSkew('d1')).toBe(-30_000);
    apply(engine, 8, { kind: 'clock-set', deviceId: 'd1' });
    apply(engine, 8, { kind: 'clock-set', deviceId: 'nobody' });
    expect(engine.clockSkew('d1')).toBeUndefined();
    const restored = AlarmEngine.restore(engine.snapshot());
    for (const each of [engine, restored]) {
      apply(each, 9, message('9m', 200, 0));
      expect(each.clockSkew('d1')).toBe(200);
      apply(each, 10, message('10m', 100, 0));
      expect(each.clockSkew('d1')).toBe(100);
    }
  });

  it('[AL34] that it was set ends nothing: a whole window that was right does', () => {
    story()
      .says(1, 3, -120_000, 0)
      .expectHappened('raised')
      .at('3m')
      .apply({ kind: 'clock-set', deviceId: 'd1' })
      .says(4, 8, 0)
      .expectNothingHappened()
      .says(9, 9, 0)
      .expectHappened('returned');
  });

  it('[AL34] ahead ends when a whole window was right', () => {
    story()
      .says(0, 2, -120_000)
      .says(3, 9, 0)
      .expectHappened('raised')
      .says(10, 10, 0)
      .expectHappened('returned');
  });

  it('[AL34] behind ends with the window in which it was right again', () => {
    story()
      .says(0, 7, 120_000)
      .says(8, 9, 0)
      .expectHappened('raised')
      .says(10, 10, 0)
      .expectHappened('returned');
  });

  it('[AL34] what is wrong again before the window is over has not ended', () => {
    story()
      .says(0, 1, -120_000)
      .says(5, 9, 0)
      .says(10, 10, -120_000)
      .says(11, 19, 0)
      .expectHappened('raised');
  });

  it('[AL34] silence and messages without a time end nothing and raise nothing', () => {
    const line = story().says(1, 1, -120_000).expectHappened('raised');
    for (const time of ['10m', '20m', '30m']) line.at(time).reading('p', 1);
    line.at('10h').expectNothingHappened().expectNextDeadline(undefined);
  });

  it('[AL33] a device that sends seldom is judged by its messages', () => {
    story().says(0, 0, 90_000).says(60, 60, 90_000).expectHappened('raised');
    story().says(0, 0, 90_000).says(60, 60, 0).says(120, 120, 0).expectNothingHappened();
  });

  it('[AL33] historical messages say nothing of the clock', () => {
    story()
      .at('1m')
      .apply(message('1m', -120_000, 0, true))
      .expectNothingHappened();
  });

  it('[AL34] large errors are told in large units', () => {
    story()
      .says(1, 1, -31 * 3_600_000)
      .expectAlarm({ messageEn: 'Device clock wrong: 31 h ahead (limit 1 min)' });
    story().says(1, 1, -200_000).expectAlarm({ messageEn: 'Device clock wrong: 3 min ahead (limit 1 min)' });
  });

  it('[AL26] a rule that comes later judges what is known already', () => {
    const other = deviceWith([]);
    new Story(other).says(0, 6, 120_000).configure(DEVICE).expectHappened('raised');
    new Story(other).says(0, 4, 120_000).configure(DEVICE).expectNothingHappened();
  });

  it('[AL26] another limit ends nothing before a whole window was right by it', () => {
    const wider = deviceWith([
      { ...CLOCK, version: 2, condition: { ...CLOCK.condition, limitMs: 600_000 } as never },
    ]);
    story()
      .says(0, 5, 120_000)
      .expectHappened('raised')
      .configure(wider)
      .says(6, 9, 120_000)
      .expectNothingHappened()
      .says(10, 10, 120_000)
      .expectHappened('returned');
  });

  it('[AL33] is known of every device that sends times', () => {
    const engine = AlarmEngine.create();
    const apply = (input: EngineInput): unknown =>
      engine.apply({ offset: engine.offset + 1, at: TIMELINE_START + duration('1m'), input });
    apply({ kind: 'configure', device: deviceWith([]) });
    expect(engine.clockSkew('d1')).toBeUndefined();
    apply(message('1m', -5_000, 0));
    apply(message('1m', -5_000, 700));
    expect(engine.clockSkew('d1')).toBe(-5_000);
    expect(engine.clockSkew('nobody')).toBeUndefined();
  });

  it.each([
    [{ limitMs: -1 }, 'the limit of the clock is not a number of milliseconds, 0 or more'],
    [{ windowMs: 0 }, 'its window is not above 0 ms'],
    [{ severity: 0 }, 'a severity is not between 1 and 1000'],
  ])('[AL29] %j cannot be evaluated', (change, messageOfFault) => {
    const rule: Rule = { ...CLOCK, condition: { ...CLOCK.condition, ...change } };
    expect(new Timeline(deviceWith([rule])).faults()).toMatchObject([
      { deviceId: 'd1', ruleKey: 'clock-skew', messageEn: messageOfFault },
    ]);
  });
});
