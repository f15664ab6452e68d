import { describe, expect, it } from '@jest/globals';
import {
  type AlarmAct,
  alarmHistory,
  deviceWith,
  engineInputOf,
  Timeline,
  TIMELINE_START,
} from '@watchfire/testing';
import fc from 'fast-check';
import { announcementOf } from './announcement.js';
import { AlarmEngine } from './engine.js';
import { FloodTally, type HeardAlarm } from './flood-tally.js';
import { isAboutFlood } from './floods.js';
import {
  type DeviceConfiguration,
  type EngineRecord,
  type LoadLimits,
  type PointValue,
  type Rule,
  type Transition,
} from './model.js';
import { NuisanceFold } from './nuisance.js';
import { type EngineSnapshot } from './snapshot.js';

const MINUTE = 60_000;
const LIMITS: LoadLimits = {
  floodBegin: 4,
  floodEnd: 2,
  floodWindowMs: 10 * MINUTE,
  chatteringCount: 3,
  chatteringWithinMs: MINUTE,
  fleetingMs: 30_000,
};

function rule(key: string, pointId: string, over: Partial<Rule> = {}): Rule {
  return {
    key,
    version: 1,
    class: 'gas',
    title: { zh: '浓度高', en: 'High' },
    latching: false,
    condition: {
      kind: 'limit',
      pointId,
      limits: [{ level: 'H', limit: 10, severity: 700, deadband: 0 }],
      onDelayMs: 0,
      offDelayMs: 0,
    },
    ...over,
  };
}

const points = Array.from({ length: 8 }, (_, index) => `p${index}`);
const device = (over: Partial<DeviceConfiguration> = {}): DeviceConfiguration =>
  deviceWith(
    points.map((pointId) => rule(`high-${pointId}`, pointId)),
    over,
  );

/** Every step is taken by an engine that was restored just before as well: see Timeline. */
class Story extends Timeline {
  constructor(over: Partial<DeviceConfiguration> = {}, limits: LoadLimits = LIMITS) {
    super(device(over));
    this.apply({ kind: 'start', load: limits });
  }

  raise(time: string, pointId: string): this {
    return this.at(time).reading(pointId, 20);
  }

  goBack(time: string, pointId: string): this {
    return this.at(time).reading(pointId, 1);
  }

  acknowledgeRule(key: string): this {
    const { id: alarmId, eventId } = this.alarm(key);
    return this.apply({
      kind: 'command',
      actor: 'li',
      comment: null,
      command: { kind: 'acknowledge', alarmId, eventId },
    });
  }

  /** What the floods' own alarms did: site or centre, what, and when. */
  get told(): readonly string[] {
    return this.all
      .filter(({ alarm }) => isAboutFlood(alarm))
      .map(({ type, at, alarm }) => `${alarm.siteId || 'centre'} ${type} ${(at - TIMELINE_START) / MINUTE}`);
  }

  flood(siteId: string): Transition | undefined {
    return this.all.findLast(({ alarm }) => isAboutFlood(alarm) && alarm.siteId === siteId);
  }
}

