import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import fc from 'fast-check';
import { type Condition, type DeviceConfiguration, type Rule, type Vote } from '../model.js';
import { modeOf, modeText } from './voting.js';

const title = { zh: '本组', en: 'Group' };
const rule = (key: string, condition: Condition, over: Partial<Rule> = {}): Rule => ({
  key,
  version: 1,
  class: 'process',
  title,
  latching: false,
  condition,
  ...over,
});
const delays = { onDelayMs: 0, offDelayMs: 0 };
const on = (pointId: string): Vote => ({ pointId, values: [true] });

function sensor(deviceId: string, rules: readonly Rule[] = [], over: Partial<DeviceConfiguration> = {}) {
  const point = { pointId: `${deviceId}.on`, key: 'on', name: { zh: '动作', en: 'On' }, unit: null };
  return { ...deviceWith(rules, over), deviceId, deviceName: deviceId, points: [point] };
}

function group(...rules: readonly Rule[]): DeviceConfiguration {
  return { ...deviceWith(rules), deviceId: 'group', points: [] };
}

const ABC = ['a.on', 'b.on', 'c.on'].map(on);
const voting = (onBad: 'vote' | 'drop', members: readonly Vote[] = ABC, need = 2): Rule =>
  rule('voted', { kind: 'voting', members, need, onBad, level: 'voted', severity: 900, ...delays });
const degraded = (onBad: 'vote' | 'drop'): Rule =>
  rule(
    'degraded',
    {
      kind: 'voting-degraded',
      of: 'voted',
      members: ABC,
      need: 2,
      onBad,
      severity: 500,
      blindSeverity: 700,
      ...delays,
    },
    { class: 'trouble' },
  );

/** The group is configured last, when its members have been read. */
function line(logic: DeviceConfiguration, first: string, ...others: readonly string[]): Timeline {
  const story = new Timeline(sensor(first)).reading(`${first}.on`, false);
  for (const id of others) story.configure(sensor(id)).reading(`${id}.on`, false);
  return story.configure(logic);
}

