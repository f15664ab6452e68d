import { expect } from '@jest/globals';
import {
  AlarmEngine,
  idsOfAgain,
  pointsOf,
  type AlarmView,
  type DeviceConfiguration,
  type EngineInput,
  type EngineSnapshot,
  type Outcome,
  type PointValue,
  type RefusalCode,
  type Rule,
  type SampleQuality,
  type Transition,
  type TransitionType,
} from '@watchfire/alarm';

/** A Monday morning in 2026; every time line begins here. */
export const TIMELINE_START = Date.UTC(2026, 0, 5, 8);

/** Milliseconds of `90s`, `1m30s`, `2h`, `250ms`. */
export function duration(text: string): number {
  const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new Error(`not a duration: ${text}`);
  }
  return parts.reduce((sum, [, count = '', unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0), 0);
}

/** A device `d1` with the points that its rules read, in plain words. */
export function deviceWith(
  rules: readonly Rule[],
  over: Partial<DeviceConfiguration> = {},
): DeviceConfiguration {
  const pointIds = new Set(
    rules.flatMap((rule) => ('members' in rule.condition ? [] : [...pointsOf(rule), ...idsOfAgain(rule)])),
  );
  return {
    deviceId: 'd1',
    deviceName: 'Detector 1',
    siteId: 's1',
    siteName: 'Site 1',
    enterpriseId: 'e1',
    enterpriseName: 'Enterprise 1',
    gridCode: null,
    drill: false,
    points: [...pointIds].map((pointId) => ({
      pointId,
      key: pointId,
      name: { zh: pointId, en: pointId },
      unit: null,
    })),
    rules,
    ...over,
  };
}

export interface ReadingOptions {
  readonly quality?: SampleQuality;
  /** Device time, as a time of the line; the time of receipt when absent. */
  readonly measured?: string;
  readonly historical?: boolean;
}

/**
 * A story for the alarm engine: `at('10s').reading('t1', 32).expectAlarm({ state: 'UNACK' })`. Every step is also taken by
 * an engine that was restored from a snapshot just before it, and both must agree to the byte.
 */
export class Timeline {
  private engine = AlarmEngine.create();
  private offset = 0;
  private now = TIMELINE_START;
  private pendingTick = false;
  private last: Outcome = { transitions: [] };
  /** Since the last expectation of what happened. */
  private unseen: Transition[] = [];
  readonly all: Transition[] = [];

  private readonly devices = new Map<string, DeviceConfiguration>();

  constructor(private readonly device: DeviceConfiguration) {
    this.configure(device);
  }

  /** The time of everything that follows, from the start of the line. */
  at(time: string): this {
    this.now = this.time(time);
    this.pendingTick = true;
    return this;
  }

  time(time: string): number {
    return TIMELINE_START + duration(time);
  }

  reading(pointId: string, value: PointValue, options: ReadingOptions = {}): this {
    const { quality = 'good', measured, historical = false } = options;
    return this.apply({
      kind: 'reading',
      deviceId: this.deviceOf(pointId),
      receivedAt: this.now,
      ts: measured === undefined ? this.now : this.time(measured),
      historical,
      samples: [{ pointId, value, quality }],
    });
  }

  connected(deviceId = this.device.deviceId): this {
    return this.apply({ kind: 'connection', deviceId, connected: true, reason: 'connect' });
  }

  disconnected(deviceId = this.device.deviceId): this {
    return this.apply({ kind: 'connection', deviceId, connected: false, reason: 'disconnect' });
  }

  serverStarts(): this {
    return this.apply({ kind: 'start' });
  }

  configure(device: DeviceConfiguration): this {
    this.devices.set(device.deviceId, device);
    return this.apply({ kind: 'configure', device });
  }

  remove(actor = 'admin', deviceId = this.device.deviceId): this {
    return this.apply({ kind: 'remove', deviceId, actor });
  }

  /** Acknowledges the one open alarm, or an occurrence of it that is named. */
  acknowledge(eventId?: string, actor = 'operator'): this {
    const alarm = this.alarm();
    return this.apply({
      kind: 'command',
      actor,
      comment: null,
      command: { kind: 'acknowledge', alarmId: alarm.id, eventId: eventId ?? alarm.eventId },
    });
  }

  reset(actor = 'operator'): this {
    const alarm = this.alarm();
    return this.apply({
      kind: 'command',
      actor,
      comment: null,
      command: { kind: 'reset', alarmId: alarm.id },
    });
  }

  comment(text: string, actor = 'operator'): this {
    const alarm = this.alarm();
    return this.apply({
      kind: 'command',
      actor,
      comment: text,
      command: { kind: 'comment', alarmId: alarm.id },
    });
  }

  apply(input: EngineInput): this {
    this.pendingTick = false;
    const restored = AlarmEngine.restore(throughJson(this.engine.snapshot()));
    this.offset += 1;
    const record = { offset: this.offset, at: this.now, input };
    this.last = this.engine.apply(record);
    expect(restored.apply(record)).toEqual(this.last);
    expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(this.engine.snapshot()));
    expect(restored.nextDeadline()).toBe(this.engine.nextDeadline());
    expect([...restored.alarms()]).toEqual([...this.engine.alarms()]);
    this.unseen.push(...this.last.transitions);
    this.all.push(...this.last.transitions);
    return this;
  }

  /** The open alarm; of that rule when several are open. */
  alarm(rule?: string): AlarmView {
    this.flush();
    const open = [...this.engine.alarms()].filter((alarm) => rule === undefined || alarm.rule === rule);
    expect(open).toHaveLength(1);
    return open[0] as AlarmView;
  }

  /** What is open now, in part. */
  expectAlarm(expected: Partial<AlarmView>): this {
    expect(this.alarm(expected.rule)).toMatchObject(expected);
    return this;
  }

  expectNoAlarm(): this {
    this.flush();
    expect([...this.engine.alarms()]).toEqual([]);
    return this;
  }

  /** What has happened since the last such expectation, in order. */
  expectHappened(...types: readonly TransitionType[]): this {
    this.flush();
    expect(this.unseen.map(({ type }) => type)).toEqual(types);
    this.unseen = [];
    return this;
  }

  expectNothingHappened(): this {
    return this.expectHappened();
  }

  expectRefused(code: RefusalCode): this {
    expect(this.last.refused?.code).toBe(code);
    expect(this.last.transitions).toEqual([]);
    return this;
  }

  expectNextDeadline(time: string | undefined): this {
    this.flush();
    expect(this.engine.nextDeadline()).toBe(time === undefined ? undefined : this.time(time));
    return this;
  }

  faults(): ReturnType<AlarmEngine['faults']> {
    return this.engine.faults();
  }

  /** The device that has this point; the one of the line when none has it. */
  private deviceOf(pointId: string): string {
    const devices = [...this.devices.values()];
    const device = devices.find(({ points }) => points.some((point) => point.pointId === pointId));
    return (device ?? this.device).deviceId;
  }

  private flush(): void {
    if (this.pendingTick) this.apply({ kind: 'tick' });
  }
}

function throughJson(snapshot: EngineSnapshot): EngineSnapshot {
  return JSON.parse(JSON.stringify(snapshot)) as EngineSnapshot;
}
