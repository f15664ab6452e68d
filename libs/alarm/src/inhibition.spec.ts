import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline, TIMELINE_START } from '@watchfire/testing';
import fc from 'fast-check';
import { AlarmEngine } from './engine.js';
import { type DeviceConfiguration, type EngineInput, type Rule, type RuleReference } from './model.js';

const title = { zh: '规则', en: 'Rule' };
const base = { version: 1, latching: false, title };

const offline = (afterMs = 60_000): Rule => ({
  ...base,
  key: 'offline',
  class: 'link',
  condition: { kind: 'offline', afterMs, severity: 500 },
});
const stale = (pointId: string, afterMs = 60_000): Rule => ({
  ...base,
  key: 'stale',
  class: 'link',
  condition: { kind: 'stale', pointId, afterMs, severity: 500 },
});
const onRule = (pointId: string, over: Partial<Rule> = {}): Rule => ({
  ...base,
  key: 'on',
  class: 'process',
  condition: {
    kind: 'discrete',
    pointId,
    alarmValues: [{ value: true, level: 'on', severity: 700 }],
    onDelayMs: 0,
    offDelayMs: 0,
  },
  ...over,
});

function device(
  deviceId: string,
  rules: readonly Rule[],
  over: Partial<DeviceConfiguration> = {},
): DeviceConfiguration {
  const point = { pointId: `${deviceId}.on`, key: 'on', name: { zh: '动作', en: 'On' }, unit: null };
  const link = { gatewayId: null };
  return { ...deviceWith(rules), deviceId, deviceName: deviceId, points: [point], link, ...over };
}
const gateway = (over: Partial<DeviceConfiguration> = {}) => device('gw', [offline()], over);
const child = (deviceId: string, over: Partial<DeviceConfiguration> = {}) =>
  device(deviceId, [offline(), stale(`${deviceId}.on`)], { link: { gatewayId: 'gw' }, ...over });

describe('silence behind a link that is down', () => {
  function afterAMinute(...devices: readonly DeviceConfiguration[]) {
    const engine = AlarmEngine.create();
    let offset = 0;
    const apply = (at: number, input: EngineInput) =>
      engine.apply({ offset: ++offset, at: TIMELINE_START + at, input });
    for (const one of devices) apply(0, { kind: 'configure', device: one });
    const { transitions } = apply(60_000, { kind: 'tick' });
    return { engine, apply, transitions };
  }

  it('[AL118] is one alarm, of the link, in whatever order devices come; those behind it are suppressed and say by what', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([child('a'), child('b'), child('z'), gateway()], { minLength: 4 }),
        (devices) => {
          const { engine, transitions } = afterAMinute(...devices);
          const announced = transitions.filter(({ annunciation }) => annunciation === 'own');
          expect(announced.map(({ alarm }) => alarm.deviceId)).toEqual(['gw']);
          const quiet = [...engine.alarms()].filter(({ suppressed }) => suppressed);
          expect(quiet).toHaveLength(6);
          for (const alarm of quiet) {
            expect(alarm.active).toBe(true);
            expect(alarm.suppressionReasons).toContain('inhibited-by:gw/offline');
          }
        },
      ),
    );
  });

  it('[AL118] each is announced where it is not said how the device is reached, as in old journals', () => {
    const unlinked = JSON.parse(
      JSON.stringify(child('a'), (key, value: unknown) => (key === 'link' ? undefined : value)),
    ) as DeviceConfiguration;
    const { transitions } = afterAMinute(unlinked, gateway());
    expect(transitions.filter(({ annunciation }) => annunciation === 'own')).toHaveLength(3);
  });

  it('[AL118] is told when the link is back and it is still silent', () => {
    const { engine, apply } = afterAMinute(child('a'), gateway());
    const { transitions } = apply(61_000, {
      kind: 'connection',
      deviceId: 'gw',
      connected: true,
      reason: 'connect',
    });
    expect(transitions.map(({ type, alarm }) => [type, alarm.deviceId, alarm.rule])).toContainEqual([
      'returned',
      'gw',
      'offline',
    ]);
    const own = [...engine.alarms()].find(({ deviceId, rule }) => deviceId === 'a' && rule === 'offline');
    expect(own).toMatchObject({ state: 'UNACK', suppressed: false });
    // What is behind the device itself stays one alarm.
    const point = [...engine.alarms()].find(({ deviceId, rule }) => deviceId === 'a' && rule === 'stale');
    expect(point).toMatchObject({ suppressed: true, suppressionReasons: ['inhibited-by:a/offline'] });
  });

  it('[AL110] [AL118] a gateway of another site quietens nothing here', () => {
    const { engine } = afterAMinute(child('a', { siteId: 's2' }), gateway());
    const own = [...engine.alarms()].find(({ deviceId, rule }) => deviceId === 'a' && rule === 'offline');
    expect(own).toMatchObject({ suppressed: false });
  });

  it('[AL119] follows the configuration: a gateway that is removed, and a device taken from behind it', () => {
    for (const change of [
      { kind: 'remove', deviceId: 'gw', actor: 'admin' },
      { kind: 'configure', device: child('a', { link: { gatewayId: null } }) },
    ] as const satisfies readonly EngineInput[]) {
      const { engine, apply } = afterAMinute(child('a'), gateway());
      apply(61_000, change);
      const own = [...engine.alarms()].find(({ deviceId, rule }) => deviceId === 'a' && rule === 'offline');
      expect(own).toMatchObject({ suppressed: false, state: 'UNACK' });
    }
  });
});