describe('voting', () => {
  it('[AL113] is on while k of n are in alarm, and is about the group', () => {
    line(group(voting('vote')), 'a', 'b', 'c')
      .reading('a.on', true)
      .expectNothingHappened()
      .reading('c.on', true)
      .expectHappened('raised')
      .expectAlarm({ deviceId: 'group', pointId: null, value: null, level: 'voted', quality: 'good' })
      .expectAlarm({ message: '本组：3 点中 2 点报警（2oo3）', messageEn: 'Group: 2 of 3 in alarm (2oo3)' })
      .reading('a.on', false)
      .expectHappened('returned');
  });

  it('[AL113] reads numbers against the limit of each member, which is left behind its deadband', () => {
    const members = [
      { pointId: 'a.on', atLeast: 25, deadband: 5 },
      { pointId: 'b.on', atMost: 2 },
    ];
    line(group(voting('vote', members)), 'a', 'b')
      .reading('a.on', 25)
      .reading('b.on', 2)
      .expectHappened('raised')
      .reading('a.on', 21)
      .expectNothingHappened()
      .reading('a.on', 19)
      .expectHappened('returned');
  });

  it.each([
    // 2oo3 with one bad: 1oo2 raises on one vote, 2oo2 needs both.
    ['vote', 1, ['raised'], '1oo2'],
    ['drop', 2, ['raised'], '2oo2'],
  ] as const)('[AL114] with a bad member and %s: %i of the others', (onBad, votes, happens, mode) => {
    const story = line(group(voting(onBad)), 'a', 'b', 'c').reading('c.on', false, { quality: 'bad' });
    for (const id of ['a', 'b'].slice(0, votes)) {
      story.expectNothingHappened().reading(`${id}.on`, true);
    }
    story.expectHappened(...happens).expectAlarm({ quality: 'uncertain' });
    expect(story.alarm().messageEn).toContain(`(${mode})`);
  });

  it('[AL9] [AL114] that is blind raises nothing and clears nothing', () => {
    const story = line(group(voting('drop')), 'a', 'b', 'c')
      .reading('a.on', true)
      .reading('b.on', true)
      .expectHappened('raised');
    for (const id of ['a', 'b', 'c']) story.reading(`${id}.on`, false, { quality: 'bad' });
    story.expectHappened('quality-changed', 'quality-changed').expectAlarm({ active: true, quality: 'bad' });
    story.reading('a.on', false).expectAlarm({ active: true });
    story.reading('b.on', false).expectAlarm({ active: false });
  });

  it('[AL114] takes a member whose device is removed, or not there yet, for unknown', () => {
    const story = line(group(voting('vote')), 'a', 'b');
    expect(story.faults()).toMatchObject([
      {
        deviceId: 'group',
        ruleKey: 'voted',
        messageEn: 'no device of the site has a point "c.on": it is judged without it',
      },
    ]);
    story.reading('a.on', true).expectHappened('raised').configure(sensor('c')).reading('c.on', false);
    expect(story.faults()).toEqual([]);
    story.expectHappened('returned').reading('b.on', true).expectHappened('reoccurred');
    story.remove('admin', 'c').expectAlarm({ active: true, quality: 'uncertain' });
  });

  it('[AL114] is judged again when a member falls silent', () => {
    const stale = rule('stale', { kind: 'stale', pointId: 'c.on', afterMs: 60_000, severity: 300 });
    line(group(voting('vote')), 'a', 'b', 'c')
      .configure(sensor('c', [stale]))
      .at('1s')
      .reading('c.on', false)
      .at('50s')
      .reading('a.on', true)
      .expectNothingHappened()
      .at('61s')
      .expectHappened('raised', 'raised')
      .expectAlarm({ rule: 'voted', quality: 'uncertain' });
  });

  it('[AL115] is told when it is degraded, and when it is blind, as an alarm of its own', () => {
    line(group(voting('drop'), degraded('drop')), 'a', 'b', 'c')
      .reading('a.on', false, { quality: 'bad' })
      .expectHappened('raised')
      .expectAlarm({ rule: 'degraded', level: '2oo2', messageEn: 'Group: 2oo3 → 2oo2', quality: 'uncertain' })
      .reading('b.on', false, { quality: 'bad' })
      .expectHappened('level-changed')
      .expectAlarm({ rule: 'degraded', level: 'blind', severity: 700, message: '本组：2oo3 失去判断能力' })
      .reading('a.on', false)
      .reading('b.on', false)
      .expectHappened('level-changed', 'returned');
  });

  it('[AL114] never needs more than there are, and never less than one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(8), fc.nat(9), (n, k, bad) => {
        const members = Array.from({ length: n }, (_none, index) => on(`p${index}`));
        const need = Math.min(n, k + 1);
        const unknown = Math.min(n, bad);
        const vote = modeOf({ members, need, onBad: 'vote' }, unknown);
        const drop = modeOf({ members, need, onBad: 'drop' }, unknown);
        expect(vote === undefined).toBe(unknown === n);
        expect(drop === undefined).toBe(n - unknown < need);
        for (const mode of [vote, drop]) {
          if (mode === undefined) continue;
          expect(mode.need).toBeGreaterThanOrEqual(1);
          expect(mode.need).toBeLessThanOrEqual(mode.of);
        }
        // To take the unknown for a vote is never the later one.
        if (vote !== undefined && drop !== undefined) expect(vote.need).toBeLessThanOrEqual(drop.need);
      }),
    );
    expect(modeText(undefined).en).toBe('blind');
  });

  it.each([
    ['too few members', voting('vote', [on('a.on')]), 'it has 1 members, and needs at least 2'],
    ['a member twice', voting('vote', [on('a.on'), on('a.on')]), 'the point "a.on" is a member twice'],
    [
      'a member that says nothing',
      voting('vote', [on('a.on'), { pointId: 'b.on' }]),
      'it is not said at which value the point "b.on" counts',
    ],
  ])('[AL29] with %s is a fault', (_what, broken, message) => {
    const story = new Timeline(group(broken)).configure(sensor('a')).configure(sensor('b'));
    expect(story.faults()).toMatchObject([{ deviceId: 'group', ruleKey: 'voted', messageEn: message }]);
  });
});

