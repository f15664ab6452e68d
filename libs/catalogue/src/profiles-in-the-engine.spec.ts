import { beforeAll, expect, test } from '@jest/globals';
import { Installed } from '../spec/installed.js';
import { Catalogue } from './catalogue.js';

/** What an operator would see of the profiles as they ship, on the engine as it ships. */
let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await Catalogue.load('config/catalogue');
});

function installed(key: string): Installed {
  const profile = catalogue.profile(key);
  if (profile === undefined) throw new Error(`no profile ${key}`);
  return new Installed(profile);
}

test('every rule of every profile can be evaluated', () => {
  for (const { key } of catalogue.profiles().filter(({ logic }) => !logic))
    expect([key, installed(key).engine.faults()]).toEqual([key, []]);
});

test('gas: orange at 25, red at 50, both at once, and only a clear minute below 23 ends it', () => {
  const gas = installed('gas.lel.point');
  expect(gas.says(0, { conc: 24.9 }).seen()).toEqual([]);
  expect(gas.says(1, { conc: 25 }).seen()).toEqual(['conc-high H orange UNACK']);
  expect(gas.says(2, { conc: 50 }).seen()).toEqual(['conc-high HH red UNACK']);
  gas.says(3, { conc: 10 }).says(60, { conc: 10 });
  expect(gas.seen()).toEqual(['conc-high HH red UNACK']);
  expect(gas.says(63, { conc: 10 }).seen()).toEqual(['conc-high HH red RTNUN']);
});

test('gas: a detector that has drifted below -5, and one that is silent for two minutes, are found', () => {
  expect(installed('gas.lel.point').says(0, { conc: -6 }).seen()).toEqual(['conc-drift L yellow UNACK']);
  const silent = installed('gas.lel.point').says(0, { conc: 1 }).until(119);
  expect(silent.seen()).toEqual([]);
  expect(silent.until(121).seen()).toEqual(['conc-stale - yellow UNACK']);
});

test.each(['gas.lel.point', 'gas.commercial', 'pipe.gas', 'tank.atm', 'tank.pressure', 'fire.uitd', 'lift'])(
  '%s: a clock wrong by more than a minute, and a link taken over three times in ten minutes, are found',
  (key) => {
    expect(installed(key).saysAhead(0, 60).seen()).toEqual([]);
    expect(installed(key).saysAhead(0, 61).seen()).toEqual(['clock-skew - yellow UNACK']);
    const taken = installed(key).takenOver(0).takenOver(10);
    expect(taken.seen()).toEqual([]);
    expect(taken.takenOver(20).seen()).toEqual(['link-flapping - yellow UNACK']);
  },
);

test('tank: an overfill is told after it has lasted a minute', () => {
  const tank = installed('tank.atm').says(0, { levelPercent: 96, level: 14.4 }).until(59);
  expect(tank.seen()).toEqual([]);
  expect(tank.until(61).seen()).toEqual(['level-percent HH red UNACK']);
});

test('tank: a gauge that has not moved for a day has failed, and a temperature that rises fast is told before its limit', () => {
  const day = 86_400;
  const tank = installed('tank.atm')
    .says(0, { level: 7, levelPercent: 50 })
    .says(day - 1, { level: 7 });
  expect(tank.seen()).not.toContain('level-frozen - yellow UNACK');
  expect(tank.says(day, { level: 7 }).seen()).toContain('level-frozen - yellow UNACK');
  const warm = installed('tank.atm').says(0, { temp: 20 }).says(299, { temp: 26 });
  expect(warm.seen()).toEqual([]);
  expect(warm.says(300, { temp: 25 }).seen()).toContain('temp-rise H yellow UNACK');
});

test('pressure tank: outside its window, and rising while far from its limits', () => {
  const tank = installed('tank.pressure').says(0, { pressure: 0.8 }).says(150, { pressure: 0.86 });
  expect(tank.seen()).toEqual(['pressure-rise H yellow UNACK']);
  const leak = installed('tank.pressure').says(0, { pressure: 0.09 }).until(15);
  expect(leak.seen()).toEqual(['pressure-window - orange UNACK']);
});