describe('floods while they happen', () => {
  it('[AL137] begin with the announcement that makes them one, and end when too few are left, for the site and for the centre', () => {
    const story = new Story().raise('0m', 'p0').raise('2m', 'p1').raise('4m', 'p2');
    expect(story.told).toEqual([]);
    story
      .raise('6m', 'p3')
      .raise('7m', 'p4')
      .at('16m')
      .expectNextDeadline('16m1ms')
      .at('30m')
      .reading('p0', 20);
    expect(story.told).toEqual(['s1 raised 6', 'centre raised 6', 'centre returned 30', 's1 returned 30']);
    expect(story.flood('s1')?.alarm).toMatchObject({
      class: 'system',
      rule: 'alarm-flood',
      raisedAt: story.time('6m'),
      clearedAt: story.time('16m'),
      state: 'RTNUN',
    });
  });

  it('[AL137] the first is out of the window by then: no flood', () => {
    const story = new Story().raise('0m', 'p0').raise('4m', 'p1').raise('6m', 'p2').raise('10m', 'p3');
    expect(story.told).toEqual([]);
  });

  it('[AL137] what is announced after the end is no part of it, although nothing came by which the end was known', () => {
    const story = new Story();
    const { condition } = rule('slow', 'p7');
    const slow = rule('slow', 'p7', {
      condition: { ...condition, onDelayMs: 9 * MINUTE } as Rule['condition'],
    });
    story.configure(device({ rules: [...device().rules.filter(({ key }) => key !== 'high-p7'), slow] }));
    for (const pointId of ['p0', 'p1', 'p2', 'p3']) story.raise('6m', pointId);
    // Due at 15m30s, while the flood lasts; told at 30m, as is everything that comes then.
    story.raise('6m30s', 'p7').raise('30m', 'p4');
    expect(story.flood('s1')?.alarm.flood).toMatchObject({ to: story.time('16m'), announced: 4 });
    expect(story.all.filter(({ alarm }) => alarm.rule === 'slow')).toMatchObject([{ at: story.time('30m') }]);
  });

  it('[AL138] a summary at the end says how many of what, who most, what came first and how fast', () => {
    const story = new Story().raise('1m', 'p0').raise('2m', 'p1').raise('2m', 'p2');
    story.raise('2m10s', 'p3').goBack('2m20s', 'p1').raise('2m30s', 'p1').at('20m').reading('p0', 20);
    const { alarm } = story.flood('')!;
    expect(alarm.flood).toMatchObject({
      from: story.time('2m10s'),
      to: story.time('12m10s'),
      announced: 5,
      byClass: { gas: 5 },
      bySeverity: { 700: 5 },
      sources: 4,
      firstOut: { deviceId: 'd1', rule: 'high-p0', at: story.time('1m') },
      peakPerMinute: 4,
      peakAt: story.time('2m'),
    });
    expect(alarm.flood?.top.map(({ rule: key, announced }) => [key, announced])).toEqual([
      ['high-p1', 2],
      ['high-p0', 1],
      ['high-p2', 1],
      ['high-p3', 1],
    ]);
    expect(alarm.messageEn).toBe(
      'Alarm flood is over: 5 alarms in 10 min, at most 4 in a minute; first: Site 1 Detector 1 High, high (H): 20 ≥ 10',
    );
  });

  it('[AL138] a flood of a whole city does not fill the memory: all is counted, and the first 10 000 sources are told apart', () => {
    const heard = (n: number): HeardAlarm => ({
      at: TIMELINE_START,
      alarmId: `A${n}-0`,
      severity: 700,
      deviceId: `d${n}`,
      deviceName: '',
      siteId: 's1',
      siteName: '',
      rule: 'high',
      class: 'gas',
      message: '',
      messageEn: '',
    });
    const tally = FloodTally.begin([heard(0)])!;
    for (let n = 1; n <= 10_010; n++) tally.add(heard(n));
    tally.add(heard(5));
    const { announced, sources, top } = tally.summary(null);
    expect([announced, sources, top[0]?.deviceId]).toEqual([10_012, 10_000, 'd5']);
  });

  it('[AL139] drills, what is quiet, and floods themselves are not counted', () => {
    const drill = new Story({ drill: true });
    for (const pointId of points) drill.raise('1m', pointId);
    expect(drill.told).toEqual([]);
    const quiet = new Story().raise('0m', 'p0');
    quiet.apply({
      kind: 'command',
      actor: 'operator',
      comment: 'work',
      command: { kind: 'shelve', mode: 'timed', seconds: 3_600, deviceId: 'd1', ruleKey: 'high-p1' },
    });
    quiet.raise('1m', 'p1').raise('1m', 'p2').raise('1m', 'p3');
    expect(quiet.told).toEqual([]);
    // The fourth; that of the site and that of the centre are no fifth and sixth.
    quiet.raise('1m', 'p4').at('30m').reading('p0', 20);
    expect(quiet.flood('s1')?.alarm.flood?.announced).toBe(4);
  });

  it('[AL139] whoever withdraws an acknowledgement has not begun the flood', () => {
    const story = new Story()
      .raise('0m', 'p0')
      .acknowledge(undefined, 'li')
      .raise('1m', 'p1')
      .raise('1m', 'p2');
    const alarm = story.alarm('high-p0');
    story.apply({
      kind: 'command',
      actor: 'li',
      comment: null,
      command: { kind: 'withdraw-acknowledgement', alarmId: alarm.id, eventId: alarm.eventId },
    });
    expect(story.flood('s1')).toMatchObject({ type: 'raised', actor: 'system', comment: null });
  });

  it('[AL140] is an alarm like any other: acknowledged, shelved, and back with the next flood', () => {
    const story = new Story();
    for (const pointId of ['p0', 'p1', 'p2', 'p3']) story.raise('1m', pointId);
    const { alarm } = story.flood('s1')!;
    const command = { kind: 'acknowledge', alarmId: alarm.id, eventId: alarm.eventId } as const;
    story.apply({ kind: 'command', actor: 'li', comment: null, command });
    expect(story.flood('s1')?.alarm).toMatchObject({ state: 'ACKED', ackedBy: 'li' });
    story.at('12m').goBack('12m', 'p0').goBack('12m', 'p1').goBack('12m', 'p2').goBack('12m', 'p3');
    expect(story.flood('s1')?.alarm.state).toBe('NORM');
    for (const pointId of ['p0', 'p1', 'p2', 'p3']) story.raise('13m', pointId);
    expect(story.flood('s1')).toMatchObject({ type: 'raised', alarm: { state: 'UNACK' } });
    expect(story.flood('s1')?.alarmId).not.toBe(alarm.id);
    // Nobody has acknowledged that of the centre.
    const centre = story.flood('')!;
    expect(centre).toMatchObject({ type: 'reoccurred', alarm: { state: 'UNACK' } });
    const shelve = { kind: 'shelve', mode: 'timed', seconds: 60, alarmId: centre.alarmId } as const;
    story.apply({ kind: 'command', actor: 'li', comment: 'known', command: shelve });
    expect(story.flood('')?.alarm.state).toBe('SHLVD');
    story.at('20m').reading('p7', 1);
    expect(story.flood('')).toMatchObject({ type: 'shelve-expired', annunciation: 'own' });
  });

  it('[AL136] nothing is found before the journal says what to look for', () => {
    const timeline = new Timeline(device());
    for (const pointId of points) timeline.at('1m').reading(pointId, 20);
    expect(timeline.all).toHaveLength(points.length);
    expect(timeline.all.some(({ alarm }) => 'chattering' in alarm || 'fleeting' in alarm)).toBe(false);
  });
});

