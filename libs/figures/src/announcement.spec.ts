import { describe, expect, it } from '@jest/globals';
import { AlarmEngine, announcementOf, type Command, type Rule, type Transition } from '@watchfire/alarm';
import { deviceWith, TIMELINE_START } from '@watchfire/testing';
import { AlarmFold } from './alarm-fold.js';
import { announcementTimes, waitingIn } from './announcement.js';
import { type AlarmTally } from './model.js';

/** A detector in the hands of people, one step a second. */
class Story {
  private readonly engine = AlarmEngine.create();
  private offset = 0;
  private now = TIMELINE_START;
  readonly said: Transition[] = [];

  constructor(annunciation: NonNullable<Rule['annunciation']> = {}) {
    const rule: Rule = {
      key: 'high',
      version: 1,
      class: 'gas',
      title: { zh: '高', en: 'high' },
      latching: false,
      annunciation,
      condition: {
        kind: 'limit',
        pointId: 'p1',
        limits: [{ level: 'H', limit: 10, severity: 700, deadband: 0 }],
        onDelayMs: 0,
        offDelayMs: 0,
      },
    };
    this.apply({ kind: 'configure', device: deviceWith([rule]) });
  }

  value(value: number): this {
    const at = this.now + 1_000;
    const samples = [{ pointId: 'p1', value, quality: 'good' as const }];
    return this.apply({
      kind: 'reading',
      deviceId: 'd1',
      receivedAt: at,
      ts: at,
      historical: false,
      samples,
    });
  }

  /** A command for the present alarm, or for the rule. */
  act(
    kind: 'acknowledge' | 'shelve' | 'unshelve' | 'disable',
    eventId = this.said.at(-1)?.alarm.eventId ?? '',
  ): this {
    const alarmId = this.said.at(-1)?.alarmId ?? '';
    const rule = { deviceId: 'd1', ruleKey: 'high' };
    const commands: Record<typeof kind, Command> = {
      acknowledge: { kind: 'acknowledge', alarmId, eventId },
      shelve: { kind: 'shelve', mode: 'timed', seconds: 60, ...rule },
      unshelve: { kind: 'unshelve', ...rule },
      disable: { kind: 'disable', ...rule },
    };
    return this.apply({ kind: 'command', command: commands[kind], actor: 'li', comment: 'why' });
  }

  wait(seconds: number): this {
    this.now += seconds * 1_000;
    return this.apply({ kind: 'tick' });
  }

  restart(): this {
    return this.apply({ kind: 'start', restate: true });
  }

  get announcements(): readonly string[] {
    return this.said.map((transition) => `${transition.type} ${announcementOf(transition)}`);
  }

  get tally(): AlarmTally {
    const fold = new AlarmFold({ from: TIMELINE_START, to: this.now + 1 });
    for (const transition of this.said) fold.add(transition);
    return fold.figures().total;
  }

  private apply(input: Parameters<AlarmEngine['apply']>[0]['input']): this {
    this.now += 1_000;
    this.offset += 1;
    const { transitions, refused } = this.engine.apply({ offset: this.offset, at: this.now, input });
    expect(refused).toBeUndefined();
    this.said.push(...transitions);
    return this;
  }
}

describe('announcements', () => {
  it('[KP4] what happens under a cover is no load, and is counted as covered', () => {
    const story = new Story().act('shelve').value(20).value(0).value(20);
    expect(story.announcements).toEqual(['raised covered', 'returned none', 'reoccurred covered']);
    expect(story.tally).toMatchObject({
      announced: 0,
      covered: 2,
      chattering: 0,
      fleeting: 0,
      unacknowledgedAtEnd: 0,
    });
  });

  it('[KP4] a shelving that ends by time announces the alarm; the time to acknowledge begins then', () => {
    const story = new Story().act('shelve').value(20).wait(60);
    expect(story.announcements).toEqual(['raised covered', 'shelve-expired new']);
    expect(story.tally).toMatchObject({ announced: 1, covered: 1, unacknowledgedAtEnd: 1 });
    const { response } = story.act('acknowledge').tally;
    expect(response).toMatchObject({ count: 1, max: 1_000 });
  });

  it('[KP8] who unshelves by hand has seen it: it is settled, and not acknowledged', () => {
    const story = new Story().value(20).act('shelve').act('unshelve');
    expect(story.tally).toMatchObject({ announced: 1, settled: 1, unacknowledgedAtEnd: 0 });
    expect(story.tally.response.count).toBe(0);
  });

  it('[KP4] an alarm that is announced again because it stays is counted apart, and waits again once acknowledged', () => {
    const story = new Story({ reAlarmSeconds: 30 }).value(20).wait(40);
    expect(story.announcements).toEqual(['raised new', 're-alarmed again']);
    expect(story.tally).toMatchObject({ announced: 1, reannounced: 1, reopened: 0, unacknowledgedAtEnd: 1 });
    story.act('acknowledge').wait(40);
    expect(story.tally).toMatchObject({ announced: 1, reannounced: 2, reopened: 1, unacknowledgedAtEnd: 1 });
  });

  it('[KP3] what the server says again when it comes back is not counted', () => {
    const story = new Story().value(20).restart();
    expect(story.announcements).toEqual(['raised new', 'restated none']);
    expect(story.tally).toMatchObject({ announced: 1, unacknowledgedAtEnd: 1 });
  });

  it('[KP8] an older occurrence that is kept waits until somebody acknowledges it', () => {
    const story = new Story({ strict: true }).value(20);
    const first = story.said[0]!.alarm.eventId;
    story.value(0).value(20);
    expect(story.tally).toMatchObject({ announced: 2, superseded: 0, unacknowledgedAtEnd: 2 });
    story.act('acknowledge', first);
    expect(story.tally).toMatchObject({ unacknowledgedAtEnd: 1, response: { count: 1, max: 3_000 } });
    expect(new Story().value(20).value(0).value(20).tally).toMatchObject({
      superseded: 1,
      unacknowledgedAtEnd: 1,
    });
  });

  it('[KP8] a rule that is disabled takes what waited with it', () => {
    const story = new Story().value(20).act('disable');
    expect(story.tally).toMatchObject({ announced: 1, removed: 1, unacknowledgedAtEnd: 0 });
  });

  it('[KP2] what a drill left waiting is not told of the real occurrence behind it', () => {
    const story = new Story({ strict: true }).value(20).value(0).value(20);
    const [drill, ...real] = story.said.map((event, index) => {
      return index < 2 ? { ...event, alarm: { ...event.alarm, drill: true } } : event;
    });
    const { eventId } = real.at(-1)!.alarm;
    expect(waitingIn(real.at(-1)!.alarm)).toEqual([eventId, drill!.alarm.eventId]);
    expect([...announcementTimes([drill!, ...real]).keys()]).toEqual([eventId]);
  });

  it('[KP8] tells since when each occurrence waits', () => {
    const story = new Story().act('shelve').value(20).wait(60);
    expect([...announcementTimes(story.said)]).toEqual([[story.said[0]!.alarm.eventId, story.said[1]!.at]]);
  });
});
