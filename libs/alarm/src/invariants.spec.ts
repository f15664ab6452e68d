import { describe, expect, it } from '@jest/globals';
import { deviceWith, TIMELINE_START } from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import {
  type AlarmView,
  type Condition,
  type DeviceConfiguration,
  type EngineInput,
  type EngineRecord,
  type Outcome,
  type Rule,
  type SampleQuality,
  type Transition,
} from './model.js';
import { type EngineSnapshot } from './snapshot.js';

const POINTS = ['p1', 'p2'] as const;

const delayMs = fc.constantFrom(0, 0, 5_000, 20_000);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .record({
      pointId: fc.constantFrom(...POINTS),
      deadband: fc.constantFrom(0, 1, 3),
      onDelayMs: delayMs,
      offDelayMs: delayMs,
    })
    .map(({ pointId, deadband, onDelayMs, offDelayMs }): Condition => ({
      kind: 'limit',
      pointId,
      limits: [
        { level: 'LL', limit: 1, severity: 800, deadband },
        { level: 'L', limit: 2, severity: 600, deadband },
        { level: 'H', limit: 6, severity: 600, deadband },
        { level: 'HH', limit: 8, severity: 900, deadband },
      ],
      onDelayMs,
      offDelayMs,
    })),
  fc
    .record({
      pointId: fc.constantFrom(...POINTS),
      off: fc.boolean(),
      onDelayMs: delayMs,
      offDelayMs: delayMs,
    })
    .map(({ pointId, off, onDelayMs, offDelayMs }): Condition => ({
      kind: 'discrete',
      pointId,
      alarmValues: [
        { value: 7, level: 'a', severity: 500 },
        { value: 8, level: 'b', severity: 500 },
        { value: 9, level: 'c', severity: 900 },
      ],
      ...(off ? { normal: [0, 1, 2, 3, 4, 5], offNormalSeverity: 300 } : {}),
      onDelayMs,
      offDelayMs,
    })),
  fc.record({ onDelayMs: delayMs, offDelayMs: delayMs }).map((delays): Condition => ({
    kind: 'all',
    terms: [
      { pointId: 'p1', values: [7, 8, 9] },
      { pointId: 'p2', values: [0, 1, 2, 3] },
    ],
    level: 'both',
    severity: 700,
    ...delays,
  })),
  fc.constantFrom<Condition>(
    { kind: 'stale', pointId: 'p1', afterMs: 30_000, severity: 400 },
    { kind: 'offline', afterMs: 20_000, severity: 300 },
  ),
);
const rule = fc.record({ condition, latching: fc.boolean(), version: fc.constantFrom(1, 2) });
const device: fc.Arbitrary<DeviceConfiguration> = fc
  .record({
    rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
    deviceId: fc.constantFrom('d1', 'd2'),
    drill: fc.boolean(),
  })
  .map(({ rules, deviceId, drill }) =>
    deviceWith(
      rules.map((entry, index): Rule => ({
        ...entry,
        key: `r${index}`,
        class: 'process',
        title: { zh: '规则', en: 'Rule' },
      })),
      {
        deviceId,
        drill,
        points: POINTS.map((pointId) => ({
          pointId,
          key: pointId,
          name: { zh: pointId, en: pointId },
          unit: null,
        })),
      },
    ),
  );

type Act =
  | { readonly kind: 'input'; readonly input: EngineInput }
  | {
      readonly kind: 'reading';
      readonly deviceId: string;
      readonly values: readonly (readonly [pointId: string, value: number, quality: SampleQuality])[];
      readonly agoMs: number;
      readonly historical: boolean;
    }
  | { readonly kind: 'acknowledge' | 'reset' | 'comment'; readonly which: number; readonly old: boolean };

const deviceId = fc.constantFrom('d1', 'd2');
const quality = fc.constantFrom<SampleQuality>('good', 'good', 'good', 'good', 'uncertain', 'bad');
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('reading' as const),
      deviceId,
      values: fc.array(
        fc.tuple(fc.constantFrom<string>(...POINTS, 'nowhere'), fc.integer({ min: 0, max: 9 }), quality),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
      agoMs: fc.constantFrom(0, 0, 0, 0, 1_000, 8_000, 30_000, -2_000),
      historical: fc.constantFrom(false, false, false, false, false, true),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'acknowledge' as const,
        'acknowledge' as const,
        'reset' as const,
        'comment' as const,
      ),
      which: fc.nat(5),
      old: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 2,
    arbitrary: device.map((configuration): Act => ({
      kind: 'input',
      input: { kind: 'configure', device: configuration },
    })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ deviceId, connected: fc.boolean() }).map((connection): Act => ({
      kind: 'input',
      input: { kind: 'connection', reason: 'test', ...connection },
    })),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      deviceId.map((id): Act => ({ kind: 'input', input: { kind: 'remove', deviceId: id, actor: 'admin' } })),
      fc.constantFrom<Act>(
        { kind: 'input', input: { kind: 'tick' } },
        { kind: 'input', input: { kind: 'start' } },
      ),
    ),
  },
);
const history = fc
  .tuple(
    fc.array(device, { minLength: 1, maxLength: 2 }),
    fc.array(fc.tuple(fc.constantFrom(0, 1, 1_000, 4_000, 5_000, 21_000, 60_000), act), { maxLength: 40 }),
  )
  .map(([devices, acts]): readonly (readonly [number, Act])[] => [
    ...devices.map(
      (configuration) => [0, { kind: 'input', input: { kind: 'configure', device: configuration } }] as const,
    ),
    ...acts,
  ]);