test('commercial gas: a valve that stays open, and a fan that stays off, are told after ten seconds', () => {
  const kitchen = installed('gas.commercial').says(0, { conc: 0, valveState: true, fanState: false });
  kitchen.says(10, { conc: 30 }).says(12, { fanState: true }).until(19);
  expect(kitchen.seen()).toEqual(['conc-high H orange UNACK']);
  expect(kitchen.until(20).seen()).toEqual(['conc-high H orange UNACK', 'valve-not-closed open red UNACK']);
  expect(kitchen.event(21, 'valve_closed').seen()).toContain('valve-not-closed open red RTNUN');
  const told = installed('gas.commercial').says(0, { valveCommand: false, valveState: true }).until(10);
  expect(told.seen()).toEqual(['valve-discrepancy - red UNACK']);
});

test('gas pipeline: low behind a closed valve is by design, flow behind it is not', () => {
  const pipe = installed('pipe.gas').says(0, { pressure: 150, valve: true, flow: 30 }).until(15);
  expect(pipe.seen()).toEqual(['pressure-deviation LL orange UNACK']);
  pipe.event(20, 'valve_closed').until(80);
  expect(pipe.seen()).toEqual(['flow-when-closed flow orange UNACK', 'pressure-deviation LL orange DSUPR']);
});

test('fire: the sixth signal within a day is told besides', () => {
  const panel = installed('fire.uitd');
  for (let one = 0; one < 6; one += 1) {
    expect(panel.seen()).not.toContain('fire-frequent - yellow UNACK');
    panel.says(one * 100, { fire: false }).says(one * 100 + 50, { fire: true });
  }
  expect(panel.seen()).toContain('fire-frequent - yellow UNACK');
});

test('fire: at once, and it stays when the panel is reset', () => {
  const panel = installed('fire.uitd').says(0, { fire: false }).event(1, 'fire');
  expect(panel.seen()).toEqual(['fire fire red UNACK']);
  expect(panel.event(2, 'reset').seen()).toEqual(['fire fire red LATUN']);
});

test('lift: the button at once, and it stays until the end of alarm and a reset', () => {
  const lift = installed('lift').event(0, 'alarm_button');
  expect(lift.seen()).toEqual(['alarm-button button red UNACK']);
  expect(lift.event(5, 'end_of_alarm').seen()).toEqual(['alarm-button button red LATUN']);
});

test.each([
  [11, 'entrapment-code 11 red UNACK'],
  [93, 'entrapment-code 93 red UNACK'],
  [5, 'fault-code 05 orange UNACK'],
  [3, 'fault-code 03 yellow UNACK'],
])('lift: code %i', (code, seen) => {
  expect(installed('lift').says(0, { faultCode: code }).seen()).toEqual([seen]);
});

test('lift: a code that nobody knows is shown', () => {
  const [seen] = installed('lift').says(0, { faultCode: 77 }).seen();
  expect(seen).toMatch(/^fault-code .* yellow UNACK$/);
});

test('lift: an entrapment is suspected after a minute outside the zone with somebody inside, not sooner, not empty', () => {
  const stuck = { running: false, inDoorZone: false, doorClosed: true };
  expect(
    installed('lift')
      .says(0, { ...stuck, passengerPresent: false })
      .until(90)
      .seen(),
  ).toEqual([]);
  const lift = installed('lift')
    .says(0, { ...stuck, passengerPresent: true })
    .until(59);
  expect(lift.seen()).toEqual([]);
  expect(lift.until(61).seen()).toEqual(['entrapment-suspected suspected red UNACK']);
  expect(lift.says(70, { inDoorZone: true }).seen()).toEqual(['entrapment-suspected suspected red RTNUN']);
});

test('lift: lost mains matter while somebody is inside', () => {
  const lift = installed('lift').event(0, 'mains_lost');
  expect(lift.seen()).toEqual([]);
  expect(lift.says(1, { passengerPresent: true }).seen()).toEqual(['mains-lost mains-lost orange UNACK']);
});
