import { describe, expect, it } from '@jest/globals';
import { type AlarmAct, alarmHistory, deviceWith, engineInputOf, TIMELINE_START } from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import { type DeviceExposure, type ExposureKind } from './exposure.js';
import { type DeviceConfiguration, type EngineInput, type Rule } from './model.js';
import { pointsOf } from './new-watch.js';
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

const throughJson = (snapshot: EngineSnapshot): EngineSnapshot =>
  JSON.parse(JSON.stringify(snapshot)) as EngineSnapshot;
const exposed = (engine: AlarmEngine): readonly DeviceExposure[] => [...engine.exposure(SAFETY)];

/** Why each point is blind, looked up in what the engine publishes: its snapshot, its alarms, its faults. */
function bruteForce(engine: AlarmEngine, device: DeviceConfiguration): Map<string, ExposureKind> {
  const state = engine
    .snapshot()
    .lanes.flatMap(({ devices }) => devices)
    .find(({ configuration }) => configuration.deviceId === device.deviceId)!;
  const isActive = (kind: Rule['condition']['kind']): boolean =>
    [...engine.alarms()].some(
      ({ deviceId, rule, active }) =>
        active &&
        deviceId === device.deviceId &&
        device.rules.some(({ key, condition }) => key === rule && condition.kind === kind),
    );
  const faulty = engine
    .faults()
    .flatMap(({ deviceId, ruleKey }) =>
      device.rules.flatMap((rule) =>
        deviceId === device.deviceId && rule.key === ruleKey ? pointsOf(rule) : [],
      ),
    );
  const blind = new Map<string, ExposureKind>();
  for (const [pointId, quality, , ts] of state.points) {
    if (ts === null) blind.set(pointId, 'never-reported');
    else if (state.connected === false || isActive('offline')) blind.set(pointId, 'offline');
    else if (quality === 'bad' || quality === 'stale') blind.set(pointId, quality);
    else if (isActive('clock')) blind.set(pointId, 'clock');
    else if (isActive('flapping')) blind.set(pointId, 'flapping');
    else if (faulty.includes(pointId)) blind.set(pointId, 'fault');
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
      fc.property(alarmHistory, (acts) => {
        const engine = engineAfter(acts);
        for (const { device, blindPoints, points, exposures } of exposed(engine)) {
          const blind = bruteForce(engine, device);
          const expected: Partial<Record<ExposureKind, number>> = {};
          for (const kind of blind.values()) expected[kind] = (expected[kind] ?? 0) + 1;
          expect(blindPoints).toEqual(expected);
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
      fc.property(alarmHistory, (acts) => {
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
      blindPoints: {},
      blindSafetyPoints: 0,
    });
  });

  it('[EX4] [EX5] [EX8] a link that is down is one entry at once, since the disconnection', () => {
    const story = new Story(RULES).connection(true).reading('p1', 1).reading('p2', 1).connection(false);
    expect(story.entries).toEqual(['offline * 2']);
    expect(story.exposure.exposures[0]).toMatchObject({ since: TIMELINE_START + 4 * SECOND });
    expect(story.exposure).toMatchObject({ blindPoints: { offline: 2 }, blindSafetyPoints: 1 });
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
      blindPoints: { fault: 1 },
    });
    expect(story.exposure.exposures[0]).toMatchObject({
      ruleKey: 'gas',
      reason: 'it has no limits',
      since: null,
    });
  });
});
