import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Condition, type LimitLevel, type Rule } from './model.js';

const SEVERITY: Readonly<Record<LimitLevel, number>> = { HH: 900, H: 700, L: 500, LL: 700 };

interface Shape {
  readonly limits?: Partial<Record<LimitLevel, number>>;
  readonly pointId?: string;
  readonly onDelayMs?: number;
  readonly offDelayMs?: number;
  readonly version?: number;
  readonly severity?: number;
  readonly key?: string;
}

function rule(shape: Shape = {}): Rule {
  const { limits = { H: 25, HH: 50 }, pointId = 'lel', onDelayMs = 0, offDelayMs = 0, version = 1 } = shape;
  return {
    key: shape.key ?? 'gas',
    version,
    class: 'gas',
    title: { zh: '气', en: `Gas ${version}` },
    latching: false,
    condition: {
      kind: 'limit',
      pointId,
      limits: (Object.entries(limits) as [LimitLevel, number][]).map(([level, limit]) => ({
        level,
        limit,
        severity: shape.severity ?? SEVERITY[level],
        deadband: 2,
      })),
      onDelayMs,
      offDelayMs,
    },
  };
}
const device = (...shapes: Shape[]) =>
  deviceWith(shapes.map(rule), {
    points: ['lel', 'co'].map((pointId) => ({
      pointId,
      key: pointId,
      name: { zh: pointId, en: pointId },
      unit: null,
    })),
  });
const line = (...shapes: Shape[]): Timeline => new Timeline(device(...shapes));

describe('a configuration', () => {
  it('[AL25] that says the same, in whatever order of keys, changes nothing', () => {
    const same = device({ onDelayMs: 10_000 });
    const reordered = Object.fromEntries(Object.entries(same).reverse()) as unknown as typeof same;
    line({ onDelayMs: 10_000 })
      .at('0s')
      .reading('lel', 30)
      .at('5s')
      .configure(reordered)
      .expectNextDeadline('10s')
      .at('10s')
      .expectAlarm({ level: 'H', ruleVersion: 1 });
  });

  it('[AL25] of the neighbour leaves a rule alone', () => {
    line({}, { key: 'co', pointId: 'co' })
      .at('1s')
      .reading('lel', 30)
      .acknowledge()
      .at('2s')
      .configure(device({}, { key: 'co', pointId: 'co', version: 2, limits: { H: 1 } }))
      .expectHappened('raised', 'acknowledged')
      .expectAlarm({ state: 'ACKED' });
  });

  it('[AL26] raises at once what is true under a new rule', () => {
    const story = new Timeline(device());
    story
      .at('1s')
      .reading('lel', 30)
      .expectNoAlarm()
      .at('1h')
      .configure(device({}))
      .expectAlarm({ state: 'UNACK', raisedAt: story.time('1h'), value: 30 });
  });

  it('[AL26] raises through the delay', () => {
    new Timeline(device())
      .at('1s')
      .reading('lel', 30)
      .at('1h')
      .configure(device({ onDelayMs: 10_000 }))
      .expectNoAlarm()
      .at('1h10s')
      .expectAlarm({ state: 'UNACK' });
  });

  it('[AL31] leaves no trace of the level that it took over', () => {
    line({})
      .reading('lel', 30)
      .configure(device({ version: 2 }))
      .reading('lel', 1)
      .reading('lel', 60)
      .comment('the snapshots before and after agree')
      .expectHappened('raised', 'returned', 'reoccurred', 'commented');
  });

  it('[AL26] does not judge what is bad', () => {
    new Timeline(device())
      .at('1s')
      .reading('lel', 30)
      .reading('lel', 30, { quality: 'bad' })
      .configure(device({}))
      .expectNoAlarm()
      .at('2s')
      .reading('lel', 30)
      .expectAlarm({ state: 'UNACK' });
  });

  it('[AL26] clears what is no longer true, through deadband and delay', () => {
    line({})
      .at('1s')
      .reading('lel', 30)
      .at('2s')
      .configure(device({ version: 2, limits: { H: 31, HH: 50 } }))
      .expectAlarm({ state: 'UNACK' })
      .at('3s')
      .configure(device({ version: 3, limits: { H: 40, HH: 50 }, offDelayMs: 10_000 }))
      .expectAlarm({ state: 'UNACK' })
      .at('13s')
      .expectHappened('raised', 'returned')
      .expectAlarm({ state: 'RTNUN', ruleVersion: 1 });
  });

  it('[AL27] keeps version and text of an open alarm until its level changes', () => {
    line({})
      .at('1s')
      .reading('lel', 30)
      .at('2s')
      .configure(device({ version: 2 }))
      .expectHappened('raised')
      .expectAlarm({ ruleVersion: 1, messageEn: 'Gas 1, high (H): 30 ≥ 25' })
      .at('3s')
      .reading('lel', 60)
      .expectAlarm({ ruleVersion: 2, messageEn: 'Gas 2, high-high (HH): 60 ≥ 50' });
  });

  it('[AL26] takes another severity of the level in force as a change of level', () => {
    line({})
      .at('1s')
      .reading('lel', 30)
      .acknowledge()
      .at('2s')
      .configure(device({ version: 2, severity: 800 }))
      .expectAlarm({ state: 'UNACK', severity: 800, ruleVersion: 2 });
  });

  it('[AL25] keeps a pending delay in a new version, by its new length', () => {
    line({ onDelayMs: 10_000 })
      .at('0s')
      .reading('lel', 30)
      .at('5s')
      .configure(device({ version: 2, onDelayMs: 20_000 }))
      .expectNextDeadline('20s')
      .configure(device({ version: 3, onDelayMs: 1_000 }))
      .at('5.001s')
      .expectAlarm({ state: 'UNACK', ruleVersion: 3 });
  });

  it('[AL28] ends the alarm of a rule that is gone', () => {
    const story = line({});
    story.at('1s').reading('lel', 30).at('2s').configure(device()).expectHappened('raised', 'removed');
    expect(story.all.at(-1)).toMatchObject({
      actor: 'system',
      alarm: { state: 'NORM', active: false, liveSeverity: 0, ackedBy: null, clearedAt: story.time('2s') },
    });
    story.expectNoAlarm();
  });

  it('[AL28] ends an alarm whose level is gone, and raises what is true now', () => {
    line({})
      .at('1s')
      .reading('lel', 60)
      .at('2s')
      .configure(device({ version: 2, limits: { H: 25 } }))
      .expectHappened('raised', 'removed', 'raised')
      .expectAlarm({ level: 'H', id: 'A3-1' });
  });

  it('[AL28] ends an alarm whose rule looks elsewhere now', () => {
    line({})
      .at('1s')
      .reading('lel', 60)
      .at('2s')
      .configure(device({ version: 2, pointId: 'co' }))
      .expectHappened('raised', 'removed')
      .expectNoAlarm();
  });

  it('[AL28] a device that is removed takes its alarms along, by name', () => {
    const story = line({ onDelayMs: 0 }, { key: 'co', pointId: 'co', onDelayMs: 10_000 });
    story
      .at('1s')
      .reading('lel', 30)
      .reading('co', 30)
      .at('2s')
      .remove('admin')
      .expectHappened('raised', 'removed')
      .at('1h')
      .expectNothingHappened()
      .expectNextDeadline(undefined);
    expect(story.all.at(-1)).toMatchObject({ actor: 'admin', type: 'removed' });
  });

  it('[AL32] what began as real stays real; a drill that comes back after it is real', () => {
    const drill = { ...device({}), drill: true };
    line({})
      .at('1s')
      .reading('lel', 30)
      .expectAlarm({ drill: false })
      .configure(drill)
      .at('2s')
      .reading('lel', 1)
      .reading('lel', 30)
      .expectAlarm({ state: 'UNACK', drill: false });
    new Timeline(drill)
      .at('1s')
      .reading('lel', 30)
      .configure(device({}))
      .at('2s')
      .reading('lel', 1)
      .expectAlarm({ drill: true })
      .reading('lel', 30)
      .expectAlarm({ drill: false });
  });
});

