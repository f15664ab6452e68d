import { describe, expect, it } from '@jest/globals';
import {
  type AlarmAct,
  alarmHistory,
  coveredHistory,
  deviceWith,
  engineInputOf,
  TIMELINE_START,
} from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import { LOAD_LIMITS } from './load.js';
import { type AlarmView, type EngineRecord, type Outcome, type Rule, type Transition } from './model.js';
import { type EngineSnapshot } from './snapshot.js';

/** What was applied, what came of it, and the open alarms before it. */
interface Applied {
  readonly record: EngineRecord;
  readonly outcome: Outcome;
  readonly before: ReadonlyMap<string, AlarmView>;
}

function run(
  acts: readonly (readonly [number, AlarmAct])[],
  each?: (engine: AlarmEngine, record: EngineRecord) => Outcome,
): Applied[] {
  const engine = AlarmEngine.create();
  const applied: Applied[] = [];
  const eventIds = new Map<string, string>();
  let now = TIMELINE_START;
  for (const [stepMs, entry] of acts) {
    now += stepMs;
    const before = new Map([...engine.alarms()].map((alarm) => [alarm.id, alarm]));
    const record = {
      offset: applied.length + 1,
      at: now,
      input: engineInputOf(entry, now, [...before.values()], eventIds),
    };
    const outcome = each === undefined ? engine.apply(record) : each(engine, record);
    for (const { alarm } of outcome.transitions) {
      if (!eventIds.has(alarm.id)) eventIds.set(alarm.id, alarm.eventId);
    }
    applied.push({ record, outcome, before });
  }
  return applied;
}

/** Every transition with the alarm as it was before it. */
function steps(
  applied: readonly Applied[],
): { transition: Transition; before: AlarmView | undefined; record: EngineRecord }[] {
  const last = new Map<string, AlarmView>();
  return applied.flatMap(({ record, outcome }) =>
    outcome.transitions.map((transition) => {
      const before = last.get(transition.alarmId);
      last.set(transition.alarmId, transition.alarm);
      return { transition, before, record };
    }),
  );
}

const isOfOneRule = (a: AlarmView | undefined, b: AlarmView): boolean =>
  a !== undefined && a.deviceId === b.deviceId && a.rule === b.rule;

const throughJson = (snapshot: EngineSnapshot): EngineSnapshot =>
  JSON.parse(JSON.stringify(snapshot)) as EngineSnapshot;

const RUNS = { numRuns: 200 };