/** What was applied, what came of it, and the open alarms before it. */
interface Applied {
  readonly record: EngineRecord;
  readonly outcome: Outcome;
  readonly before: ReadonlyMap<string, AlarmView>;
}

function run(
  acts: readonly (readonly [number, Act])[],
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
      input: inputOf(entry, now, [...before.values()], eventIds),
    };
    const outcome = each === undefined ? engine.apply(record) : each(engine, record);
    for (const { alarm } of outcome.transitions) {
      if (!eventIds.has(alarm.id)) eventIds.set(alarm.id, alarm.eventId);
    }
    applied.push({ record, outcome, before });
  }
  return applied;
}

function inputOf(
  entry: Act,
  now: number,
  open: readonly AlarmView[],
  firstEventIds: ReadonlyMap<string, string>,
): EngineInput {
  switch (entry.kind) {
    case 'input':
      return entry.input;
    case 'reading':
      return {
        kind: 'reading',
        deviceId: entry.deviceId,
        receivedAt: now,
        ts: now - entry.agoMs,
        historical: entry.historical,
        samples: entry.values.map(([pointId, value, sampleQuality]) => ({
          pointId,
          value,
          quality: sampleQuality,
        })),
      };
    default: {
      const alarm = open[entry.which % Math.max(1, open.length)];
      const alarmId = alarm?.id ?? 'A0-0';
      const eventId = (entry.old ? firstEventIds.get(alarmId) : alarm?.eventId) ?? '0-0';
      const command =
        entry.kind === 'comment' ? { kind: entry.kind, alarmId } : { kind: entry.kind, alarmId, eventId };
      return { kind: 'command', command, actor: 'operator', comment: null };
    }
  }
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

const throughJson = (snapshot: EngineSnapshot): EngineSnapshot =>
  JSON.parse(JSON.stringify(snapshot)) as EngineSnapshot;

const RUNS = { numRuns: 200 };

describe('whatever happens', () => {
  it('[AL2] transitions are numbered densely, and named by the record in which they were born', () => {
    fc.assert(
      fc.property(history, (acts) => {
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
      fc.property(history, (acts) => {
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
      fc.property(history, (acts) => {
        for (const { transition, before } of steps(run(acts))) {
          if (transition.alarm.state !== 'NORM' || transition.type === 'removed') continue;
          expect([before?.state, transition.type]).toEqual(
            before?.acked === true
              ? [before.active ? 'ACKED' : 'LATAK', before.active ? 'returned' : 'reset']
              : ['RTNUN', 'acknowledged'],
          );
          expect(transition.alarm.ackedBy).toBe('operator');
        }
      }),
      RUNS,
    );
  });

  it('[AL9] nothing returns on a value that is bad, missing or outdated (invariants 2 and 3)', () => {
    fc.assert(
      fc.property(history, (acts) => {
        const kinds = new Map<string, string>();
        for (const { record, outcome } of run(acts)) {
          if (record.input.kind === 'configure') {
            const { deviceId: id, rules } = record.input.device;
            for (const entry of rules) kinds.set(`${id} ${entry.key}`, entry.condition.kind);
          }
          for (const { type, alarm } of outcome.transitions) {
            const kind = kinds.get(`${alarm.deviceId} ${alarm.rule}`);
            if (type !== 'returned' || (kind !== 'limit' && kind !== 'discrete')) continue;
            expect(['good', 'uncertain']).toContain(alarm.quality);
          }
        }
      }),
      RUNS,
    );
  });

  it('[AL31] a restart at any moment changes nothing that follows (invariant 4)', () => {
    fc.assert(
      fc.property(history, (acts) => {
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
      fc.property(history, fc.nat(), (acts, cut) => {
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

  it('[AL30] an acknowledgement never reaches another occurrence than its own (invariant 6)', () => {
    fc.assert(
      fc.property(history, (acts) => {
        for (const { transition, before, record } of steps(run(acts))) {
          const isAnnounced = transition.alarm.eventId === transition.eventId;
          expect(isAnnounced).toBe(before?.eventId !== transition.alarm.eventId);
          if (isAnnounced) expect(transition.alarm.state).toBe('UNACK');
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
      fc.property(history, (acts) => {
        for (const { transition, before } of steps(run(acts))) {
          if (transition.type !== 'level-changed' || before === undefined) continue;
          const { alarm } = transition;
          if (alarm.liveSeverity > before.liveSeverity) {
            expect([alarm.state, alarm.eventId]).toEqual(['UNACK', transition.eventId]);
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
      fc.property(history, (acts) => {
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
      fc.property(history, (acts) => {
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
            if (type === 'raised') expect(rules.get(alarm.deviceId)).toContain(alarm.rule);
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
      fc.property(history, (acts) => {
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
});
