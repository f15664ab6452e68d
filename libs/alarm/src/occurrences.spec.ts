import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { AlarmEngine } from './engine.js';
import { type EngineInput, type PointValue, type Rule, type SampleQuality } from './model.js';
import { LOAD_LIMITS } from './load.js';
import { NuisanceFold } from './nuisance.js';

const fire: Rule = {
  key: 'fire',
  version: 1,
  class: 'fire',
  title: { zh: '火警', en: 'Fire alarm' },
  latching: true,
  annunciation: { strict: true },
  condition: {
    kind: 'discrete',
    pointId: 'fire',
    alarmValues: [{ value: true, level: 'fire', severity: 900 }],
    again: { countId: 'count', placeId: 'place' },
    onDelayMs: 0,
    offDelayMs: 0,
  },
};
const fault: Rule = { ...fire, key: 'fault', latching: false, annunciation: {} };
const line = (rule: Rule = fire): Story => new Story(deviceWith([rule]));

class Story extends Timeline {
  /** As the gateway tells a place: where, how many, and that it is so. */
  says(count: number, place?: string): this {
    return this.tell([
      ...(place === undefined ? [] : [['place', place] as const]),
      ['count', count],
      ['fire', count > 0],
    ]);
  }

  tell(
    samples: readonly (readonly [pointId: string, value: PointValue, quality?: SampleQuality])[],
    over: Partial<Extract<EngineInput, { kind: 'reading' }>> = {},
  ): this {
    const now = this.now_;
    return this.apply({
      kind: 'reading',
      deviceId: 'd1',
      receivedAt: now,
      ts: now,
      historical: false,
      samples: samples.map(([pointId, value, quality = 'good']) => ({ pointId, value, quality })),
      ...over,
    });
  }

  private now_ = this.time('0s');

  override at(time: string): this {
    this.now_ = this.time(time);
    return super.at(time);
  }
}

