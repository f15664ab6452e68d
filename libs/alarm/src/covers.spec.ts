import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Command, type Rule } from './model.js';
import { type AnnunciationPolicy } from './policy.js';

const rule = (annunciation: Partial<AnnunciationPolicy> = {}, more: Partial<Rule> = {}): Rule => ({
  key: 'gas',
  version: 1,
  class: 'gas',
  title: { zh: '气', en: 'Gas' },
  latching: false,
  annunciation,
  condition: {
    kind: 'limit',
    pointId: 'lel',
    limits: [
      { level: 'H', limit: 25, severity: 700, deadband: 0 },
      { level: 'HH', limit: 50, severity: 900, deadband: 0 },
    ],
    onDelayMs: 0,
    offDelayMs: 0,
  },
  ...more,
});
const gas = (annunciation?: Partial<AnnunciationPolicy>, more?: Partial<Rule>): Timeline =>
  new Timeline(deviceWith([rule(annunciation, more)]));

type Act = Pick<Command, 'kind'> & Readonly<Record<string, unknown>>;
const onRule = (story: Timeline, act: Act, comment: string | null = 'because'): Timeline =>
  story.apply({
    kind: 'command',
    command: { deviceId: 'd1', ruleKey: 'gas', ...act } as unknown as Command,
    actor: 'operator',
    comment,
  });
const onAlarm = (story: Timeline, act: Act, comment: string | null = null): Timeline => {
  const { id, eventId } = story.alarm();
  return story.apply({
    kind: 'command',
    command: { alarmId: id, eventId, ...act } as unknown as Command,
    actor: 'operator',
    comment,
  });
};
const shelve = { kind: 'shelve', mode: 'timed', seconds: 600 } as const;
const once = { ...shelve, mode: 'oneShot' } as const;
const out = { kind: 'out-of-service', seconds: 600, compensatingMeasure: 'patrol' } as const;
const heard = (story: Timeline): string[] => story.all.map(({ annunciation }) => annunciation);

