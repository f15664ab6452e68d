import { describe, expect, it } from '@jest/globals';
import { type AlarmAct, alarmHistory, deviceWith, engineInputOf, TIMELINE_START } from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import { EXPOSURE_KINDS, type DeviceExposure, type ExposureKind } from './exposure.js';
import { type Command, type DeviceConfiguration, type EngineInput, type Rule } from './model.js';
import { pointsOf, subjectsOf } from './new-watch.js';
import { idsOfAgain } from './occurrences.js';
import { type Overlay } from './overlay.js';
import { type EngineSnapshot } from './snapshot.js';

const SAFETY = new Set(['gas', 'process']);
const SECOND = 1_000;

function engineAfter(acts: readonly (readonly [number, AlarmAct])[]): AlarmEngine {
  const engine = AlarmEngine.create();
  const firstEventIds = new Map<string, string>();
  let now = TIMELINE_START;
  for (const [index, [stepMs, act]] of acts.entries()) {
    now += stepMs;
    const input = engineInputOf(act, now, [...engine.alarms()], firstEventIds);
    for (const { alarm } of engine.apply({ offset: index + 1, at: now, input }).transitions) {
      if (!firstEventIds.has(alarm.id)) firstEventIds.set(alarm.id, alarm.eventId);
    }
  }
  return engine;
}

/** What people do to a rule of a device. */
const ruleAct: fc.Arbitrary<AlarmAct> = fc
  .record({
    deviceId: fc.constantFrom('d1', 'd2'),
    ruleKey: fc.constantFrom('r0', 'r1'),
    kind: fc.constantFrom<'shelve' | 'out' | 'disable' | 'enable'>('shelve', 'out', 'disable', 'enable'),
  })
  .map(({ kind, ...rule }): AlarmAct => {
    const commands: Record<typeof kind, Command> = {
      shelve: { kind: 'shelve', mode: 'timed', seconds: 60, ...rule },
      out: { kind: 'out-of-service', seconds: 90, compensatingMeasure: 'patrol', ...rule },
      disable: { kind: 'disable', ...rule },
      enable: { kind: 'enable', ...rule },
    };
    return {
      kind: 'input',
      input: { kind: 'command', command: commands[kind], actor: 'li', comment: 'why' },
    };
  });
const history = fc
  .tuple(alarmHistory, fc.array(fc.tuple(fc.nat(40), ruleAct), { maxLength: 6 }))
  .map(([acts, more]) => {
    const all = [...acts];
    for (const [position, act] of more) all.splice(2 + (position % all.length), 0, [1_000, act]);
    return all;
  });

const throughJson = (snapshot: EngineSnapshot): EngineSnapshot =>
  JSON.parse(JSON.stringify(snapshot)) as EngineSnapshot;
const exposed = (engine: AlarmEngine): readonly DeviceExposure[] => [...engine.exposure(SAFETY)];