describe('alarms that nobody can act on', () => {
  it('[AL141] chattering is marked with the third in a minute, counts on, and ends with one that comes later', () => {
    const story = new Story();
    const marks = (): unknown[] =>
      story.all.filter(({ alarm }) => !isAboutFlood(alarm)).map(({ alarm }) => alarm.chattering ?? 0);
    story.raise('0s', 'p0').goBack('10s', 'p0').raise('20s', 'p0').goBack('30s', 'p0').raise('60s', 'p0');
    expect(marks()).toEqual([0, 0, 0, 0, 3]);
    story.goBack('61s', 'p0').raise('70s', 'p0').raise('70s', 'p1');
    expect(marks().slice(5)).toEqual([3, 4, 0]);
    story.acknowledgeRule('high-p0');
    expect(story.alarm('high-p0').chattering).toBe(4);
    story.goBack('80s', 'p0').raise('200s', 'p0');
    expect(marks().at(-1)).toBe(0);
  });

  it('[AL141] fleeting is back in less than half a minute, until it comes again', () => {
    const story = new Story().raise('0s', 'p0').goBack('29.999s', 'p0');
    expect(story.alarm()).toMatchObject({ state: 'RTNUN', fleeting: true });
    story.raise('40s', 'p0');
    expect(story.alarm().fleeting).toBeUndefined();
    story.goBack('70s', 'p0');
    expect(story.alarm().fleeting).toBeUndefined();
  });
});

/** By the definitions, looked up in the whole list again and again. */
function naiveFloods(
  times: readonly number[],
  limits: LoadLimits,
  until: number,
): (readonly [number, number | null])[] {
  const floods: [number, number | null][] = [];
  const { floodBegin, floodEnd, floodWindowMs } = limits;
  /** Announced in `(t - window, t]`, of the first `known`. */
  const inWindow = (t: number, known: number): number =>
    times.slice(0, known).filter((time) => time > t - floodWindowMs && time <= t).length;
  let from: number | undefined;
  for (let index = 0; index <= times.length; index++) {
    const next = times[index] ?? until + 1;
    if (from !== undefined) {
      // The window only becomes emptier when one falls out of it.
      const moments = times.slice(0, index).map((time) => time + floodWindowMs);
      const over = moments.find((t) => t >= from! && t < next && inWindow(t, index) < floodEnd);
      if (over !== undefined) {
        floods.push([from, over]);
        from = undefined;
      }
    }
    if (index < times.length && from === undefined && inWindow(next, index + 1) >= floodBegin) from = next;
  }
  if (from !== undefined) floods.push([from, null]);
  return floods;
}

const TIGHT: LoadLimits = {
  floodBegin: 4,
  floodEnd: 3,
  floodWindowMs: 40_000,
  chatteringCount: 3,
  chatteringWithinMs: 25_000,
  fleetingMs: 5_000,
};

