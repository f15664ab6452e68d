import { describe, expect, it } from '@jest/globals';
import { deviceWith, duration, Timeline, TIMELINE_START } from '@watchfire/testing';
import { type Rule } from './model.js';

const FLAPPING: Rule = {
  key: 'link-flapping',
  version: 1,
  class: 'link',
  title: { zh: '连接反复被顶替', en: 'Link flapping' },
  latching: false,
  condition: { kind: 'flapping', count: 3, windowMs: 600_000, severity: 500 },
};
const OFFLINE: Rule = { ...FLAPPING, condition: { kind: 'offline', afterMs: 60_000, severity: 300 } };

class Story extends Timeline {
  takenOver(...times: string[]): this {
    for (const time of times) {
      this.at(time).apply({ kind: 'connection', deviceId: 'd1', connected: true, reason: 'taken_over' });
    }
    return this;
  }
}
const story = (rule: Rule = FLAPPING): Story => new Story(deviceWith([rule])).connected();
const withCondition = (change: object): Rule => ({
  ...FLAPPING,
  version: 2,
  condition: { ...FLAPPING.condition, ...change },
});

describe('a link that is taken over', () => {
  it('[AL35] so often within the window is in alarm', () => {
    story()
      .takenOver('1m', '2m')
      .expectNoAlarm()
      .takenOver('3m')
      .expectHappened('raised')
      .expectAlarm({
        class: 'link',
        pointId: null,
        level: null,
        severity: 500,
        raisedAt: TIMELINE_START + duration('3m'),
        message: '连接反复被顶替：10 分钟内连接被顶替 3 次或更多',
        messageEn: 'Link flapping: taken over 3 times or more within 10 min',
      });
  });

  it('[AL35] less often is not', () => {
    story().takenOver('1m', '6m', '11m', '16m', '21m').expectNothingHappened();
  });

  it('[AL35] ends when a window has passed since it was last true', () => {
    story()
      .takenOver('1m', '2m', '3m', '9m')
      .expectNextDeadline('19m')
      .takenOver('15m')
      .expectNextDeadline('19m')
      .expectHappened('raised')
      .at('19m')
      .expectHappened('returned')
      .expectAlarm({ clearedAt: TIMELINE_START + duration('19m'), state: 'RTNUN' });
  });

  it('[AL35] one alarm while it goes on, however slowly', () => {
    story()
      .takenOver('0m', '4m50s', '9m40s', '14m30s', '19m20s', '24m10s')
      .expectHappened('raised')
      .expectNextDeadline('34m10s');
  });

  it('[AL35] other endings of a connection do not count', () => {
    story()
      .at('1m')
      .disconnected()
      .connected()
      .disconnected()
      .connected()
      .disconnected()
      .expectNothingHappened();
  });

  it('[AL35] [AL22] the device itself stays connected', () => {
    story(OFFLINE).takenOver('1m', '2m', '3m').at('1h').expectNothingHappened();
  });

  it('[AL26] a rule that asks for fewer judges what was seen', () => {
    story()
      .takenOver('1m', '2m')
      .configure(deviceWith([withCondition({ count: 2 })]))
      .expectHappened('raised');
  });

  it('[AL26] a rule that asks for fewer finds nothing when a window has passed', () => {
    story()
      .takenOver('1m', '2m')
      .at('12m')
      .configure(deviceWith([withCondition({ count: 2 })]))
      .expectNothingHappened();
  });

  it('[AL26] a shorter window ends it earlier', () => {
    story()
      .takenOver('1m', '2m', '3m')
      .configure(deviceWith([withCondition({ windowMs: 180_000 })]))
      .expectNextDeadline('6m');
  });

  it('[AL28] a rule that becomes one about something else ends its alarm', () => {
    story()
      .takenOver('1m', '2m', '3m')
      .configure(deviceWith([OFFLINE]))
      .expectHappened('raised', 'removed');
  });

  it('[AL29] an alarm that was kept through a fault ends as if it had been seen when the fault ended', () => {
    story()
      .takenOver('1m', '2m', '3m')
      .configure(deviceWith([withCondition({ count: 1 })]))
      .at('30m')
      .configure(deviceWith([FLAPPING]))
      // In between the fault itself was an alarm. [AL84]
      .expectHappened('raised', 'quality-changed', 'raised', 'quality-changed', 'returned')
      .expectNextDeadline('40m');
  });

  it.each([
    [{ count: 1 }, 'the number of take-overs is not between 2 and 100'],
    [{ count: 101 }, 'the number of take-overs is not between 2 and 100'],
    [{ count: 2.5 }, 'the number of take-overs is not between 2 and 100'],
    [{ windowMs: Infinity }, 'its window is not above 0 ms'],
  ])('[AL29] %j cannot be evaluated', (change, message) => {
    expect(new Timeline(deviceWith([withCondition(change)])).faults()).toMatchObject([
      { deviceId: 'd1', ruleKey: 'link-flapping', messageEn: message },
    ]);
  });
});