describe('shelving', () => {
  it('[AL49] ended by time is unacknowledged and announced, as a new occurrence of what was acknowledged', () => {
    const story = gas().at('1s').reading('lel', 30).acknowledge();
    const { eventId } = story.alarm();
    onAlarm(story, shelve, 'x').expectAlarm({
      state: 'SHLVD',
      acked: true,
      shelvedUntil: story.time('10m1s'),
    });
    story.expectNextDeadline('10m1s').at('10m1s').expectAlarm({ state: 'UNACK', ackedBy: null });
    story.expectHappened('raised', 'acknowledged', 'shelved', 'shelve-expired');
    expect(heard(story)).toEqual(['own', 'none', 'none', 'own']);
    expect(story.alarm().eventId).not.toBe(eventId);
  });

  it('[AL49] ended by hand is acknowledged by who ended it; what had returned is over', () => {
    const story = gas().at('1s').reading('lel', 30);
    onAlarm(story, shelve, 'x').at('2s').reading('lel', 1);
    story.expectAlarm({ state: 'SHLVD', active: false });
    onAlarm(story, { kind: 'unshelve' }).expectNoAlarm();
    expect(story.all.at(-1)).toMatchObject({
      type: 'unshelved',
      alarm: { state: 'NORM', ackedBy: 'operator' },
    });
  });

  it('[AL49] once ends with the present activation, or with the next', () => {
    const story = gas().at('1s');
    onRule(story, once).at('2s').reading('lel', 30).expectAlarm({ state: 'SHLVD', shelving: 'oneShot' });
    story.at('3s').reading('lel', 1).expectAlarm({ state: 'RTNUN', shelving: 'unshelved' });
    story.expectHappened('raised', 'returned', 'unshelved').expectNextDeadline(undefined);
    story.at('4s').reading('lel', 30).expectAlarm({ state: 'UNACK' });
  });

  it('[AL49] once never lasts longer than its time', () => {
    const story = gas().at('1s').reading('lel', 30);
    onAlarm(story, once, 'x').at('10m1s').expectAlarm({ state: 'UNACK', shelving: 'unshelved' });
  });

  it('[AL43] [AL49] outlives the alarm, and is quiet for the next one', () => {
    const story = gas().at('1s').reading('lel', 30).acknowledge();
    onAlarm(story, shelve, 'x').at('2s').reading('lel', 1).expectNoAlarm();
    story.at('3s').reading('lel', 60).expectAlarm({ state: 'SHLVD', active: true, acked: false });
    expect(heard(story).slice(3)).toEqual(['none', 'none']);
    story.at('10m1s').expectAlarm({ state: 'UNACK' });
    expect(story.all.at(-1)?.annunciation).toBe('own');
  });

  it('[AL43] during a pending delay: what it was for is not heard when the delay is over', () => {
    const delayed = rule({}, { condition: { ...rule().condition, onDelayMs: 10_000 } as Rule['condition'] });
    const story = new Timeline(deviceWith([delayed])).at('1s').reading('lel', 30);
    onRule(story, shelve).at('20s').expectAlarm({ state: 'SHLVD', active: true });
    expect(heard(story)).toEqual(['none']);
  });

  it.each([
    [{ ...shelve, seconds: 28_801 }, 'x', 'shelving_time_out_of_range'],
    [{ ...shelve, seconds: 0 }, 'x', 'shelving_time_out_of_range'],
    [{ ...shelve, seconds: 1.5 }, 'x', 'shelving_time_out_of_range'],
    [shelve, '  ', 'reason_required'],
    [shelve, null, 'reason_required'],
    [{ ...out, seconds: 604_801 }, 'x', 'service_time_out_of_range'],
    [{ ...out, compensatingMeasure: '' }, 'x', 'reason_required'],
    [{ ...shelve, ruleKey: 'none' }, 'x', 'rule_unknown'],
    [{ ...shelve, deviceId: 'none' }, 'x', 'device_unknown'],
    [{ kind: 'enable' as const }, 'x', 'already_enabled'],
  ] as const)('[AL49] [AL50] %j with the reason %j is refused %s', (act, reason, code) => {
    onRule(gas().at('1s'), act, reason).expectRefused(code);
  });

  it('[AL49] [AL50] lasts as long as its rule allows, each by its own limit', () => {
    onRule(gas().at('1s'), { ...shelve, seconds: 28_800 }).expectNextDeadline('8h1s');
    onRule(gas().at('1s'), { ...out, seconds: 604_800 }).expectNextDeadline('168h1s');
  });

  it('[AL51] for two people is refused to one, and to who agrees with themselves', () => {
    for (const act of [shelve, out, { kind: 'disable' as const }]) {
      const story = gas({ people: 2 }).at('1s');
      onRule(story, act).expectRefused('approval_required');
      onRule(story, { ...act, approvedBy: 'operator' }).expectRefused('approval_required');
      onRule(story, { ...act, approvedBy: 'chief' });
    }
  });

  it('[AL57] may be forbidden, or only for a time', () => {
    onRule(gas({ shelvable: false }).at('1s'), shelve).expectRefused('shelving_not_allowed');
    onRule(gas({ oneShot: false }).at('1s'), once).expectRefused('shelving_not_allowed');
  });
});

describe('out of service and disabled', () => {
  it('[AL50] ended by time is announced; by hand, what was not acknowledged', () => {
    const story = gas().at('1s').reading('lel', 30).acknowledge();
    onAlarm(story, out, 'x').expectAlarm({ state: 'OOSRV', outOfServiceUntil: story.time('10m1s') });
    onAlarm(story, { kind: 'in-service' }).expectAlarm({ state: 'ACKED' });
    onAlarm(story, out, 'x').at('20m').expectAlarm({ state: 'UNACK', outOfService: false });
    expect(story.all.at(-1)).toMatchObject({ type: 'service-due', annunciation: 'own' });
  });

  it('[AL53] a disabled rule has no alarm and judges nothing; enabled, it judges the last good value at once', () => {
    const story = gas().at('1s').reading('lel', 30);
    onRule(story, { kind: 'disable' }).expectNoAlarm().expectHappened('raised', 'disabled');
    expect(story.all.at(-1)?.alarm).toMatchObject({ state: 'NORM', ackedBy: null, retain: false });
    story.at('2s').reading('lel', 60).expectNoAlarm();
    onRule(story, shelve).expectRefused('condition_disabled');
    onRule(story, { kind: 'disable' }).expectRefused('already_disabled');
    expect(story.faults()).toEqual([]);
    onRule(story, { kind: 'enable' }).expectAlarm({ state: 'UNACK', level: 'HH' });
  });

  it('[AL53] a delay that was pending when the rule was disabled is over with it', () => {
    const delayed = rule({}, { condition: { ...rule().condition, onDelayMs: 10_000 } as Rule['condition'] });
    const story = new Timeline(deviceWith([delayed])).at('1s').reading('lel', 30);
    onRule(story, { kind: 'disable' }).at('30s').expectNoAlarm().expectNothingHappened();
    onRule(story, { kind: 'enable' }).expectNoAlarm().at('40s').expectAlarm({ state: 'UNACK' });
  });

  it('[AL56] a changed version takes over what lies over the rule', () => {
    const story = gas().at('1s').reading('lel', 30);
    onAlarm(story, shelve, 'x').configure(deviceWith([rule({}, { version: 2 })]));
    story
      .expectAlarm({ state: 'SHLVD' })
      .expectNextDeadline('10m1s')
      .at('11m')
      .expectAlarm({ state: 'UNACK' });
    onRule(story, { kind: 'disable' }).configure(deviceWith([rule({}, { version: 3 })]));
    story.reading('lel', 60).expectNoAlarm();
  });
});