const throughJson = (snapshot: EngineSnapshot): EngineSnapshot =>
  JSON.parse(JSON.stringify(snapshot)) as EngineSnapshot;

interface Run {
  readonly engine: AlarmEngine;
  readonly transitions: readonly Transition[];
  readonly now: number;
}

function run(acts: readonly (readonly [number, AlarmAct])[], restarts = false): Run {
  let engine = AlarmEngine.create();
  const transitions: Transition[] = [];
  let now = TIMELINE_START;
  let offset = 0;
  const apply = (record: EngineRecord): void => {
    if (restarts) engine = AlarmEngine.restore(throughJson(engine.snapshot()));
    transitions.push(...engine.apply(record).transitions);
  };
  apply({ offset: ++offset, at: now, input: { kind: 'start', load: TIGHT } });
  for (const [stepMs, act] of acts) {
    now += stepMs;
    apply({ offset: ++offset, at: now, input: engineInputOf(act, now, [...engine.alarms()], new Map()) });
  }
  return { engine, transitions, now };
}

describe('the load, whatever happens', () => {
  it('[AL137] floods are those of the definition, in every place', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        const { engine, transitions, now } = run(acts);
        const counted = transitions.filter(
          (transition) =>
            announcementOf(transition) === 'new' &&
            transition.annunciation !== 'joined' &&
            !transition.alarm.drill &&
            !isAboutFlood(transition.alarm),
        );
        const expected = naiveFloods(
          counted.map(({ at }) => at),
          TIGHT,
          now,
        );
        for (const siteId of ['s1', '']) {
          const found = engine.floods().filter((flood) => flood.siteId === siteId);
          const spans = found.map(({ flood: { from, to } }) => [from, to]).reverse();
          // One that ends at this very moment may go on with what comes in it.
          expect(spans).toEqual(expected.map(([from, to]) => [from, to === now ? null : to]));
          const own = transitions.filter(({ alarm }) => isAboutFlood(alarm) && alarm.siteId === siteId);
          const begins = own.filter(({ type }) => type === 'raised' || type === 'reoccurred');
          expect(begins.map(({ at }) => at)).toEqual(expected.map(([from]) => from));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[AL136] a restart at every step changes no floods and no marks', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        const whole = run(acts);
        const restarted = run(acts, true);
        expect(restarted.transitions).toEqual(whole.transitions);
        expect(restarted.engine.floods()).toEqual(whole.engine.floods());
        expect(JSON.stringify(restarted.engine.snapshot())).toBe(JSON.stringify(whole.engine.snapshot()));
        expect(restarted.engine.nextDeadline()).toBe(whole.engine.nextDeadline());
      }),
      { numRuns: 100 },
    );
  });

  it('[AL141] the marks agree with the figures of nuisance', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        const folds = new Map<string, NuisanceFold>();
        for (const transition of run(acts).transitions) {
          const { alarm } = transition;
          if (isAboutFlood(alarm)) continue;
          const key = `${alarm.deviceId} ${alarm.rule}`;
          const fold = folds.get(key) ?? new NuisanceFold(TIGHT);
          folds.set(key, fold);
          const before = fold.figures;
          fold.add({ ...transition, eventId: announcementOf(transition) === 'new' ? alarm.eventId : '' });
          const after = fold.figures;
          if (announcementOf(transition) === 'new') {
            expect((alarm.chattering ?? 0) > 0).toBe(after.chattering > before.chattering);
          }
          if (after.fleeting > before.fleeting)
            expect(alarm.fleeting).toBe(!alarm.suppressedOrShelved || undefined);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[AL136] what is remembered of alarms that are over is forgotten', () => {
    const engine = AlarmEngine.create();
    let offset = 0;
    const apply = (at: number, input: EngineRecord['input']): void => {
      engine.apply({ offset: ++offset, at: TIMELINE_START + at, input });
    };
    apply(0, { kind: 'start', load: LIMITS });
    apply(0, { kind: 'configure', device: device() });
    const read = (at: number, value: PointValue): void => {
      const samples = [{ pointId: 'p0', value, quality: 'good' } as const];
      const receivedAt = TIMELINE_START + at;
      apply(at, { kind: 'reading', deviceId: 'd1', receivedAt, ts: receivedAt, historical: false, samples });
    };
    read(1_000, 20);
    read(2_000, 1);
    expect(engine.snapshot().load).toMatchObject({
      marks: [expect.anything()],
      floods: { scopes: [{}, {}] },
    });
    apply(20 * MINUTE, { kind: 'tick' });
    expect(engine.snapshot().load).toMatchObject({ marks: [], floods: { scopes: [] } });
  });
});
