import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aDevice, aPoint, aProfile } from '../../test/demo-data.js';
import { DeviceModel } from './device-model.js';
import { type Values } from './values.js';

const START = Date.UTC(2026, 4, 4);
const nothing = new Map<string, never>();

const tank = aDevice({
  tankHeight: 20,
  states: { valveIn: true },
  signals: {
    levelPercent: { base: 60, noise: 0.1, amplitude: 20, periodSeconds: 7_200 },
    temp: { base: 18, noise: 0.1, amplitude: 6, periodSeconds: 86_400 },
  },
});
const tankProfile = aProfile([
  aPoint('level', { decimals: 3, span: { min: 0, max: 30 } }),
  aPoint('levelPercent', { decimals: 1, span: { min: 0, max: 100 } }),
  aPoint('temp', { decimals: 1 }),
  aPoint('valveIn', { type: 'boolean' }),
  aPoint('valveOut', { type: 'boolean' }),
]);
const lift = aDevice({ lift: { floors: 18, tripsPerHour: 60, speed: 1.75 } });
const liftProfile = aProfile([aPoint('speed', { decimals: 2 })]);

function sequence(model: DeviceModel, steps: readonly number[]): Values[] {
  let at = START;
  return steps.map((step) => model.values((at += step), nothing));
}

describe('DeviceModel', () => {
  const steps = fc.array(fc.integer({ min: 100, max: 600_000 }), { minLength: 1, maxLength: 40 });

  test('gives the same messages for the same seed and times', () => {
    fc.assert(
      fc.property(fc.string(), steps, (seed, times) => {
        for (const [device, profile] of [
          [tank, tankProfile],
          [lift, liftProfile],
        ] as const) {
          const one = sequence(new DeviceModel(device, profile, seed), times);
          expect(sequence(new DeviceModel(device, profile, seed), times)).toEqual(one);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('gives another message for another seed', () => {
    const of = (seed: string): Values[] => sequence(new DeviceModel(tank, tankProfile, seed), [1_000, 1_000]);
    expect(of('one')).not.toEqual(of('other'));
  });

  test('shows what the instrument can show: within the span, in steps of its last digit', () => {
    const wild = aDevice({ signals: { conc: { base: 0, noise: 40, amplitude: 0, periodSeconds: 60 } } });
    const profile = aProfile([aPoint('conc', { decimals: 0, span: { min: 0, max: 100 } })]);
    for (const { conc } of sequence(new DeviceModel(wild, profile, 'x'), Array<number>(500).fill(1_000))) {
      expect(Number.isInteger(conc)).toBe(true);
      expect(conc).toBeGreaterThanOrEqual(0);
      expect(conc).toBeLessThanOrEqual(100);
    }
  });

  test('is warmest in the afternoon, where the period is a day', () => {
    const model = new DeviceModel(tank, tankProfile, 'x');
    // 03:00 and 15:00 in the district's time, UTC+8.
    const night = model.values(START + 19 * 3_600_000, nothing).temp as number;
    const afternoon = model.values(START + 31 * 3_600_000, nothing).temp as number;
    expect(afternoon - night).toBeGreaterThan(10);
  });

  test('fills and empties the tank with the valve that explains it, and both scales agree', () => {
    const readings = sequence(new DeviceModel(tank, tankProfile, 'x'), Array<number>(720).fill(20_000));
    const levels = readings.map(({ levelPercent }) => levelPercent as number);
    expect(Math.min(...levels)).toBeLessThan(42);
    expect(Math.max(...levels)).toBeGreaterThan(78);
    readings.forEach((reading, index) => {
      expect(reading.level).toBeCloseTo(((reading.levelPercent as number) * 20) / 100, 1);
      expect(reading.valveIn === true && reading.valveOut === true).toBe(false);
      const later = levels[index + 10];
      const still = readings.slice(index, index + 11);
      if (later === undefined) return;
      if (still.every(({ valveIn }) => valveIn === true))
        expect(later).toBeGreaterThan(levels[index] as number);
      if (still.every(({ valveOut }) => valveOut === true))
        expect(later).toBeLessThan(levels[index] as number);
    });
  });

  test('lets a scenario lead: the other scale of a level follows, and a set value has no noise', () => {
    const model = new DeviceModel(tank, tankProfile, 'x');
    const byPercent = model.values(START, new Map([['levelPercent', { value: 95, noisy: false }]]));
    expect(byPercent).toMatchObject({ levelPercent: 95, level: 19 });
    const byMetres = model.values(START + 1, new Map([['level', { value: 5, noisy: false }]]));
    expect(byMetres).toMatchObject({ levelPercent: 25, level: 5 });
  });

  test('shows no lift that contradicts itself', () => {
    const model = new DeviceModel(lift, liftProfile, 'x');
    const readings = sequence(model, Array<number>(20_000).fill(1_000));
    const contradicts = (reading: Values): boolean => {
      const { running, speed, doorClosed, inDoorZone, direction, floor, passengerPresent } = reading;
      const moving = running === true;
      return (
        (!moving && (speed !== 0 || direction !== 0 || inDoorZone !== true)) ||
        (moving && (doorClosed !== true || direction === 0 || (speed as number) > 1.75)) ||
        // Nobody stands in a car that waits with closed doors: that is what suspected entrapment looks like.
        (!moving && doorClosed === true && passengerPresent === true) ||
        !(Number(floor) >= 1 && Number(floor) <= 18)
      );
    };
    expect(readings.filter(contradicts)).toEqual([]);
    expect(readings.filter(({ running }) => running === true).length).toBeGreaterThan(1_000);
    expect(readings.filter(({ speed }) => speed === 1.75).length).toBeGreaterThan(100);
    expect(new Set(readings.map(({ floor }) => floor)).size).toBe(18);
  });

  test('tests a fire panel once in each working day', () => {
    const panel = aDevice({ states: { fire: false, test: false } });
    const profile = aProfile([aPoint('fire', { type: 'boolean' }), aPoint('test', { type: 'boolean' })]);
    const readings = sequence(new DeviceModel(panel, profile, 'x'), Array<number>(1_440).fill(60_000));
    expect(readings.filter(({ test }) => test === true)).toHaveLength(3);
    expect(readings.every(({ fire }) => fire === false)).toBe(true);
  });
});