describe('silence, confirmation, re-alarm', () => {
  it('[AL45] ends with its time, or with another alarm of the site', () => {
    const other = {
      ...rule(),
      key: 'temp',
      condition: { ...rule().condition, pointId: 'temp' } as Rule['condition'],
    };
    const story = new Timeline(deviceWith([rule(), other])).at('1s').reading('lel', 30);
    onAlarm(story, { kind: 'silence' }).expectAlarm({ state: 'UNACK', silencedUntil: story.time('2m1s') });
    story.at('2m1s').expectAlarm({ silencedUntil: null });
    expect(story.all.at(-1)).toMatchObject({ type: 'silence-ended', annunciation: 'own' });
    onAlarm(story, { kind: 'silence' }).at('2m5s').reading('temp', 30);
    expect(story.all.slice(-2)).toMatchObject([
      { type: 'raised', annunciation: 'own', alarm: { rule: 'temp' } },
      { type: 'silence-ended', annunciation: 'none', alarm: { rule: 'gas', silencedUntil: null } },
    ]);
  });

  it('[AL45] goes on when another site has an alarm', () => {
    const story = gas().at('1s').reading('lel', 30);
    onAlarm(story, { kind: 'silence' });
    const other = rule({}, { condition: { ...rule().condition, pointId: 'far' } as Rule['condition'] });
    story.configure(deviceWith([other], { deviceId: 'd2', siteId: 's2' })).reading('far', 30);
    story.expectHappened('raised', 'silenced', 'raised');
  });

  it('[AL44] an alarm that asks for it is held until it is confirmed', () => {
    const story = gas({ confirm: true }).at('1s').reading('lel', 30);
    onAlarm(story, { kind: 'confirm' }).expectRefused('invalid_state');
    story
      .acknowledge()
      .at('2s')
      .reading('lel', 1)
      .expectAlarm({ state: 'NORM', retain: true, confirmed: false });
    story.at('3s').reading('lel', 30).acknowledge().at('4s').reading('lel', 1);
    onAlarm(story, { kind: 'confirm' }).expectNoAlarm();
    story.expectHappened(
      'raised',
      'acknowledged',
      'returned',
      'reoccurred',
      'acknowledged',
      'returned',
      'confirmed',
    );
  });

  it('[AL47] what stays active is announced again, acknowledged or not, and waits under a cover', () => {
    const story = gas({ reAlarmSeconds: 60 }).at('1s').reading('lel', 30);
    const { eventId } = story.alarm();
    story.at('61s').expectAlarm({ state: 'UNACK', eventId, reAlarmCount: 1 }).acknowledge();
    story.at('2m1s').expectAlarm({ state: 'UNACK', reAlarmCount: 2 });
    expect(story.alarm().eventId).not.toBe(eventId);
    story.acknowledge();
    onAlarm(story, out, 'x').expectNextDeadline('12m1s');
    story.at('5m').expectAlarm({ state: 'OOSRV', reAlarmCount: 2 });
    onAlarm(story, { kind: 'in-service' }).at('5m1s').expectAlarm({ state: 'UNACK', reAlarmCount: 3 });
    story.reading('lel', 1).expectNextDeadline(undefined);
  });

  it('an acknowledgement is withdrawn: the old event id acknowledges nothing any more', () => {
    const story = gas().at('1s').reading('lel', 30).acknowledge();
    const { eventId } = story.alarm();
    onAlarm(story, { kind: 'withdraw-acknowledgement' }).expectAlarm({ state: 'UNACK', ackedBy: null });
    story.acknowledge(eventId).expectRefused('event_id_unknown');
  });

  it('[AL48] a restart says again what nobody has acknowledged, with its event id', () => {
    const story = gas().at('1s').reading('lel', 30);
    const { eventId } = story.alarm();
    story.at('2s').serverStarts().expectHappened('raised');
    story
      .apply({ kind: 'start', restate: true })
      .expectAlarm({ state: 'UNACK', eventId, restatedAt: story.time('2s') });
    expect(story.all.at(-1)).toMatchObject({ type: 'restated', annunciation: 'own' });
    story.acknowledge().expectAlarm({ restatedAt: null });
    story.apply({ kind: 'start', restate: true }).expectHappened('restated', 'acknowledged');
  });
});

