import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { AlarmEngine } from './engine.js';
import { type DeviceConfiguration, type EngineRecord, type Rule } from './model.js';
import {
  type DeviceSnapshot,
  type EngineSnapshot,
  type EngineSnapshot1,
  type EngineSnapshot2,
} from './snapshot.js';

const GAS: Rule = {
  key: 'gas',
  version: 1,
  class: 'gas',
  title: { zh: '气', en: 'Gas' },
  latching: false,
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
};
const gas = (): Timeline => new Timeline(deviceWith([GAS]));

/** Its devices as versions up to 3 wrote them, each with its whole configuration. */
function devicesOf(engine: AlarmEngine): DeviceSnapshot<DeviceConfiguration>[] {
  return engine.snapshot().lanes.flatMap(({ devices }) =>
    devices.map(({ configuration, ...device }) => {
      const { deviceId } = 'own' in configuration ? configuration.own : configuration;
      return { configuration: engine.device(deviceId)!, ...device };
    }),
  );
}

describe('a command', () => {
  it('[AL30] that names an older occurrence is refused', () => {
    const story = gas().at('1s').reading('lel', 30);
    const { eventId } = story.alarm();
    story
      .at('2s')
      .reading('lel', 60)
      .acknowledge(eventId)
      .expectRefused('event_id_unknown')
      .expectAlarm({ state: 'UNACK' })
      .acknowledge()
      .acknowledge()
      .expectRefused('already_acknowledged')
      .acknowledge(eventId)
      .expectRefused('event_id_unknown');
  });

  it('[AL30] for an alarm that is not open is refused', () => {
    const story = gas();
    story
      .apply({
        kind: 'command',
        actor: 'operator',
        comment: null,
        command: { kind: 'acknowledge', alarmId: 'A1-0', eventId: '1-0' },
      })
      .expectRefused('alarm_unknown');
  });

  it('carries who, when and why', () => {
    const story = gas().at('1s').reading('lel', 30).at('2s').comment('patrol sent', 'wang').acknowledge();
    story.expectAlarm({ state: 'ACKED', ackedBy: 'operator', ackedAt: story.time('2s') });
    expect(story.all.slice(1)).toMatchObject([
      { seq: 2, eventId: '4-0', type: 'commented', actor: 'wang', comment: 'patrol sent' },
      { seq: 3, eventId: '5-0', type: 'acknowledged', actor: 'operator', comment: null },
    ]);
    expect(story.all[1]?.alarm.eventId).toBe('2-0');
  });

  it('what falls due in the record of a command is the act of nobody', () => {
    const delayed: Rule = {
      ...GAS,
      condition: { ...GAS.condition, offDelayMs: 10_000 } as Rule['condition'],
    };
    const story = new Timeline(deviceWith([delayed])).at('0s').reading('lel', 30);
    const { id, eventId } = story.alarm();
    story.at('1s').reading('lel', 1).at('20s');
    story.apply({
      kind: 'command',
      actor: 'operator',
      comment: 'seen',
      command: { kind: 'acknowledge', alarmId: id, eventId },
    });
    expect(story.all.slice(1)).toMatchObject([
      { type: 'returned', actor: 'system', comment: null, eventId: '4-0' },
      { type: 'acknowledged', actor: 'operator', comment: 'seen', eventId: '4-1' },
    ]);
    story.expectNoAlarm();
  });
});