/** Why each point is blind, looked up in what the engine publishes: its snapshot, its alarms, its faults. */
function bruteForce(engine: AlarmEngine, device: DeviceConfiguration): Map<string, ExposureKind> {
  const state = engine
    .snapshot()
    .lanes.flatMap(({ devices }) => devices)
    .find(
      ({ configuration }) =>
        ('own' in configuration ? configuration.own : configuration).deviceId === device.deviceId,
    )!;
  const isActive = (kind: Rule['condition']['kind']): boolean =>
    [...engine.alarms()].some(
      ({ deviceId, rule, active }) =>
        active &&
        deviceId === device.deviceId &&
        device.rules.some(({ key, condition }) => key === rule && condition.kind === kind),
    );
  const rulesWith = (has: (key: string) => boolean): readonly string[] =>
    device.rules.flatMap((rule) => (has(rule.key) ? pointsOf(rule) : []));
  const overlayOf = (key: string): Partial<Overlay> =>
    state.watches.find(({ rule }) => rule === key)?.overlay ?? {};
  const told = new Set(
    (state.faultAlarms ?? []).flatMap(({ rule, filter: [on, , deadline] }) =>
      // What enables a rule and cannot be evaluated leaves it as if it were enabled: it sees as ever. [AL85]
      (on || deadline !== null) && !rule.title.en.includes('what enables it')
        ? rule.key.slice('rule-fault:'.length)
        : [],
    ),
  );
  const causes: Partial<Record<ExposureKind, readonly string[]>> = {
    disabled: rulesWith((key) => (overlayOf(key).disabled ?? null) !== null),
    fault: rulesWith((key) => told.has(key)),
    'out-of-service': rulesWith((key) => (overlayOf(key).outOfService ?? null) !== null),
    suppressed: rulesWith((key) => (overlayOf(key).suppressionReasons ?? []).length > 0),
    shelved: rulesWith((key) => (overlayOf(key).shelving ?? null) !== null),
  };
  const blind = new Map<string, ExposureKind>();
  const subjects = new Set(device.rules.flatMap(subjectsOf));
  const beside = new Set(device.rules.flatMap(idsOfAgain).filter((pointId) => !subjects.has(pointId)));
  const isSilent = state.points.every(([, , , ts]) => ts === null);
  for (const [pointId, quality, , ts] of state.points) {
    if (ts === null && (isSilent || !beside.has(pointId))) blind.set(pointId, 'never-reported');
    else if (state.connected === false || isActive('offline')) blind.set(pointId, 'offline');
    else if (ts !== null && (quality === 'bad' || quality === 'stale')) blind.set(pointId, quality);
    else if (isActive('clock')) blind.set(pointId, 'clock');
    else if (isActive('flapping')) blind.set(pointId, 'flapping');
    else {
      const kind = EXPOSURE_KINDS.find((one) => causes[one]?.includes(pointId));
      if (kind !== undefined) blind.set(pointId, kind);
    }
  }
  return blind;
}

/** A device with two points of a safety class each, and every rule about itself; one step a second. */
class Story {
  readonly engine = AlarmEngine.create();
  #offset = 0;
  #now = TIMELINE_START;

  constructor(rules: readonly Rule[]) {
    this.apply({ kind: 'configure', device: deviceWith(rules) });
  }