describe('older occurrences', () => {
  it('[AL46] of a strict rule are kept until each is acknowledged by its own event id', () => {
    const story = gas({ strict: true }).at('1s').reading('lel', 30).at('2s').reading('lel', 1);
    const first = story.alarm().eventId;
    story.at('3s').reading('lel', 60).at('4s').reading('lel', 1);
    const second = story.alarm().eventId;
    expect(story.alarm().olderOccurrences).toMatchObject([
      { eventId: first, level: 'H', raisedAt: story.time('1s') },
    ]);
    story
      .acknowledge(second)
      .expectAlarm({ state: 'RTNUN', eventId: first, level: 'H', olderOccurrences: [] });
    story.acknowledge(first).expectNoAlarm();
  });

  it('[AL46] are acknowledged one by one', () => {
    const story = gas({ strict: true });
    const [first = '', second = ''] = [1, 3, 5].map((second) => {
      story.at(`${second}s`).reading('lel', 30);
      const { eventId } = story.alarm();
      story.at(`${second + 1}s`).reading('lel', 1);
      return eventId;
    });
    story.acknowledge(second);
    expect(story.alarm().olderOccurrences.map(({ eventId }) => eventId)).toEqual([first]);
  });

  it('[AL46] are acknowledged beside the present one, which stays as it is', () => {
    const story = gas({ strict: true }).at('1s').reading('lel', 30).at('2s').reading('lel', 1);
    const first = story.alarm().eventId;
    story
      .at('3s')
      .reading('lel', 30)
      .acknowledge(first)
      .expectAlarm({ state: 'UNACK', olderOccurrences: [] });
    story.acknowledge(first).expectRefused('event_id_unknown');
  });
});

describe('many that come back at one time', () => {
  it('[AL52] are one announcement for less than 10 s', () => {
    const rules = ['a', 'b', 'c'].map((key) =>
      rule({}, { key, condition: { ...rule().condition, pointId: key } as Rule['condition'] }),
    );
    const story = new Timeline(deviceWith(rules)).at('1s');
    for (const key of ['a', 'b', 'c']) story.reading(key, 30);
    onRule(story, { ...shelve, ruleKey: 'a' });
    onRule(story, { ...shelve, ruleKey: 'b', seconds: 609 });
    onRule(story, { ...shelve, ruleKey: 'c', seconds: 610 });
    // Each as of its own time: what is due in one record is told as of that record.
    for (const time of ['10m1s', '10m10s', '10m11s']) story.at(time).apply({ kind: 'tick' });
    expect(story.all.slice(-3).map(({ annunciation }) => annunciation)).toEqual(['own', 'joined', 'own']);
  });

  it('[AL52] are one announcement, unless one is more severe or of the top class', () => {
    const keys = ['a', 'b', 'c', 'd'];
    const rules = keys.map((key) =>
      rule(key === 'd' ? { exempt: true } : {}, {
        key,
        condition: { ...rule().condition, pointId: key } as Rule['condition'],
      }),
    );
    const story = new Timeline(deviceWith(rules)).at('1s');
    for (const key of keys) story.reading(key, key === 'c' ? 60 : 30);
    for (const ruleKey of keys) onRule(story, { ...shelve, ruleKey });
    story.at('20m').apply({ kind: 'tick' });
    expect(story.all.slice(-4).map(({ alarm, annunciation }) => [alarm.rule, annunciation])).toEqual([
      ['a', 'own'],
      ['b', 'joined'],
      ['c', 'own'],
      ['d', 'own'],
    ]);
  });
});