describe('coincidence', () => {
  const zone = (windowMs = 60_000): DeviceConfiguration =>
    group(
      rule(
        'first',
        { kind: 'coincidence', members: ABC, need: 1, windowMs, level: 'first', severity: 700, ...delays },
        { class: 'pre-alarm' },
      ),
      rule(
        'confirmed',
        {
          kind: 'coincidence',
          members: ABC,
          need: 2,
          windowMs,
          level: 'confirmed',
          severity: 900,
          ...delays,
        },
        { class: 'fire', latching: true },
      ),
    );

  it('[AL116] the first detector is a pre-alarm, another one the alarm', () => {
    line(zone(), 'a', 'b', 'c')
      .at('1s')
      .reading('a.on', true)
      .expectHappened('raised')
      .expectAlarm({ rule: 'first', class: 'pre-alarm' })
      .at('20m')
      .reading('b.on', true)
      .expectHappened('raised')
      .expectAlarm({ rule: 'confirmed', class: 'fire', messageEn: 'Group: 2 detectors within 1 min' });
  });

  it('[AL116] the second counts within the window after the first has gone back', () => {
    for (const [second, rules] of [
      ['1m9s', ['first', 'confirmed']],
      ['1m10s', ['first', 'confirmed']],
      ['1m11s', ['first']],
    ] as const) {
      const story = line(zone(), 'a', 'b', 'c')
        .at('5s')
        .reading('a.on', true)
        .at('10s')
        .reading('a.on', false)
        .at(second)
        .reading('b.on', true);
      expect(new Set(story.all.map(({ alarm }) => alarm.rule))).toEqual(new Set(rules));
    }
  });

  it('[AL116] ends when fewer are in alarm at the same time, whatever the window', () => {
    const story = line(zone(), 'a', 'b', 'c')
      .at('1s')
      .reading('a.on', true)
      .reading('b.on', true)
      .at('2s')
      .reading('b.on', false);
    expect(story.alarm('confirmed').active).toBe(false);
    expect(story.alarm('first').active).toBe(true);
  });

  it('[AL116] one detector twice is not two detectors', () => {
    const story = line(zone(), 'a', 'b', 'c');
    for (const second of [1, 3, 5]) {
      story
        .at(`${second}s`)
        .reading('a.on', true)
        .at(`${second + 1}s`)
        .reading('a.on', false);
    }
    expect(story.all.some(({ alarm }) => alarm.rule === 'confirmed')).toBe(false);
  });

  it('[AL9] [AL116] a detector that fails holds what it said; it does not confirm', () => {
    line(zone(), 'a', 'b', 'c')
      .reading('a.on', true)
      .expectHappened('raised')
      .reading('b.on', true, { quality: 'bad' })
      .expectHappened('quality-changed')
      .reading('c.on', true)
      .expectHappened('raised')
      .expectAlarm({ rule: 'confirmed' });
  });
});

describe('the sum of colours', () => {
  const COLOURS = { yellow: 500, orange: 700, red: 900 };
  const area = (members: readonly string[]): DeviceConfiguration =>
    group(
      rule('colour', {
        kind: 'colours',
        members,
        classes: ['process'],
        bluesToYellow: 4,
        yellowsToOrange: 3,
        orangesToRed: 2,
        ...COLOURS,
        ...delays,
      }),
    );
  const SEVERITY = { blue: 300, ...COLOURS };
  const coloured = (id: string, colour: keyof typeof SEVERITY, over: Partial<Rule> = {}) =>
    sensor(id, [
      rule(
        'own',
        {
          kind: 'discrete',
          pointId: `${id}.on`,
          alarmValues: [{ value: true, level: colour, severity: SEVERITY[colour] }],
          ...delays,
        },
        over,
      ),
    ]);

  function storyOf(colours: readonly (keyof typeof SEVERITY)[], over: Partial<Rule> = {}): Timeline {
    const ids = colours.map((_colour, index) => `p${index}`);
    const story = new Timeline(area(ids.map((id) => `${id}.on`)));
    for (const [index, id] of ids.entries()) story.configure(coloured(id, colours[index] ?? 'blue', over));
    for (const id of ids) story.reading(`${id}.on`, true);
    return story;
  }
  const levelOf = (story: Timeline): string | null =>
    story.all.findLast(({ alarm }) => alarm.rule === 'colour')?.alarm.level ?? null;

  it.each([
    [['blue', 'blue', 'blue'], null],
    [['blue', 'blue', 'blue', 'blue'], 'yellow'],
    [['yellow', 'yellow'], null],
    [['yellow', 'yellow', 'yellow'], 'orange'],
    [['orange', 'orange'], 'red'],
    // What was made counts on: 4 blue are the third yellow, and that orange is the second.
    [['blue', 'blue', 'blue', 'blue', 'yellow', 'yellow'], 'orange'],
    [['blue', 'blue', 'blue', 'blue', 'yellow', 'yellow', 'orange'], 'red'],
    // A red point speaks for itself.
    [['red', 'red'], null],
  ] as const)('[AL117] of %j is %s', (colours, level) => {
    expect(levelOf(storyOf(colours))).toBe(level);
  });

  it('[AL117] counts alarms of the hazard, not of instruments', () => {
    expect(levelOf(storyOf(['orange', 'orange'], { class: 'trouble' }))).toBeNull();
  });

  it('[AL117] falls when its points return, and not while one of them is unknown', () => {
    const story = storyOf(['orange', 'orange']).expectAlarm({ rule: 'colour', active: true, pointId: null });
    story.reading('p0.on', false, { quality: 'bad' }).reading('p1.on', false);
    story.expectAlarm({ rule: 'colour', active: true });
    story.reading('p0.on', false).expectAlarm({ rule: 'colour', active: false });
  });
});