describe('whatever happens', () => {
  it('[AL2] transitions are numbered densely, and named by the record in which they were born', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        let seq = 0;
        for (const { record, outcome } of run(acts)) {
          outcome.transitions.forEach((transition, index) => {
            seq += 1;
            expect(transition.seq).toBe(seq);
            expect(transition.eventId).toBe(`${record.offset}-${index}`);
            expect(transition.at).toBe(record.at);
            expect(transition.alarmId).toBe(transition.alarm.id);
          });
        }
      }),
      RUNS,
    );
  });

  it('[AL2] an alarm is born once, and nothing happens to it after its end', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        for (const { transition, before } of steps(run(acts))) {
          expect(before === undefined).toBe(transition.type === 'raised');
          expect(before?.state).not.toBe('NORM');
        }
      }),
      RUNS,
    );
  });

  it('nothing ends that was not acknowledged, except with its rule (invariant 1)', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        for (const { transition, before } of steps(run(acts))) {
          if (transition.alarm.state !== 'NORM' || transition.type === 'removed') continue;
          const [state, type] =
            before?.acked === true
              ? [before.active ? 'ACKED' : 'LATAK', before.active ? 'returned' : 'reset']
              : ['RTNUN', 'acknowledged'];
          // What is suppressed by design is labelled so, whatever is beneath.
          const label = before?.suppressed === true ? 'DSUPR' : state;
          expect([before?.state, transition.type]).toEqual([label, type]);
          expect(transition.alarm.ackedBy).toBe('operator');
        }
      }),
      RUNS,
    );
  });

  it('[AL9] nothing returns on a value that is bad, missing or outdated (invariants 2 and 3)', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        const kinds = new Map<string, string>();
        for (const { record, outcome } of run(acts)) {
          const { input } = record;
          const isJudgedByValue = ({ deviceId, rule }: AlarmView): boolean => {
            const kind = kinds.get(`${deviceId} ${rule}`);
            return kind === 'limit' || kind === 'discrete';
          };
          const { transitions } = outcome;
          const returns = transitions.filter(
            ({ type, alarm }, index) =>
              type === 'returned' &&
              isJudgedByValue(alarm) &&
              // From too high to too low: the other side was decided on a good value, and it is no end (AL4).
              !isOfOneRule(transitions[index + 1]?.alarm, alarm),
          );
          if (input.kind === 'configure') {
            const { deviceId: id, rules } = input.device;
            for (const entry of rules) kinds.set(`${id} ${entry.key}`, entry.condition.kind);
          }
          // With another kind of condition under the same key, a return may be of either.
          for (const { alarm } of returns.filter(({ alarm: one }) => isJudgedByValue(one))) {
            expect(['good', 'uncertain']).toContain(alarm.quality);
          }
        }
      }),
      RUNS,
    );
  });

  it('[AL31] a restart at any moment changes nothing that follows (invariant 4)', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        run(acts, (engine, record) => {
          const restored = AlarmEngine.restore(throughJson(engine.snapshot()));
          expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(engine.snapshot()));
          expect(restored.nextDeadline()).toBe(engine.nextDeadline());
          const outcome = engine.apply(record);
          expect(restored.apply(record)).toEqual(outcome);
          expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(engine.snapshot()));
          expect([...restored.alarms()]).toEqual([...engine.alarms()]);
          return outcome;
        });
      }),
      RUNS,
    );
  });

  it('[AL31] a snapshot and the tail are the whole journal (invariants 4 and 9)', () => {
    fc.assert(
      fc.property(alarmHistory, fc.nat(), (acts, cut) => {
        const applied = run(acts);
        const at = cut % (applied.length + 1);
        const whole = AlarmEngine.create();
        let restored = AlarmEngine.create();
        applied.forEach(({ record, outcome }, index) => {
          if (index === at) restored = AlarmEngine.restore(throughJson(whole.snapshot()));
          expect(whole.apply(record)).toEqual(outcome);
          restored.apply(record);
          expect(whole.apply(record)).toEqual({ transitions: [] });
        });
        expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(whole.snapshot()));
      }),
      RUNS,
    );
  });

  it('[AL31] a snapshot stays as it was while the engine goes on', () => {
    const load = { ...LOAD_LIMITS, floodBegin: 2, floodEnd: 1, floodWindowMs: 30_000 };
    fc.assert(
      fc.property(coveredHistory(2), (acts) => {
        const taken: { readonly snapshot: EngineSnapshot; readonly then: string }[] = [];
        const begin: AlarmAct = { kind: 'input', input: { kind: 'start', restate: true, load } };
        run([[0, begin], ...acts], (engine, record) => {
          const outcome = engine.apply(record);
          const snapshot = engine.snapshot();
          taken.push({ snapshot, then: JSON.stringify(snapshot) });
          return outcome;
        });
        // It is written while the engine has other work.
        for (const { snapshot, then } of taken) expect(JSON.stringify(snapshot) === then).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('[AL30] an acknowledgement never reaches another occurrence than its own (invariant 6)', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        for (const { transition, before, record } of steps(run(acts))) {
          const isAnnounced = transition.alarm.eventId === transition.eventId;
          expect(isAnnounced).toBe(before?.eventId !== transition.alarm.eventId);
          const { state, acked, suppressed } = transition.alarm;
          if (isAnnounced) expect([state, acked]).toEqual([suppressed ? 'DSUPR' : 'UNACK', false]);
          if (transition.type === 'raised' || transition.type === 'reoccurred')
            expect(isAnnounced).toBe(true);
          if (transition.type !== 'acknowledged') continue;
          expect(record.input).toMatchObject({ command: { kind: 'acknowledge', eventId: before?.eventId } });
        }
      }),
      RUNS,
    );
  });

  it('[AL7] severity up is a new occurrence; severity down never is (invariant 7)', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        for (const { transition, before } of steps(run(acts))) {
          if (transition.type !== 'level-changed' || before === undefined) continue;
          const { alarm } = transition;
          if (alarm.liveSeverity > before.liveSeverity) {
            expect([alarm.acked, alarm.state, alarm.eventId]).toEqual([
              false,
              alarm.suppressed ? 'DSUPR' : 'UNACK',
              transition.eventId,
            ]);
          } else if (alarm.liveSeverity < before.liveSeverity) {
            expect([alarm.acked, alarm.eventId]).toEqual([before.acked, before.eventId]);
          }
        }
      }),
      RUNS,
    );
  });

  it('[AL12] the severity shown does not fall before somebody has acknowledged it', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        for (const { transition, before } of steps(run(acts))) {
          const { alarm } = transition;
          expect(alarm.severity).toBeGreaterThanOrEqual(Math.max(1, alarm.liveSeverity));
          expect(alarm.liveSeverity > 0).toBe(alarm.active);
          if (before?.acked === false && transition.type !== 'acknowledged') {
            expect(alarm.severity).toBeGreaterThanOrEqual(before.severity);
          }
        }
      }),
      RUNS,
    );
  });

  it('[AL28] a rule that is gone never fires (invariant 11)', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        const rules = new Map<string, readonly string[]>();
        for (const { record, outcome } of run(acts)) {
          if (record.input.kind === 'configure') {
            // What was due before the change fires before it, under the old rules.
            rules.set(record.input.device.deviceId, [
              ...(rules.get(record.input.device.deviceId) ?? []),
              ...record.input.device.rules.map(({ key }) => key),
            ]);
          }
          for (const { type, alarm } of outcome.transitions) {
            if (type === 'raised') {
              // The alarm about a rule that cannot be evaluated is of that rule. [AL84]
              expect(rules.get(alarm.deviceId)).toContain(alarm.rule.replace(/^rule-fault:/, ''));
            }
          }
          if (record.input.kind === 'configure') {
            rules.set(
              record.input.device.deviceId,
              record.input.device.rules.map(({ key }) => key),
            );
          }
          if (record.input.kind === 'remove') rules.delete(record.input.deviceId);
        }
      }),
      RUNS,
    );
  });

  it('time alone makes nothing disappear that nobody has seen (invariant 14)', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        const engine = AlarmEngine.create();
        const applied = run(acts);
        for (const { record } of applied) engine.apply(record);
        const unseen = [...engine.alarms()].filter(({ acked }) => !acked).map(({ id }) => id);
        const year = 365 * 86_400_000;
        engine.apply({ offset: engine.offset + 1, at: engine.time + year, input: { kind: 'tick' } });
        for (const id of unseen) expect(engine.alarm(id)).toBeDefined();
        expect(engine.nextDeadline()).toBeUndefined();
        const again = engine.apply({
          offset: engine.offset + 1,
          at: engine.time + year,
          input: { kind: 'tick' },
        });
        expect(again.transitions).toEqual([]);
      }),
      RUNS,
    );
  });

  it('[AL49] a shelving that ends by time while the alarm is active is to be acknowledged, and heard (invariant 5)', () => {
    let seen = 0;
    fc.assert(
      fc.property(coveredHistory(2), (acts) => {
        for (const { transition } of steps(run(acts))) {
          const { type, alarm, annunciation } = transition;
          if (type !== 'shelve-expired' || !alarm.active || alarm.suppressedOrShelved) continue;
          seen += 1;
          expect([alarm.acked, alarm.state]).toEqual([false, 'UNACK']);
          expect(annunciation).not.toBe('none');
        }
      }),
      RUNS,
    );
    expect(seen).toBeGreaterThan(0);
  });

  it('[AL43] what is put over a rule, or taken away, changes neither active nor latched (invariant 8)', () => {
    const covers = new Set<string>(['shelved', 'unshelved', 'shelve-expired', 'suppressed', 'unsuppressed']);
    for (const type of ['out-of-service', 'in-service', 'service-due']) covers.add(type);
    const uncovers = new Set<string>(['unshelved', 'shelve-expired', 'in-service', 'service-due']);
    fc.assert(
      fc.property(coveredHistory(2), (acts) => {
        for (const { transition, before } of steps(run(acts))) {
          const { type, alarm } = transition;
          if (!covers.has(type) || before === undefined) continue;
          // Where an older occurrence takes the place of one that is over, it is that which is shown. [AL46]
          if (alarm.eventId !== before.eventId && before.olderOccurrences.length > 0) continue;
          expect([alarm.active, alarm.latched]).toEqual([before.active, before.latched]);
          if (!uncovers.has(type)) expect(alarm.acked).toBe(before.acked);
        }
      }),
      RUNS,
    );
  });

  it('[AL47] what nobody has acknowledged and is to be announced again has a time in the future for it (invariant 12)', () => {
    let seen = 0;
    fc.assert(
      fc.property(coveredHistory(1), (acts) => {
        const asks = new Map<string, number | null>();
        run(acts, (engine, record) => {
          const outcome = engine.apply(record);
          if (record.input.kind === 'configure') {
            for (const { annunciation } of record.input.device.rules)
              asks.set(record.input.device.deviceId, annunciation?.reAlarmSeconds ?? null);
          }
          for (const alarm of engine.alarms()) {
            const isAsked = asks.get(alarm.deviceId) != null && !alarm.rule.startsWith('rule-fault:');
            if (!isAsked || alarm.state !== 'UNACK') continue;
            seen += 1;
            expect(alarm.reAlarmAt).toBeGreaterThan(record.at);
            expect(engine.nextDeadline()).toBeLessThanOrEqual(alarm.reAlarmAt!);
          }
          return outcome;
        });
      }),
      RUNS,
    );
    expect(seen).toBeGreaterThan(0);
  });

  it('[AL52] what is new in the top class is announced by itself, whatever comes back with it (invariant 13)', () => {
    const one = fc.record({
      severity: fc.constantFrom(300, 600, 900),
      exempt: fc.boolean(),
      gap: fc.nat(2_000),
    });
    let joined = 0;
    fc.assert(
      fc.property(fc.array(one, { minLength: 2, maxLength: 6 }), (alarms) => {
        const engine = AlarmEngine.create();
        let at = TIMELINE_START;
        const say = (gap: number, input: EngineRecord['input']): readonly Transition[] => {
          at += gap;
          return engine.apply({ offset: engine.offset + 1, at, input }).transitions;
        };
        for (const [index, { severity, exempt }] of alarms.entries()) {
          const deviceId = `d${index}`;
          say(0, { kind: 'configure', device: deviceWith([highAt10(severity, exempt)], { deviceId }) });
          const samples = [{ pointId: 'p1', value: 20, quality: 'good' as const }];
          say(0, { kind: 'reading', deviceId, receivedAt: at, ts: at, historical: false, samples });
        }
        for (const [index, { gap }] of alarms.entries()) {
          const rule = { deviceId: `d${index}`, ruleKey: 'high' };
          const command = { kind: 'shelve', mode: 'timed', seconds: 20, ...rule } as const;
          say(gap, { kind: 'command', command, actor: 'operator', comment: 'why' });
        }
        const back = say(60_000, { kind: 'tick' }).filter(({ type }) => type === 'shelve-expired');
        expect(back).toHaveLength(alarms.length);
        for (const { annunciation, alarm } of back) {
          if (alarms[Number(alarm.deviceId.slice(1))]?.exempt === true) expect(annunciation).toBe('own');
          else if (annunciation === 'joined') joined += 1;
        }
      }),
      RUNS,
    );
    // Otherwise nothing has been shown.
    expect(joined).toBeGreaterThan(0);
  });
});

function highAt10(severity: number, exempt: boolean): Rule {
  return {
    key: 'high',
    version: 1,
    class: 'process',
    title: { zh: '高', en: 'High' },
    latching: false,
    annunciation: { exempt },
    condition: {
      kind: 'limit',
      pointId: 'p1',
      limits: [{ level: 'H', limit: 10, severity, deadband: 0 }],
      onDelayMs: 0,
      offDelayMs: 0,
    },
  };
}
