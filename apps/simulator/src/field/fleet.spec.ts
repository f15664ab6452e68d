import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Catalogue, type DemoDistrict, type DemoScenario, loadDemoDistrict } from '@watchfire/catalogue';
import { ManualClock } from '../../test/manual-clock.js';
import { DeviceLink, type LinkEvents } from './device-link.js';
import { Fleet } from './fleet.js';
import { Scheduler } from './scheduler.js';

interface Said {
  readonly at: number;
  readonly deviceId: string;
  readonly topic: string;
  readonly payload: { ts: number; values?: Record<string, unknown>; event?: string };
}

/** A server that accepts everybody and writes down what it hears. */
class ListeningLink extends DeviceLink {
  constructor(
    private readonly deviceId: string,
    private readonly clock: ManualClock,
    private readonly heard: Said[],
  ) {
    super();
  }

  connect(events: LinkEvents): void {
    events.up();
  }

  publish(topic: string, payload: string): Promise<void> {
    const { deviceId, clock } = this;
    this.heard.push({ at: clock.now(), deviceId, topic, payload: JSON.parse(payload) as Said['payload'] });
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const settings = (folder: string): string => join(process.cwd(), 'config', folder);
const silent = {
  connected: () => undefined,
  disconnected: () => undefined,
  acknowledged: () => undefined,
  refused: () => undefined,
};

describe('Fleet', () => {
  let district: DemoDistrict;
  let catalogue: Catalogue;
  let clock: ManualClock;
  let heard: Said[];
  let missing: string[];
  let fleet: Fleet;

  beforeAll(async () => {
    [district, catalogue] = await Promise.all([
      loadDemoDistrict(settings('demo')),
      Catalogue.load(settings('catalogue')),
    ]);
  });

  beforeEach(() => {
    clock = new ManualClock();
    heard = [];
    missing = [];
    fleet = fleetWith('seed');
  });

  function fleetWith(seed: string): Fleet {
    return new Fleet(district, catalogue, new Scheduler(clock), {
      seed,
      boot: 'boot-1',
      onMissing: (deviceId) => missing.push(deviceId),
    });
  }

  function start(): void {
    fleet.start((deviceId) => new ListeningLink(deviceId, clock, heard), silent);
  }

  const scenario = (key: string): DemoScenario =>
    district.scenarios.find((candidate) => candidate.key === key) as DemoScenario;
  const readings = (deviceId: string): Said[] =>
    heard.filter((said) => said.deviceId === deviceId && said.payload.values !== undefined);

  test('every device of the district reports, on time and only what its profile knows', () => {
    start();
    clock.pass(180_000);
    for (const device of district.devices) {
      const profile = catalogue.profile(device.profile);
      const own = readings(device.id);
      const due = 180 / device.simulation.publishSeconds;
      expect([device.id, own.length > 0.8 * (due - 1)]).toEqual([device.id, true]);
      expect([device.id, own.length < 1.2 * due + 2]).toEqual([device.id, true]);
      for (const [key, value] of Object.entries(own[0]?.payload.values ?? {}))
        expect([device.id, key, typeof value]).toEqual([
          device.id,
          key,
          profile?.points.find((point) => point.key === key)?.type,
        ]);
    }
  });

  test('connects one after the other', () => {
    start();
    clock.pass(1_000);
    const reporting = new Set(heard.map(({ deviceId }) => deviceId));
    expect(reporting.size).toBeGreaterThan(30);
    expect(reporting.size).toBeLessThan(60);
  });

  test('the same seed and start give the same messages, another seed gives others', () => {
    const run = (seed: string): Said[] => {
      clock = new ManualClock();
      heard = [];
      fleet = fleetWith(seed);
      start();
      clock.pass(60_000);
      return heard;
    };
    const first = run('one');
    expect(run('one')).toEqual(first);
    expect(run('other')).not.toEqual(first);
  });

  test('a device without a credential stays off and is named; its neighbours are not', () => {
    const left = district.devices[0]?.id ?? '';
    fleet.start(
      (deviceId) => (deviceId === left ? undefined : new ListeningLink(deviceId, clock, heard)),
      silent,
    );
    clock.pass(60_000);
    expect([missing, readings(left).length]).toEqual([[left], 0]);
    expect(fleet.size).toBe(district.devices.length - 1);
  });

  /** The values of one point against the seconds since the scenario began. */
  function curve(deviceId: string, point: string, from: number): { s: number; value: unknown }[] {
    return readings(deviceId)
      .filter(({ at }) => at >= from)
      .map(({ payload }) => ({ s: (payload.ts - from) / 1000, value: payload.values?.[point] }));
  }

  test('gas leak: passes 25 and 50 %LEL within a minute, seen every two seconds, and is ventilated', () => {
    start();
    clock.pass(10_000);
    const from = clock.now();
    fleet.play(scenario('gas-leak'));
    clock.pass(300_000);
    const conc = curve('dev-jiangfan-gas-1', 'conc', from) as { s: number; value: number }[];
    const first = (limit: number): number => conc.find(({ value }) => value >= limit)?.s ?? Infinity;
    expect(first(25)).toBeGreaterThan(10);
    expect(first(25)).toBeLessThan(25);
    expect(first(50)).toBeLessThan(45);
    const rise = conc.filter(({ s }) => s < 45);
    expect(Math.max(...rise.slice(1).map(({ s }, i) => s - (rise[i]?.s ?? 0)))).toBeLessThan(2.5);
    expect(conc.filter(({ s }) => s > 215).every(({ value }) => value < 25)).toBe(true);
  });

  test('overfill: the level stays above high-high for longer than the delay of its alarm', () => {
    start();
    clock.pass(10_000);
    const from = clock.now();
    fleet.play(scenario('tank-overfill'));
    clock.pass(430_000);
    const level = curve('dev-lanyu-tank-3', 'levelPercent', from) as { s: number; value: number }[];
    const above = level.filter(({ value }) => value >= 95).map(({ s }) => s);
    expect(Math.max(...above) - Math.min(...above)).toBeGreaterThan(65);
    const inlet = curve('dev-lanyu-tank-3', 'valveIn', from).filter(({ s }) => s > 5 && s < 195);
    expect(inlet.every(({ value }) => value === true)).toBe(true);
    expect(level.filter(({ s }) => s > 425).every(({ value }) => value < 90)).toBe(true);
  });

  test('fire: the panels report one after the other, and their next message agrees with the event', () => {
    start();
    clock.pass(10_000);
    const from = clock.now();
    fleet.play(scenario('fire-spread'));
    clock.pass(250_000);
    const fires = heard
      .filter(({ payload }) => payload.event === 'fire')
      .map(({ deviceId, at }) => ({ deviceId, s: Math.round((at - from) / 1000) }));
    expect(fires).toEqual([
      { deviceId: 'dev-wangjiang-fire-2', s: 0 },
      { deviceId: 'dev-wangjiang-fire-1', s: 30 },
      { deviceId: 'dev-wangjiang-fire-4', s: 75 },
    ]);
    expect(curve('dev-wangjiang-fire-2', 'fire', from).every(({ value }) => value === true)).toBe(true);
  });

  test('entrapment: the car stands between floors with its passenger until it is ended at the lift', () => {
    start();
    clock.pass(10_000);
    const from = clock.now();
    fleet.play(scenario('entrapment'));
    clock.pass(260_000);
    const of = (point: string): { s: number; value: unknown }[] =>
      curve('dev-wangjiangfu-lift-3', point, from);
    const stuck = ({ s }: { s: number }): boolean => s < 200;
    expect(
      of('inDoorZone')
        .filter(stuck)
        .every(({ value }) => value === false),
    ).toBe(true);
    expect(
      of('passengerPresent')
        .filter(stuck)
        .every(({ value }) => value === true),
    ).toBe(true);
    expect(
      of('alarmButton')
        .filter(({ s }) => s > 21 && s < 219)
        .every(({ value }) => value === true),
    ).toBe(true);
    expect(
      of('alarmButton')
        .filter(({ s }) => s > 221)
        .every(({ value }) => value === false),
    ).toBe(true);
    const events = heard
      .filter(({ payload }) => payload.event !== undefined)
      .map(({ payload }) => payload.event);
    expect(events).toEqual([
      'mains_lost',
      'alarm_button',
      'mains_restored',
      'end_of_alarm',
      'back_to_automatic',
    ]);
  });

  test('a released device goes back to its own behaviour, and twice the speed takes half the time', () => {
    start();
    clock.pass(10_000);
    const endAt = fleet.play(scenario('gas-leak'), 2);
    expect(endAt - clock.now()).toBe(120_000);
    clock.pass(100_000);
    fleet.release(scenario('gas-leak'));
    clock.pass(1_000);
    expect(readings('dev-jiangfan-gas-1').at(-1)?.payload.values?.conc).toBeLessThan(10);
  });
});
