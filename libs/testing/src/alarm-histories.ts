import {
  type Again,
  type AlarmView,
  type Command,
  type Condition,
  type DeviceConfiguration,
  type EngineInput,
  type Rule,
  type SampleQuality,
} from '@watchfire/alarm';
import fc from 'fast-check';
import { deviceWith } from './timeline.js';

/** Of every device of `alarmDevice`. */
export const ALARM_POINTS = ['p1', 'p2'] as const;

const delayMs = fc.constantFrom(0, 0, 5_000, 20_000);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .record({
      pointId: fc.constantFrom(...ALARM_POINTS),
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
      pointId: fc.constantFrom(...ALARM_POINTS),
      off: fc.boolean(),
      again: fc.constantFrom<Again | undefined>(
        undefined,
        { countId: 'p2' },
        { countId: 'p1', placeId: 'p2' },
      ),
      onDelayMs: delayMs,
      offDelayMs: delayMs,
    })
    .map(({ pointId, off, again, onDelayMs, offDelayMs }): Condition => ({
      kind: 'discrete',
      pointId,
      alarmValues: [
        { value: 7, level: 'a', severity: 500 },
        { value: 8, level: 'b', severity: 500 },
        { value: 9, level: 'c', severity: 900 },
      ],
      ...(off ? { normal: [0, 1, 2, 3, 4, 5], offNormalSeverity: 300 } : {}),
      ...(again && { again }),
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
  fc
    .record({ onDelayMs: delayMs, offDelayMs: delayMs, onCount: fc.constantFrom(2, 3) })
    .map(({ onDelayMs, offDelayMs, onCount }): Condition => ({
      kind: 'limit',
      pointId: 'p1',
      limits: [
        { level: 'H', limit: 5, severity: 600, deadband: 1, from: { pointId: 'p2' } },
        { level: 'HH', limit: 8, severity: 900, deadband: 0, from: { attribute: 'top', fallback: 8 } },
      ],
      onDelayMs,
      offDelayMs,
      ...(onDelayMs > 0 && { onCount }),
    })),
  fc
    .record({
      alarm: fc.constantFrom('inside' as const, 'outside' as const),
      onDelayMs: delayMs,
      offDelayMs: delayMs,
    })
    .map(({ alarm, ...delays }): Condition => ({
      kind: 'band',
      pointId: 'p1',
      alarm,
      low: { value: 3 },
      high: { pointId: 'p2', fallback: 6 },
      deadband: 1,
      severity: 500,
      ...delays,
    })),
  fc.record({ onDelayMs: delayMs, offDelayMs: delayMs }).chain((delays) =>
    fc.constantFrom<Condition>(
      {
        kind: 'deviation',
        pointId: 'p1',
        setPoint: { pointId: 'p2' },
        limits: [
          { level: 'H', limit: 2, severity: 500, deadband: 1 },
          { level: 'L', limit: -2, severity: 500, deadband: 1 },
        ],
        ...delays,
      },
      {
        kind: 'bits',
        pointId: 'p1',
        bits: [
          { mask: 1, level: 'one', severity: 300 },
          { mask: 4, level: 'four', severity: 700 },
          { mask: 8, when: false, level: 'not-eight', severity: 200 },
        ],
        ...delays,
      },
      {
        kind: 'rate',
        pointId: 'p1',
        windowMs: 20_000,
        perMs: 60_000,
        limits: [{ level: 'H', limit: 6, severity: 500, deadband: 1 }],
        ...delays,
      },
      {
        kind: 'boolean',
        logic: {
          is: 'or',
          terms: [
            { is: 'and', terms: [{ is: '>', left: { pointId: 'p1' }, right: { pointId: 'p2' } }] },
            { is: 'not', term: { is: 'one-of', pointId: 'p2', values: [0, 1, 2, 3] } },
          ],
        },
        level: null,
        severity: 400,
        ...delays,
      },
      {
        kind: 'derived',
        expression: 'max(a, b) > 4 ? a / b : a - b',
        variables: { a: 'p1', b: 'p2' },
        unit: null,
        limits: [
          { level: 'H', limit: 1, severity: 500, deadband: 0.5 },
          { level: 'L', limit: -3, severity: 500, deadband: 0 },
        ],
        ...delays,
      },
    ),
  ),
  fc.constantFrom<Condition>(
    { kind: 'change', pointId: 'p1', tolerance: 1, holdMs: 15_000, severity: 200 },
    {
      kind: 'discrepancy',
      commandId: 'p2',
      feedbackId: 'p1',
      pairs: [{ command: 3, feedback: 4 }],
      tolerance: 1,
      expectedMs: 20_000,
      offDelayMs: 5_000,
      severity: 600,
    },
    { kind: 'frozen', pointId: 'p1', afterMs: 20_000, tolerance: 1, severity: 300 },
    { kind: 'count', pointId: 'p1', values: [7, 8, 9], count: 2, windowMs: 60_000, severity: 300 },
    { kind: 'value-flapping', pointId: 'p2', tolerance: 1, count: 3, windowMs: 30_000, severity: 300 },
    {
      kind: 'drift',
      pointId: 'p1',
      target: { value: 4 },
      direction: 'both',
      slack: 1,
      threshold: 6,
      severity: 400,
    },
    {
      kind: 'drift',
      pointId: 'p1',
      target: { pointId: 'p2' },
      direction: 'up',
      slack: 0,
      threshold: 9,
      severity: 400,
    },
    // One that cannot be evaluated. [AL84]
    { kind: 'stale', pointId: 'p1', afterMs: 0, severity: 400 },
  ),
  fc.constantFrom<Condition>(
    { kind: 'stale', pointId: 'p1', afterMs: 30_000, severity: 400 },
    { kind: 'offline', afterMs: 20_000, severity: 300 },
    { kind: 'clock', limitMs: 3_000, windowMs: 10_000, severity: 300 },
    { kind: 'clock', limitMs: 1_000, windowMs: 30_000, severity: 500 },
    { kind: 'flapping', count: 2, windowMs: 20_000, severity: 300 },
    { kind: 'flapping', count: 3, windowMs: 60_000, severity: 500 },
  ),
);
const enabledWhen: fc.Arbitrary<Pick<Rule, 'enabledWhen'>> = fc.constantFrom<Pick<Rule, 'enabledWhen'>>(
  {},
  {},
  {},
  { enabledWhen: { is: '>', left: { pointId: 'p2' }, right: { value: 3 } } },
  { enabledWhen: { is: 'one-of', pointId: 'missing', values: [1] } },
);
const rule = fc
  .record({ condition, latching: fc.boolean(), version: fc.constantFrom(1, 2), enabling: enabledWhen })
  .map(({ enabling, ...rest }) => ({ ...rest, ...enabling }));
/** A device with rules of every kind. */
export const alarmDevice: fc.Arbitrary<DeviceConfiguration> = fc
  .record({
    rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
    deviceId: fc.constantFrom('d1', 'd2'),
    drill: fc.boolean(),
    reorderMs: fc.constantFrom(0, 0, 0, 5_000),
  })
  .map(({ rules, deviceId, drill, reorderMs }) =>
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
        ...(drill && { attributes: { top: 7 } }),
        points: ALARM_POINTS.map((pointId) => ({
          pointId,
          key: pointId,
          name: { zh: pointId, en: pointId },
          unit: null,
          ...(reorderMs > 0 && pointId === 'p1' && { reorderMs }),
        })),
      },
    ),
  );

