import { beforeAll, expect, test } from '@jest/globals';
import { AlarmEngine, type PointValue } from '@watchfire/alarm';
import { priorityOf } from '@watchfire/contracts';
import { type DeviceContext } from '@watchfire/registry';
import { Catalogue } from './catalogue.js';
import { deviceConfiguration } from './device-configuration.js';
import { type Profile } from './model.js';

/** What an operator would see of the profiles as they ship, on the engine as it ships. */
let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await Catalogue.load('config/catalogue');
});

const START = Date.UTC(2026, 0, 5, 8);
const SITE = {
  id: 's',
  enterpriseId: 'e',
  name: 's',
  kind: null,
  gridCode: null,
  longitude: null,
  latitude: null,
};

class Installed {
  readonly engine = AlarmEngine.create();
  private offset = 0;
  private readonly profile: Profile;

  constructor(key: string) {
    const profile = catalogue.profile(key);
    if (profile === undefined) throw new Error(`no profile ${key}`);
    this.profile = profile;
    const device = { id: 'd', siteId: 's', profile: key, name: 'd', address: null, dialect: 'standard' };
    const context: DeviceContext = {
      device: {
        ...device,
        disabled: false,
        createdAt: START,
        gatewayId: null,
        wireName: null,
        keys: {},
        members: [],
      },
      site: { ...SITE, createdAt: START },
      enterprise: { id: 'e', name: 'e', createdAt: START },
    };
    this.apply(0, { kind: 'configure', device: deviceConfiguration(context, profile, []) });
    this.apply(0, { kind: 'connection', deviceId: 'd', connected: true, reason: 'connect' });
  }

  /** The device says so at this second. */
  says(second: number, values: Readonly<Record<string, PointValue>>): this {
    const at = START + second * 1_000;
    const samples = Object.entries(values).map(([key, value]) => ({
      pointId: `d.${key}`,
      value,
      quality: 'good' as const,
    }));
    return this.apply(second, {
      kind: 'reading',
      deviceId: 'd',
      receivedAt: at,
      ts: at,
      historical: false,
      samples,
    });
  }

  /** A message of a clock that is so many seconds ahead. */
  saysAhead(second: number, aheadSeconds: number): this {
    const at = START + second * 1_000;
    return this.apply(second, {
      kind: 'reading',
      deviceId: 'd',
      receivedAt: at,
      ts: at,
      deviceTime: at + aheadSeconds * 1_000,
      historical: false,
      samples: [],
    });
  }

  takenOver(second: number): this {
    return this.apply(second, { kind: 'connection', deviceId: 'd', connected: true, reason: 'taken_over' });
  }

  event(second: number, name: string): this {
    return this.says(second, this.profile.events[name] ?? {});
  }

  until(second: number): this {
    return this.apply(second, { kind: 'tick' });
  }

  /** `rule level colour state`, by rule. */
  seen(): string[] {
    return [...this.engine.alarms()]
      .filter((alarm) => alarm.state !== 'NORM')
      .map((alarm) => `${alarm.rule} ${alarm.level ?? '-'} ${priorityOf(alarm.severity)} ${alarm.state}`)
      .sort();
  }

  private apply(second: number, input: Parameters<AlarmEngine['apply']>[0]['input']): this {
    this.offset += 1;
    this.engine.apply({ offset: this.offset, at: START + second * 1_000, input });
    return this;
  }
}

test('every rule of every profile can be evaluated', () => {
  for (const { key } of catalogue.profiles().filter(({ logic }) => !logic))
    expect([key, new Installed(key).engine.faults()]).toEqual([key, []]);
});

test('gas: orange at 25, red at 50, both at once, and only a clear minute below 23 ends it', () => {
  const gas = new Installed('gas.lel.point');
  expect(gas.says(0, { conc: 24.9 }).seen()).toEqual([]);
  expect(gas.says(1, { conc: 25 }).seen()).toEqual(['conc-high H orange UNACK']);
  expect(gas.says(2, { conc: 50 }).seen()).toEqual(['conc-high HH red UNACK']);
  gas.says(3, { conc: 10 }).says(60, { conc: 10 });
  expect(gas.seen()).toEqual(['conc-high HH red UNACK']);
  expect(gas.says(63, { conc: 10 }).seen()).toEqual(['conc-high HH red RTNUN']);
});