describe('a rule that inhibits another', () => {
  const reference: RuleReference = { deviceId: 'b', rule: 'on' };
  const parent = (over: Partial<Rule> = {}) => device('a', [onRule('a.on', over)]);
  const dependent = (over: Partial<Rule> = {}) => device('b', [onRule('b.on', over)]);

  it.each([
    ['says so', parent({ inhibits: [reference] }), dependent()],
    ['is named by it', parent(), dependent({ inhibitedBy: [{ deviceId: 'a', rule: 'on' }] })],
  ])('[AL119] when it %s, in either order, before and after', (_how, first, second) => {
    for (const order of [
      [first, second],
      [second, first],
    ] as const) {
      const story = new Timeline(order[0]).configure(order[1]);
      story.reading('b.on', true).reading('a.on', true);
      const suppressed = () => story.all.findLast(({ alarm }) => alarm.deviceId === 'b')?.alarm;
      expect(suppressed()).toMatchObject({ suppressed: true, state: 'DSUPR', active: true });
      story.reading('a.on', false);
      expect(suppressed()).toMatchObject({ suppressed: false, state: 'UNACK' });
    }
  });

  it('[AL119] follows a change of the rule at once', () => {
    const story = new Timeline(parent()).configure(dependent()).reading('a.on', true).reading('b.on', true);
    story.configure(parent({ version: 2, inhibits: [reference] }));
    expect(story.all.at(-1)?.alarm).toMatchObject({ deviceId: 'b', state: 'DSUPR' });
    story.configure(parent({ version: 3 }));
    expect(story.all.at(-1)?.alarm).toMatchObject({ deviceId: 'b', state: 'UNACK' });
  });

  it('[AL120] never quietens the top class', () => {
    const top = dependent({ annunciation: { exempt: true }, inhibitedBy: [{ deviceId: 'a', rule: 'on' }] });
    const story = new Timeline(parent({ inhibits: [reference] })).configure(top);
    story.reading('a.on', true).reading('b.on', true);
    expect(story.all.some(({ alarm }) => alarm.suppressed)).toBe(false);
    expect(story.all.at(-1)).toMatchObject({ annunciation: 'own', alarm: { deviceId: 'b', state: 'UNACK' } });
  });

  it('[AL121] in a circle does not, and is a fault', () => {
    const circle = dependent({ inhibits: [{ deviceId: 'a', rule: 'on' }] });
    const story = new Timeline(parent({ inhibits: [reference] })).configure(circle);
    story.reading('a.on', true).reading('b.on', true);
    expect(story.all.some(({ alarm }) => alarm.suppressed)).toBe(false);
    expect(story.faults().map(({ deviceId }) => deviceId)).toEqual(['a', 'b']);
  });

  it('[AL119] an exercise quietens nothing that is real', () => {
    const drill = { ...parent({ inhibits: [reference] }), drill: true };
    const story = new Timeline(drill).configure(dependent()).reading('a.on', true).reading('b.on', true);
    expect(story.all.at(-1)?.alarm).toMatchObject({ deviceId: 'b', state: 'UNACK' });
  });
});