describe('a rule that cannot be evaluated', () => {
  const limits = (entries: Partial<Record<LimitLevel, number>>): Rule => rule({ limits: entries });
  const withCondition = (condition: unknown): Rule => ({ ...rule(), condition: condition as Condition });

  it.each([
    ['an unknown point', rule({ pointId: 'nowhere' }), 'no device of the site has a point "nowhere"'],
    ['no limits', limits({}), 'it has no limits'],
    ['H above HH', limits({ H: 50, HH: 25 }), 'limit H is not below limit HH'],
    ['L at H', limits({ L: 25, H: 25 }), 'limit L is not below limit H'],
    ['a limit that is no number', limits({ H: Number.NaN }), 'a limit is not a number'],
    ['a negative delay', rule({ onDelayMs: -1 }), 'a delay is not a number of milliseconds'],
    ['severity 0', rule({ severity: 0 }), 'a severity is not between 1 and 1000'],
    ['an unknown kind', withCondition({ kind: 'of-tomorrow' }), 'its kind of condition, "of-tomorrow"'],
    ['no terms', withCondition({ kind: 'all', terms: [], onDelayMs: 0, offDelayMs: 0 }), 'it has no terms'],
    [
      'no time',
      withCondition({ kind: 'stale', pointId: 'lel', afterMs: 0, severity: 1 }),
      'the time allowed',
    ],
    ['no time offline', withCondition({ kind: 'offline', afterMs: -1, severity: 1 }), 'the time allowed'],
    [
      'no values',
      withCondition({ kind: 'discrete', pointId: 'lel', alarmValues: [], onDelayMs: 0, offDelayMs: 0 }),
      'it names neither',
    ],
    [
      'normal values without a severity',
      withCondition({
        kind: 'discrete',
        pointId: 'lel',
        alarmValues: [],
        normal: [0],
        onDelayMs: 0,
        offDelayMs: 0,
      }),
      'normal values are given',
    ],
  ])('[AL29] for %s is a fault, and its neighbour works on', (_name, faulty, message) => {
    const { points } = device();
    const story = new Timeline(deviceWith([faulty, rule({ key: 'sound' })], { points }));
    expect(story.faults()).toMatchObject([
      { deviceId: 'd1', ruleKey: 'gas', messageEn: expect.stringContaining(message) as unknown },
    ]);
    story.at('1s').reading('lel', 30).expectAlarm({ rule: 'sound' });
  });

  it('[AL29] twice the same key: the first one counts', () => {
    const story = line({}, { limits: { H: 1 } });
    expect(story.faults()).toMatchObject([
      { deviceId: 'd1', ruleKey: 'gas', messageEn: 'the device has two rules of this key' },
    ]);
    story.at('1s').reading('lel', 10).expectNoAlarm();
  });

  it('[AL29] keeps the alarm that it had, with quality bad, and goes on with it when it is mended', () => {
    line({})
      .at('1s')
      .reading('lel', 30)
      .at('2s')
      .configure(device({ version: 2, limits: {} }))
      .expectHappened('raised', 'quality-changed')
      .expectAlarm({ state: 'UNACK', quality: 'bad' })
      .at('3s')
      .reading('lel', 1)
      .expectAlarm({ state: 'UNACK', quality: 'bad' })
      .acknowledge()
      .at('4s')
      .configure(device({ version: 3 }))
      .expectHappened('acknowledged', 'returned')
      .expectNoAlarm();
  });
});