test('gas: a detector that has drifted below -5, and one that is silent for two minutes, are found', () => {
  expect(new Installed('gas.lel.point').says(0, { conc: -6 }).seen()).toEqual(['conc-drift L yellow UNACK']);
  const silent = new Installed('gas.lel.point').says(0, { conc: 1 }).until(119);
  expect(silent.seen()).toEqual([]);
  expect(silent.until(121).seen()).toEqual(['conc-stale - yellow UNACK']);
});

test.each(['gas.lel.point', 'tank.atm', 'fire.uitd', 'lift'])(
  '%s: a clock wrong by more than a minute, and a link taken over three times in ten minutes, are found',
  (key) => {
    expect(new Installed(key).saysAhead(0, 60).seen()).toEqual([]);
    expect(new Installed(key).saysAhead(0, 61).seen()).toEqual(['clock-skew - yellow UNACK']);
    const taken = new Installed(key).takenOver(0).takenOver(10);
    expect(taken.seen()).toEqual([]);
    expect(taken.takenOver(20).seen()).toEqual(['link-flapping - yellow UNACK']);
  },
);

test('tank: an overfill is told after it has lasted a minute', () => {
  const tank = new Installed('tank.atm').says(0, { levelPercent: 96, level: 14.4 }).until(59);
  expect(tank.seen()).toEqual([]);
  expect(tank.until(61).seen()).toEqual(['level-percent HH red UNACK']);
});

test('fire: at once, and it stays when the panel is reset', () => {
  const panel = new Installed('fire.uitd').says(0, { fire: false }).event(1, 'fire');
  expect(panel.seen()).toEqual(['fire fire red UNACK']);
  expect(panel.event(2, 'reset').seen()).toEqual(['fire fire red LATUN']);
});

test('lift: the button at once, and it stays until the end of alarm and a reset', () => {
  const lift = new Installed('lift').event(0, 'alarm_button');
  expect(lift.seen()).toEqual(['alarm-button button red UNACK']);
  expect(lift.event(5, 'end_of_alarm').seen()).toEqual(['alarm-button button red LATUN']);
});

test.each([
  [11, 'entrapment-code 11 red UNACK'],
  [93, 'entrapment-code 93 red UNACK'],
  [5, 'fault-code 05 orange UNACK'],
  [3, 'fault-code 03 yellow UNACK'],
])('lift: code %i', (code, seen) => {
  expect(new Installed('lift').says(0, { faultCode: code }).seen()).toEqual([seen]);
});

test('lift: a code that nobody knows is shown', () => {
  const [seen] = new Installed('lift').says(0, { faultCode: 77 }).seen();
  expect(seen).toMatch(/^fault-code .* yellow UNACK$/);
});

test('lift: an entrapment is suspected after a minute outside the zone with somebody inside, not sooner, not empty', () => {
  const stuck = { running: false, inDoorZone: false, doorClosed: true };
  expect(
    new Installed('lift')
      .says(0, { ...stuck, passengerPresent: false })
      .until(90)
      .seen(),
  ).toEqual([]);
  const lift = new Installed('lift').says(0, { ...stuck, passengerPresent: true }).until(59);
  expect(lift.seen()).toEqual([]);
  expect(lift.until(61).seen()).toEqual(['entrapment-suspected suspected red UNACK']);
  expect(lift.says(70, { inDoorZone: true }).seen()).toEqual(['entrapment-suspected suspected red RTNUN']);
});

test('lift: lost mains matter while somebody is inside', () => {
  const lift = new Installed('lift').event(0, 'mains_lost');
  expect(lift.seen()).toEqual([]);
  expect(lift.says(1, { passengerPresent: true }).seen()).toEqual(['mains-lost mains-lost orange UNACK']);
});