/** Something that happens, before it is known when. */
export type AlarmAct =
  | { readonly kind: 'input'; readonly input: EngineInput }
  | {
      readonly kind: 'reading';
      readonly deviceId: string;
      readonly values: readonly (readonly [pointId: string, value: number, quality: SampleQuality])[];
      readonly agoMs: number;
      /** How far the clock of the device is behind; absent: it says nothing. */
      readonly behindMs: number | undefined;
      readonly historical: boolean;
    }
  | { readonly kind: 'acknowledge' | 'reset' | 'comment'; readonly which: number; readonly old: boolean };

const reason = fc.constantFrom('test', 'taken_over');
const deviceId = fc.constantFrom('d1', 'd2');
const quality = fc.constantFrom<SampleQuality>('good', 'good', 'good', 'good', 'uncertain', 'bad');
export const alarmAct: fc.Arbitrary<AlarmAct> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('reading' as const),
      deviceId,
      values: fc.array(
        fc.tuple(
          fc.constantFrom<string>(...ALARM_POINTS, 'nowhere'),
          fc.integer({ min: 0, max: 9 }),
          quality,
        ),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
      agoMs: fc.constantFrom(0, 0, 0, 0, 1_000, 8_000, 30_000, -2_000),
      behindMs: fc.constantFrom(undefined, 0, 0, 2_000, 5_000, 5_000, 5_000, -4_000),
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
    arbitrary: alarmDevice.map((configuration): AlarmAct => ({
      kind: 'input',
      input: { kind: 'configure', device: configuration },
    })),
  },
  {
    weight: 4,
    arbitrary: fc.record({ deviceId, connected: fc.boolean(), reason }).map((connection): AlarmAct => ({
      kind: 'input',
      input: { kind: 'connection', ...connection },
    })),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      deviceId.map((id): AlarmAct => ({
        kind: 'input',
        input: { kind: 'remove', deviceId: id, actor: 'admin' },
      })),
      fc.constantFrom<AlarmAct>(
        { kind: 'input', input: { kind: 'tick' } },
        { kind: 'input', input: { kind: 'start' } },
      ),
    ),
  },
);
/** Devices are configured, then things happen, each so many ms after the one before. */
export const alarmHistory = fc
  .tuple(
    fc.array(alarmDevice, { minLength: 1, maxLength: 2 }),
    fc.array(fc.tuple(fc.constantFrom(0, 1, 1_000, 4_000, 5_000, 21_000, 60_000), alarmAct), {
      maxLength: 40,
    }),
  )
  .map(([devices, acts]): readonly (readonly [number, AlarmAct])[] => [
    ...devices.map(
      (configuration) => [0, { kind: 'input', input: { kind: 'configure', device: configuration } }] as const,
    ),
    ...acts,
  ]);