  apply(input: EngineInput, afterMs = SECOND): this {
    this.#now += this.#offset === 0 ? 0 : afterMs;
    this.#offset += 1;
    this.engine.apply({ offset: this.#offset, at: this.#now, input });
    return this;
  }

  reading(pointId: string, value: number, quality: 'good' | 'bad' = 'good', deviceTime?: number): this {
    const at = this.#now + SECOND;
    return this.apply({
      kind: 'reading',
      deviceId: 'd1',
      receivedAt: at,
      ts: at,
      ...(deviceTime === undefined ? {} : { deviceTime: at + deviceTime }),
      historical: false,
      samples: [{ pointId, value, quality }],
    });
  }

  connection(connected: boolean, reason = 'test'): this {
    return this.apply({ kind: 'connection', deviceId: 'd1', connected, reason });
  }

  get exposure(): DeviceExposure {
    return exposed(this.engine)[0]!;
  }

  get entries(): readonly string[] {
    return this.exposure.exposures.map(({ kind, pointId, points }) => `${kind} ${pointId ?? '*'} ${points}`);
  }
}

const rule = (key: string, signalClass: string, condition: Rule['condition']): Rule => ({
  key,
  version: 1,
  class: signalClass,
  title: { zh: key, en: key },
  latching: false,
  condition,
});
const limit = (pointId: string): Rule['condition'] => ({
  kind: 'limit',
  pointId,
  limits: [{ level: 'H', limit: 10, severity: 700, deadband: 0 }],
  onDelayMs: 0,
  offDelayMs: 0,
});
const RULES = [
  rule('gas', 'gas', limit('p1')),
  rule('level', 'supervisory', limit('p2')),
  rule('silent', 'trouble', { kind: 'stale', pointId: 'p1', afterMs: 30 * SECOND, severity: 300 }),
  rule('link', 'link', { kind: 'offline', afterMs: 20 * SECOND, severity: 300 }),
  rule('clock', 'trouble', { kind: 'clock', limitMs: SECOND, windowMs: 10 * SECOND, severity: 300 }),
  rule('flaps', 'link', { kind: 'flapping', count: 2, windowMs: 20 * SECOND, severity: 300 }),
];

describe('exposure', () => {
  it('[EX2] [EX3] is what the state of each point says, whatever happened', () => {
    fc.assert(
      fc.property(history, (acts) => {
        const engine = engineAfter(acts);
        for (const { device, byKind, points, exposures } of exposed(engine)) {
          const blind = bruteForce(engine, device);
          const expected: Partial<Record<ExposureKind, number>> = {};
          for (const kind of blind.values()) expected[kind] = (expected[kind] ?? 0) + 1;
          expect(byKind).toEqual(expected);
          expect(points).toBe(device.points.length);
          for (const kind of blind.values()) expect(exposures.map((one) => one.kind)).toContain(kind);
          expect(exposures.every(({ points: count }) => count <= points)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('[EX1] is the same after a restart at any time', () => {
    fc.assert(
      fc.property(history, (acts) => {
        const engine = engineAfter(acts);
        const byId = (list: readonly DeviceExposure[]) =>
          list.toSorted((a, b) => (a.device.deviceId < b.device.deviceId ? -1 : 1));
        expect(byId(exposed(AlarmEngine.restore(throughJson(engine.snapshot()))))).toEqual(
          byId(exposed(engine)),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('[EX4] [AL146] a number that only tells occurrences apart leaves nothing unwatched while it never comes', () => {
    const [first] = RULES;
    const again = { countId: 'count' };
    const condition = { kind: 'discrete', pointId: 'fire', alarmValues: [], normal: [0] } as const;
    const delays = { offNormalSeverity: 500, onDelayMs: 0, offDelayMs: 0 };
    const fire: Rule = { ...first!, class: 'gas', condition: { ...condition, ...delays, again } };
    const story = new Story([fire]).reading('fire', 0);
    expect([story.entries, story.exposure.safetyPoints]).toEqual([[], 1]);
    expect(new Story([fire]).reading('count', 0).entries).toEqual(['never-reported fire 1']);
  });

  it('[EX11] whether a guard is there is not missing before anybody was asked, and not old after the link was down', () => {
    const [first, second] = RULES;
    const guard: Rule = { ...second!, key: 'guard', class: 'guard', condition: limit('asked') };
    expect(new Story([first!, guard]).entries).toEqual(['never-reported * 2']);
    const story = new Story([...RULES, guard]).connection(true).reading('p1', 1).reading('p2', 1);
    expect(story.entries).toEqual([]);
    expect(story.reading('asked', 20).connection(false).entries).toEqual(['offline * 3']);
    story.apply({ kind: 'tick' }, 60 * SECOND);
    expect(story.connection(true).entries).toEqual(['stale p1 1', 'stale p2 1']);
    const both = new Story([first!, guard, { ...second!, condition: limit('asked') }]).reading('p1', 1);
    expect(both.entries).toEqual(['never-reported asked 1']);
  });

  it('[EX4] a device of which nothing ever came is one entry, later each missing point is one', () => {
    const story = new Story(RULES);
    expect(story.entries).toEqual(['never-reported * 2']);
    expect(story.exposure.exposures[0]).toMatchObject({ since: TIMELINE_START, safety: true });
    story.reading('p1', 1);
    expect(story.entries).toEqual(['never-reported p2 1']);
    expect(story.reading('p2', 1).entries).toEqual([]);
    expect(story.exposure).toMatchObject({
      points: 2,
      safetyPoints: 1,
      byKind: {},
      blindSafetyPoints: 0,
    });
  });

  it('[EX4] [EX5] [EX8] a link that is down is one entry at once, since the disconnection', () => {
    const story = new Story(RULES).connection(true).reading('p1', 1).reading('p2', 1).connection(false);
    expect(story.entries).toEqual(['offline * 2']);
    expect(story.exposure.exposures[0]).toMatchObject({ since: TIMELINE_START + 4 * SECOND });
    expect(story.exposure).toMatchObject({ byKind: { offline: 2 }, blindSafetyPoints: 1 });
    story.apply({ kind: 'tick' }, 60 * SECOND);
    expect(story.entries).toEqual(['offline * 2']);
    // What came before is not confirmed until each value has come again.
    expect(story.connection(true).entries).toEqual(['stale p1 1', 'stale p2 1']);
  });

  it('[EX2] [EX6] a bad value blinds the rules that read it, and not the rule that finds silence', () => {
    const story = new Story(RULES).reading('p1', 1).reading('p2', 1).reading('p1', 1, 'bad');
    expect(story.entries).toEqual(['bad p1 1']);
    const [entry] = story.exposure.exposures;
    expect(entry).toMatchObject({ safety: true, since: TIMELINE_START + SECOND });
    expect(entry!.rules.map(({ key }) => key)).toEqual(['gas']);
    expect(story.reading('p2', 1, 'bad').exposure.exposures[1]).toMatchObject({ safety: false });
  });

  it('[EX2] a wrong clock and a link that flaps cast doubt on all points of the device', () => {
    const story = new Story(RULES).reading('p1', 1).reading('p2', 1, 'good', 90 * SECOND);
    expect(story.entries).toEqual(['clock * 2']);
    expect(story.exposure.blindSafetyPoints).toBe(1);
    const link = new Story(RULES).reading('p1', 1).reading('p2', 1).connection(true);
    link.connection(true, 'taken_over').connection(true, 'taken_over');
    expect(link.entries).toEqual(['flapping * 2']);
  });

  it('[EX2] [EX7] a rule at fault blinds the point that it was to read', () => {
    const wrong = rule('gas', 'gas', { ...limit('p1'), limits: [] } as Rule['condition']);
    const story = new Story([wrong, rule('level', 'supervisory', limit('p2'))])
      .reading('p1', 1)
      .reading('p2', 1);
    expect(story.entries).toEqual(['fault p1 1']);
    expect(story.exposure).toMatchObject({
      safetyPoints: 1,
      blindSafetyPoints: 1,
      byKind: { fault: 1 },
    });
    expect(story.exposure.exposures[0]).toMatchObject({
      ruleKey: 'gas',
      reason: 'it has no limits',
      since: TIMELINE_START,
    });
  });

  const command = (story: Story, one: Command): Story =>
    story.apply({ kind: 'command', command: one, actor: 'li', comment: 'cleaning' });
  const of = { deviceId: 'd1', ruleKey: 'gas' };

  it('[EX10] a disabled rule is blind: who did it, when and why', () => {
    const story = command(new Story(RULES).reading('p1', 1).reading('p2', 1), { kind: 'disable', ...of });
    expect(story.exposure.exposures).toMatchObject([
      { kind: 'disabled', pointId: 'p1', ruleKey: 'gas', by: 'li', reason: 'cleaning', until: null },
    ]);
    expect(story.exposure).toMatchObject({
      byKind: { disabled: 1 },
      blindSafetyPoints: 1,
      quietSafetyPoints: 0,
    });
    expect(command(story, { kind: 'enable', ...of }).entries).toEqual([]);
  });

  it('[EX10] what is shelved or out of service is quiet and not blind, and says until when and who watches', () => {
    const story = new Story(RULES).reading('p1', 1).reading('p2', 1);
    command(story, { kind: 'shelve', mode: 'timed', seconds: 60, ...of });
    command(story, { kind: 'out-of-service', seconds: 600, compensatingMeasure: 'patrol', ...of });
    expect(story.entries).toEqual(['out-of-service p1 1', 'shelved p1 1']);
    expect(story.exposure.exposures).toMatchObject([
      { until: TIMELINE_START + 604 * SECOND, compensatingMeasure: 'patrol', by: 'li' },
      { until: TIMELINE_START + 63 * SECOND, since: TIMELINE_START + 3 * SECOND },
    ]);
    expect(story.exposure).toMatchObject({ blindSafetyPoints: 0, quietSafetyPoints: 1 });
    story.reading('p1', 1, 'bad');
    expect(story.exposure).toMatchObject({ blindSafetyPoints: 1, quietSafetyPoints: 0, byKind: { bad: 1 } });
    expect(story.apply({ kind: 'tick' }, 60 * SECOND).entries).not.toContain('shelved p1 1');
  });

  it('[EX7] a rule that protects nobody takes no safety point with it', () => {
    const other = rule('tidy', 'supervisory', limit('p1'));
    const story = new Story([...RULES, other]).reading('p1', 1).reading('p2', 1);
    command(story, { kind: 'disable', deviceId: 'd1', ruleKey: 'tidy' });
    expect(story.exposure).toMatchObject({ byKind: { disabled: 1 }, blindSafetyPoints: 0 });
  });
});