describe('first-out', () => {
  it('[AL122] marks the first alarm of a group of the site since the group was quiet', () => {
    const over = { firstOutGroup: 'fire' };
    const story = new Timeline(device('a', [onRule('a.on', over)]))
      .configure(device('b', [onRule('b.on', over)]))
      .configure(device('c', [onRule('c.on', over)], { siteId: 's2' }));
    const isFirst = () => story.all.at(-1)?.alarm.firstInGroup;
    story.reading('b.on', true);
    expect(isFirst()).toBe(true);
    story.reading('a.on', true);
    expect(isFirst()).toBe(false);
    story.reading('c.on', true);
    expect(isFirst()).toBe(true);
    story.reading('b.on', false).reading('b.on', true);
    expect(isFirst()).toBe(false);
    story.reading('a.on', false).reading('b.on', false).reading('a.on', true);
    expect(isFirst()).toBe(true);
  });
});

describe('whatever happens at two sites', () => {
  const SITES = ['s1', 's2'];
  const rules = (id: string, site: string): Rule[] => [
    onRule(`${id}.on`, {
      firstOutGroup: 'g',
      inhibits: [{ deviceId: `${id === `a-${site}` ? 'b' : 'a'}-${site}`, rule: 'stale' }],
      ...(id.startsWith('b')
        ? { annunciation: { exempt: true }, inhibitedBy: [{ deviceId: `a-${site}`, rule: 'on' }] }
        : {}),
    }),
    offline(5_000),
    stale(`${id}.on`, 5_000),
  ];
  const configurations = SITES.flatMap((siteId) =>
    ['a', 'b', 'gw'].map((name) =>
      device(`${name}-${siteId}`, rules(`${name}-${siteId}`, siteId), {
        siteId,
        link: { gatewayId: name === 'gw' ? null : `gw-${siteId}` },
      }),
    ),
  );
  const act = fc.record({
    kind: fc.constantFrom('on', 'off', 'bad', 'connect', 'disconnect', 'configure', 'remove', 'tick'),
    device: fc.nat(configurations.length - 1),
    step: fc.nat(4_000),
  });
  const inputOf = (kind: string, one: DeviceConfiguration, at: number): EngineInput => {
    const { deviceId } = one;
    switch (kind) {
      case 'connect':
      case 'disconnect':
        return { kind: 'connection', deviceId, connected: kind === 'connect', reason: kind };
      case 'configure':
        return { kind, device: one };
      case 'remove':
        return { kind, deviceId, actor: 'admin' };
      case 'tick':
        return { kind };
      default:
        return {
          kind: 'reading',
          deviceId,
          receivedAt: at,
          ts: at,
          historical: false,
          samples: [
            { pointId: `${deviceId}.on`, value: kind === 'on', quality: kind === 'bad' ? 'bad' : 'good' },
          ],
        };
    }
  };

  it('[AL110] [AL120] [AL31] no lane is crossed, the top class is never quietened, and a restart at any step changes nothing', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 10, maxLength: 40 }), (acts) => {
        let engine = AlarmEngine.create();
        let offset = 0;
        let at = TIMELINE_START;
        const inputs: [number, EngineInput][] = configurations.map((one) => [
          at,
          { kind: 'configure', device: one },
        ]);
        for (const { kind, device: index, step } of acts) {
          at += step;
          const one = configurations[index];
          if (one !== undefined) inputs.push([at, inputOf(kind, one, at)]);
        }
        for (const [time, input] of inputs) {
          const restored = AlarmEngine.restore(JSON.parse(JSON.stringify(engine.snapshot())) as never);
          const record = { offset: ++offset, at: time, input };
          const outcome = engine.apply(record);
          expect(restored.apply(record)).toEqual(outcome);
          expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(engine.snapshot()));
          engine = restored;
          for (const alarm of engine.alarms()) {
            for (const reason of alarm.suppressionReasons) expect(reason).toContain(`-${alarm.siteId}/`);
            const isTop = alarm.rule === 'on' && alarm.deviceId.startsWith('b');
            if (isTop) expect(alarm.suppressed).toBe(false);
            // Level-driven: quiet exactly while something that is active is the reason.
            for (const reason of alarm.suppressionReasons) {
              const [deviceId, key] = reason.slice('inhibited-by:'.length).split('/');
              const source = [...engine.alarms()].find(
                (one) => one.deviceId === deviceId && one.rule === key,
              );
              expect(source?.active).toBe(true);
            }
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});