/** Acts of people about a rule of a device, whether it has an alarm or not. */
const ruleAct: fc.Arbitrary<AlarmAct> = fc
  .record({
    deviceId: fc.constantFrom('d1', 'd2'),
    ruleKey: fc.constantFrom('r0', 'r1'),
    seconds: fc.constantFrom(5, 30, 90),
    kind: fc.constantFrom<'timed' | 'oneShot' | 'unshelve' | 'out' | 'in' | 'disable' | 'enable'>(
      'timed',
      'oneShot',
      'unshelve',
      'out',
      'in',
      'disable',
      'enable',
    ),
  })
  .map(({ deviceId, ruleKey, seconds, kind }): AlarmAct => {
    const rule = { deviceId, ruleKey };
    const commands: Record<typeof kind, Command> = {
      timed: { kind: 'shelve', mode: 'timed', seconds, ...rule },
      oneShot: { kind: 'shelve', mode: 'oneShot', seconds, ...rule },
      unshelve: { kind: 'unshelve', ...rule },
      out: { kind: 'out-of-service', seconds, compensatingMeasure: 'patrol', ...rule },
      in: { kind: 'in-service', ...rule },
      disable: { kind: 'disable', ...rule },
      enable: { kind: 'enable', ...rule },
    };
    const command = commands[kind];
    return { kind: 'input', input: { kind: 'command', command, actor: 'operator', comment: 'why' } };
  });
type Policy = NonNullable<Rule['annunciation']>;

const policy: fc.Arbitrary<Policy> = fc.record({
  strict: fc.boolean(),
  reAlarmSeconds: fc.constantFrom(null, 20),
  unshelveAcknowledges: fc.boolean(),
  inServiceUnacknowledges: fc.boolean(),
  exempt: fc.boolean(),
});

/** The same history, its rules asking for this. */
function withPolicy(act: AlarmAct, annunciation: Policy): AlarmAct {
  if (act.kind !== 'input' || act.input.kind !== 'configure') return act;
  const { device } = act.input;
  const rules = device.rules.map((rule) => ({ ...rule, annunciation }));
  return { kind: 'input', input: { kind: 'configure', device: { ...device, rules } } };
}

/**
 * Up to so many histories one behind the other, in which people also put things over rules and take them away; all rules ask for
 * the same policy.
 */
export const coveredHistory = (histories: number): fc.Arbitrary<readonly (readonly [number, AlarmAct])[]> =>
  fc
    .tuple(
      fc.array(alarmHistory, { minLength: 1, maxLength: histories }),
      policy,
      fc.array(fc.tuple(fc.nat(80), ruleAct), { maxLength: 12 }),
    )
    .map(([parts, asked, acts]) => {
      const history = parts.flat().map(([gap, act]) => [gap, withPolicy(act, asked)] as const);
      for (const [position, act] of acts) history.splice(2 + (position % history.length), 0, [1_000, act]);
      return history;
    });

/** The act as an input at this time; a command is about one of the open alarms. */
export function engineInputOf(
  entry: AlarmAct,
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
        ...(entry.behindMs === undefined ? {} : { deviceTime: now - entry.agoMs - entry.behindMs }),
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