describe('the engine', () => {
  const configure: EngineRecord = {
    offset: 1,
    at: 1000,
    input: { kind: 'configure', device: deviceWith([GAS]) },
  };
  const gasLeak: EngineRecord = {
    offset: 2,
    at: 2000,
    input: {
      kind: 'reading',
      deviceId: 'd1',
      receivedAt: 2000,
      ts: 2000,
      historical: false,
      samples: [{ pointId: 'lel', value: 30, quality: 'good' }],
    },
  };

  it('[AL31] takes a record once', () => {
    const engine = AlarmEngine.create();
    engine.apply(configure);
    expect(engine.apply(gasLeak).transitions).toHaveLength(1);
    const before = JSON.stringify(engine.snapshot());
    expect(engine.apply(gasLeak).transitions).toEqual([]);
    expect(engine.apply(configure).transitions).toEqual([]);
    expect(JSON.stringify(engine.snapshot())).toBe(before);
  });

  it('says what it has', () => {
    const engine = AlarmEngine.create();
    expect([engine.seq, engine.time, engine.offset, engine.nextDeadline()]).toEqual([0, 0, 0, undefined]);
    engine.apply(configure);
    engine.apply(gasLeak);
    expect([engine.seq, engine.time, engine.offset]).toEqual([1, 2000, 2]);
    expect([...engine.deviceIds()]).toEqual(['d1']);
    expect(engine.device('d1')?.deviceName).toBe('Detector 1');
    expect(engine.device('d2')).toBeUndefined();
    expect(engine.alarm('A2-0')).toBe([...engine.alarms()][0]);
    expect(engine.alarm('A1-0')).toBeUndefined();
  });

  it('refuses a snapshot of another version', () => {
    const snapshot = { ...AlarmEngine.create().snapshot(), version: 5 } as unknown as EngineSnapshot;
    expect(() => AlarmEngine.restore(snapshot)).toThrow('version 5');
  });

  it('reads a snapshot of version 1 as one in which no clock and no take-over was seen', () => {
    const engine = AlarmEngine.create();
    engine.apply({ offset: 1, at: 10, input: { kind: 'configure', device: deviceWith([]) } });
    const now = engine.snapshot();
    const known = (key: string, value: unknown): unknown =>
      ['clock', 'takeOvers', 'lanes', 'plans'].includes(key) ? undefined : value;
    const devices = devicesOf(engine);
    const before = JSON.parse(JSON.stringify({ ...now, devices, version: 1 }, known)) as EngineSnapshot1;
    expect(AlarmEngine.restore(before).snapshot()).toEqual(now);
  });

  it('[AL31] names what devices of one profile have in common once', () => {
    const engine = AlarmEngine.create();
    for (const [index, deviceId] of ['d1', 'd2', 'd3'].entries()) {
      const device = deviceWith([GAS], { deviceId });
      engine.apply({ offset: index + 1, at: 10, input: { kind: 'configure', device } });
    }
    const { plans, lanes } = engine.snapshot();
    expect(plans).toHaveLength(1);
    expect(
      lanes[0]?.devices.map(({ configuration }) => 'plan' in configuration && configuration.plan),
    ).toEqual([0, 0, 0]);
    const restored = AlarmEngine.restore(JSON.parse(JSON.stringify(engine.snapshot())) as EngineSnapshot);
    expect(restored.device('d2')).toEqual(engine.device('d2'));
    expect(Object.keys(restored.device('d2') ?? {})).toEqual(Object.keys(engine.device('d2') ?? {}));
  });

  it('[AL110] reads a snapshot of version 2, of before there were lanes', () => {
    const engine = AlarmEngine.create();
    for (const [index, [deviceId, siteId]] of [['d1', 's2'] as const, ['d2', 's1'] as const].entries()) {
      const device = deviceWith([GAS], { deviceId, siteId });
      engine.apply({ offset: index + 1, at: 10, input: { kind: 'configure', device } });
    }
    const now = engine.snapshot();
    const devices = devicesOf(engine);
    const { offset, time, seq } = now;
    const before: EngineSnapshot2 = { version: 2, offset, time, seq, devices };
    expect(JSON.stringify(AlarmEngine.restore(before).snapshot())).toBe(JSON.stringify(now));
  });

  it('[AL31] gives equal states equal bytes, whatever way they were reached', () => {
    const [first, second] = [['d1', 'd2'] as const, ['d2', 'd1'] as const].map((order) => {
      const engine = AlarmEngine.create();
      order.forEach((deviceId, index) =>
        engine.apply({
          offset: index + 1,
          at: 1000,
          input: { kind: 'configure', device: deviceWith([GAS], { deviceId }) },
        }),
      );
      return JSON.stringify(engine.snapshot());
    });
    expect(first).toBe(second);
  });
});