describe('another occurrence while the first one stands', () => {
  it('[AL146] a second place has a new event id, is to be acknowledged, and says where it is', () => {
    const story = line().at('1s').says(1, 'A').expectHappened('raised');
    const first = story.alarm();
    expect(first).toMatchObject({ state: 'UNACK', message: '火警：A', messageEn: 'Fire alarm: A' });
    story.at('2s').acknowledge().expectHappened('acknowledged').at('3s').says(2, 'B');
    story.expectHappened('reoccurred');
    const second = story.alarm();
    expect(second).toMatchObject({
      id: first.id,
      state: 'UNACK',
      acked: false,
      ackedBy: null,
      active: true,
      latched: true,
      raisedAt: story.time('3s'),
      clearedAt: null,
      message: '火警：B（共 2 处）',
      messageEn: 'Fire alarm: B (2 places)',
      olderOccurrences: [],
    });
    expect(second.eventId).toBe(story.all.at(-1)?.eventId);
    expect(story.all.at(-1)?.annunciation).toBe('own');
    // An acknowledgement of the first one is none of the second.
    story.acknowledge(first.eventId).expectRefused('event_id_unknown');
    story.at('4s').acknowledge().says(3, 'C').expectHappened('acknowledged', 'reoccurred');
  });

  it('[AL146] what nobody has acknowledged is kept beside it, and is over with all of them', () => {
    const story = line().at('1s').says(1, 'A').at('2s').says(2, 'B').at('3s').says(3, 'C');
    const { olderOccurrences, eventId } = story.alarm();
    expect(olderOccurrences.map(({ message, clearedAt }) => [message, clearedAt])).toEqual([
      ['火警：B（共 2 处）', null],
      ['火警：A', null],
    ]);
    story.at('4s').acknowledge(eventId).acknowledge(olderOccurrences[1]?.eventId);
    expect(story.alarm()).toMatchObject({ state: 'ACKED', message: '火警：C（共 3 处）' });
    story.at('5s').says(0).at('6s').reset();
    expect(story.alarm()).toMatchObject({
      state: 'RTNUN',
      eventId: olderOccurrences[0]?.eventId,
      message: '火警：B（共 2 处）',
      clearedAt: story.time('5s'),
    });
    story.acknowledge().expectNoAlarm();
  });

  it('[AL146] no more than twenty are kept, whatever comes', () => {
    const story = line();
    for (let count = 1; count <= 60; count++) story.at(`${count}s`).says(count, `P${count}`);
    const { olderOccurrences, message } = story.alarm();
    expect([olderOccurrences.length, message]).toEqual([20, '火警：P60（共 60 处）']);
  });

  it('[AL146] several in one message are several, and the first is the alarm itself', () => {
    line()
      .at('1s')
      .tell([
        ['place', 'A'],
        ['count', 1],
        ['fire', true],
        ['place', 'B'],
        ['count', 2],
        ['place', 'C'],
        ['count', 3],
      ])
      .expectHappened('raised', 'reoccurred', 'reoccurred')
      .tell([
        ['count', 2],
        ['place', 'D'],
        ['count', 3],
        ['fire', true],
      ])
      .expectHappened('reoccurred')
      .expectAlarm({ message: '火警：D（共 3 处）' });
  });

  it('[AL146] the first place is no second occurrence, in whatever order it is told', () => {
    for (const samples of [
      [
        ['count', 1],
        ['fire', true],
      ],
      [
        ['fire', true],
        ['count', 1],
      ],
    ] as const) {
      line().at('1s').tell(samples).expectHappened('raised').at('2s').tell(samples).expectNothingHappened();
      const quiet = line().at('1s').says(0).expectNothingHappened();
      quiet.at('2s').tell(samples).tell(samples).expectHappened('raised');
    }
  });

  it('[AL146] what rises while the alarm is still delayed belongs to it', () => {
    const delayed: Rule = {
      ...fire,
      condition: { ...fire.condition, onDelayMs: 10_000 } as Rule['condition'],
    };
    line(delayed)
      .at('1s')
      .says(1, 'A')
      .at('3s')
      .says(2, 'B')
      .at('20s')
      .expectHappened('raised')
      .expectAlarm({ message: '火警：B（共 2 处）' })
      .says(3, 'C')
      .expectHappened('reoccurred');
  });

  it('[AL146] a fall lowers it, so that the next rise is told; the same number again tells nothing', () => {
    line()
      .at('1s')
      .says(1, 'A')
      .says(2, 'B')
      .expectHappened('raised', 'reoccurred')
      .at('2s')
      .says(1)
      .says(1)
      .expectNothingHappened()
      .at('3s')
      .says(2, 'C')
      .says(2, 'C')
      .expectHappened('reoccurred')
      // Told again by the gateway, once a minute.
      .at('1m')
      .says(2, 'C')
      .at('2m')
      .says(2)
      .expectNothingHappened();
  });

  it('[AL146] a number that falls to nothing while the alarm goes off slowly is a rise when it comes back', () => {
    const slow: Rule = { ...fire, condition: { ...fire.condition, offDelayMs: 60_000 } as Rule['condition'] };
    line(slow)
      .at('1s')
      .says(1, 'A')
      .at('2s')
      .says(0)
      .at('3s')
      .says(1, 'B')
      .expectHappened('raised', 'reoccurred');
  });

  it('[AL146] a detector that was quiet for long is no longer calm when it speaks', () => {
    // The points have rested with the same values for hours; every step is also taken by an engine that knows of no calm.
    const story = line().at('1s').says(0).at('2s').says(0).at('3s').says(1, 'A').acknowledge();
    for (let minute = 1; minute < 240; minute += 17) story.at(`${minute}m`).says(1, 'A');
    story.expectHappened('raised', 'acknowledged').at('5h').says(2, 'B').expectHappened('reoccurred');
  });

  it('[AL146] a device that rests wakes for it', () => {
    const engine = AlarmEngine.create({ quietMs: 0, manyAwake: 0, atOnce: 16 });
    let offset = 0;
    const says = (input: EngineInput): readonly string[] => {
      offset += 1;
      return engine.apply({ offset, at: offset * 1000, input }).transitions.map(({ type }) => type);
    };
    const places = (count: number): readonly string[] => {
      const samples = [
        { pointId: 'count', value: count, quality: 'good' },
        { pointId: 'fire', value: count > 0, quality: 'good' },
      ] as const;
      const at = (offset + 1) * 1000;
      return says({ kind: 'reading', deviceId: 'd1', receivedAt: at, ts: at, historical: false, samples });
    };
    says({ kind: 'configure', device: deviceWith([{ ...fire, latching: false }]) });
    for (let time = 0; time < 3; time++) {
      for (let minute = 0; minute < 5; minute++) places(0);
      expect(engine.awakeDevices).toBe(0);
      expect([places(1), places(1), places(2), places(0)]).toEqual([
        ['raised'],
        [],
        ['reoccurred'],
        ['returned'],
      ]);
      const [alarm] = [...engine.alarms()];
      const { id: alarmId = '', eventId = '', olderOccurrences = [] } = alarm ?? {};
      for (const one of [...olderOccurrences.map((older) => older.eventId), eventId]) {
        const command = { kind: 'acknowledge', alarmId, eventId: one } as const;
        says({ kind: 'command', command, actor: 'o', comment: null });
      }
    }
  });

  it('[AL146] what is bad, late, historical, or no number tells nothing', () => {
    const story = line().at('1m').says(1, 'A').acknowledge().expectHappened('raised', 'acknowledged');
    story
      .tell([['count', 5, 'bad']])
      .tell([['count', 'five']])
      .tell([['count', Infinity]]);
    story.tell([['count', 5]], { ts: story.time('30s') }).tell([['count', 5]], { historical: true });
    story.expectNothingHappened().says(1, 'A').expectNothingHappened();
    story.tell([['count', 2, 'uncertain']]).expectHappened('reoccurred');
  });

  it('[AL146] the quality of an alarm does not depend on what nobody tells', () => {
    line()
      .at('1s')
      .reading('fire', true)
      .expectAlarm({ quality: 'good', message: '火警' })
      .reading('count', 2, { quality: 'bad' })
      .expectAlarm({ quality: 'good' });
  });

  it('[AL147] a place is shown with the number that it was told with, and no other', () => {
    const story = line().at('1s').says(1, 'A').acknowledge();
    // The place comes behind the number: better none than that of before.
    story
      .at('2s')
      .tell([
        ['count', 2],
        ['place', 'B'],
      ])
      .expectAlarm({ message: '火警（共 2 处）' });
    story
      .at('3s')
      .says(0)
      .at('4s')
      .tell([['fire', true]]);
    story.expectAlarm({ message: '火警' });
  });

  it('[AL146] a silence ends with it, and what is acknowledged sounds', () => {
    const story = line().at('1s').says(1, 'A');
    const { id } = story.alarm();
    story.apply({ kind: 'command', command: { kind: 'silence', alarmId: id }, actor: 'o', comment: null });
    story.expectHappened('raised', 'silenced').says(2, 'B').expectHappened('reoccurred');
    story.expectAlarm({ silencedUntil: null, state: 'UNACK' });
  });

  it('[AL146] under a cover it is recorded and not heard', () => {
    const story = line().at('1s').says(1, 'A').acknowledge();
    const command = { kind: 'shelve', mode: 'timed', seconds: 60, deviceId: 'd1', ruleKey: 'fire' } as const;
    story.apply({ kind: 'command', command, actor: 'o', comment: 'work' });
    story.at('2s').says(2, 'B').expectHappened('raised', 'acknowledged', 'shelved', 'reoccurred');
    expect(story.all.at(-1)).toMatchObject({
      annunciation: 'none',
      alarm: { state: 'SHLVD', acked: false, message: '火警：B（共 2 处）', suppressedOrShelved: true },
    });
    story.at('2m').expectHappened('shelve-expired').expectAlarm({ state: 'UNACK' });
  });

  it('[AL146] a changed rule goes on where it was; one that begins to count begins with what it knows', () => {
    const changed = (rule: Rule): EngineInput => ({
      kind: 'configure',
      device: { ...deviceWith([rule]), points: deviceWith([fire]).points },
    });
    const { again, ...plain } = fire.condition as Extract<Rule['condition'], { kind: 'discrete' }>;
    expect(again).toBeDefined();
    const story = line().at('1s').says(1, 'A').says(2, 'B').acknowledge();
    story.expectHappened('raised', 'reoccurred', 'acknowledged');
    story
      .apply(changed({ ...fire, version: 2 }))
      .says(2, 'B')
      .expectNothingHappened();
    story.says(3, 'C').expectHappened('reoccurred').acknowledge().expectHappened('acknowledged');
    story
      .apply(changed({ ...fire, version: 3, condition: plain }))
      .says(4, 'D')
      .expectNothingHappened();
    story
      .apply(changed({ ...fire, version: 4 }))
      .says(4, 'D')
      .expectNothingHappened();
    story.says(5, 'E').expectHappened('reoccurred');
  });

  it('[AL146] what came while the rule could not be evaluated is told when it can', () => {
    const broken: Rule = {
      ...fire,
      version: 2,
      condition: { ...fire.condition, onDelayMs: -1 } as Rule['condition'],
    };
    const story = line().at('1s').says(1, 'A').acknowledge().expectHappened('raised', 'acknowledged');
    story
      .configure(deviceWith([broken]))
      .says(2, 'B')
      .expectHappened('quality-changed');
    story.configure(deviceWith([{ ...fire, version: 3 }])).expectHappened('reoccurred');
    story.expectAlarm({ message: '火警：B（共 2 处）', quality: 'good' });
  });

  it('[AL146] without the points that it needs the alarm is as any other, and that is listed', () => {
    const device = deviceWith([fire]);
    const story = new Story({ ...device, points: device.points.filter(({ pointId }) => pointId === 'fire') });
    story.at('1s').reading('fire', true).expectHappened('raised');
    expect(story.faults().map(({ message }) => message)).toEqual([
      '区分各次发生：本场所没有设备有测点 "count"',
    ]);
    story.configure(device).reading('count', 1).expectNothingHappened();
    story.reading('count', 2).expectHappened('reoccurred');
  });

  it('[AL146] of an alarm that does not latch: each is told, and the end is the end of all', () => {
    const story = line({ ...fault, condition: { ...fault.condition } });
    story.at('1s').says(1, 'A').acknowledge().at('2s').says(2, 'B').at('3s').says(0);
    story.expectHappened('raised', 'acknowledged', 'reoccurred', 'returned');
    story.acknowledge().expectNoAlarm().at('4s').says(1, 'C').expectHappened('acknowledged', 'raised');
  });

  it('[AL148] another place is no chatter of the first; the same place again and again is', () => {
    const marked = (): Story => {
      const story = line();
      story.apply({ kind: 'start', load: LOAD_LIMITS });
      return story;
    };
    // The figures count what is marked. [KP7]
    const counted = (story: Story): number => {
      const fold = new NuisanceFold(LOAD_LIMITS);
      for (const transition of story.all) if (transition.alarm.rule === 'fire') fold.add(transition);
      return fold.figures.chattering;
    };
    const many = marked();
    for (let count = 1; count <= 8; count++) many.at(`${count}s`).says(count, `P${count}`);
    many.at('9s').says(7).says(8, 'P8');
    expect(many.all).toHaveLength(9);
    expect(many.all.filter(({ alarm }) => (alarm.chattering ?? 0) > 0)).toEqual([]);
    const same = marked().at('1s').says(1, 'A');
    for (let time = 2; time <= 8; time++) same.at(`${time}s`).says(2, 'B').says(1);
    expect(same.alarm('fire').chattering).toBeGreaterThan(2);
    expect([counted(many), counted(same)]).toEqual([0, same.alarm('fire').chattering]);
    same.at('9s').says(2, 'C');
    expect(same.alarm('fire').chattering).toBeUndefined();
  });
});
