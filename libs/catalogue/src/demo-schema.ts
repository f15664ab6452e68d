import {
  DEVICE_ID_PATTERN,
  type DeviceMember,
  deviceMembers,
  POINT_KEY_PATTERN,
  ROLES,
} from '@watchfire/contracts';
import { z } from 'zod';
import { bilingual } from './text-schema.js';

/**
 * The invented district of the demo: what the server registers, how its devices behave, and the stories that can be played
 * on it. Every name in it is invented.
 */
const id = z.string().regex(DEVICE_ID_PATTERN);
const pointKey = z.string().regex(POINT_KEY_PATTERN);
const name = z.string().min(1).max(120);
const value = z.union([z.number(), z.boolean(), z.string()]);
const seconds = z.number().min(0).max(86_400);

/** A number that wanders: `base` + a sine of `amplitude` and `periodSeconds` + normal noise of the deviation `noise`. */
const signal = z.strictObject({
  base: z.number(),
  noise: z.number().min(0).default(0),
  amplitude: z.number().min(0).default(0),
  periodSeconds: z.number().positive().default(86_400),
});

/** A car that goes between `floors` landings; all points of the `lift` profile follow from it. */
const lift = z.strictObject({
  floors: z.number().int().min(2).max(60),
  tripsPerHour: z.number().positive().max(120),
  /** Rated speed, m/s. */
  speed: z.number().positive().max(20),
});

/** How one kind of device of the demo behaves; a device changes parts of it. */
const behaviour = z.strictObject({
  profile: z.string().min(1).max(64),
  /** One telemetry message this often. */
  publishSeconds: z.number().min(0.1).max(3_600),
  /** Numbers that wander, by point key. */
  signals: z.record(pointKey, signal).default({}),
  /** Values that stay as they are until a scenario changes them, by point key. */
  states: z.record(pointKey, value).default({}),
  /** Height of a tank in metres: `level` is this much of `levelPercent`. */
  tankHeight: z.number().positive().max(30).optional(),
  lift: lift.optional(),
  /** Device events that come again and again. */
  routine: z
    .array(
      z.strictObject({ event: z.string().min(1).max(64), everySeconds: z.number().min(60).max(604_800) }),
    )
    .default([]),
});

const device = z.strictObject({
  id,
  behaves: z.string().min(1),
  name,
  /** By point key, over the `base` of the behaviour. */
  base: z.record(pointKey, z.number()).default({}),
  tankHeight: behaviour.shape.tankHeight,
  /** Landings of a lift. */
  floors: lift.shape.floors.optional(),
});

/** A device of logic: the server registers it, the simulator has nothing to play. */
const group = z.strictObject({
  id,
  profile: z.string().min(1).max(64),
  name,
  members: deviceMembers.min(2),
});

const step = z.discriminatedUnion('do', [
  /** The point goes in a straight line from where it is to `to` within `seconds`, and stays there. */
  z.strictObject({
    at: seconds,
    do: z.literal('ramp'),
    device: id,
    point: pointKey,
    to: z.number(),
    seconds,
  }),
  /** The points take these values at once, are published at once, and stay. */
  z.strictObject({ at: seconds, do: z.literal('set'), device: id, values: z.record(pointKey, value) }),
  /** A device event is published; the values that the profile gives it hold from then on. */
  z.strictObject({ at: seconds, do: z.literal('event'), device: id, event: z.string().min(1).max(64) }),
  /** The device goes back to its own simulation. */
  z.strictObject({ at: seconds, do: z.literal('release'), device: id }),
]);

const scenario = z.strictObject({
  key: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  title: bilingual,
  description: bilingual,
  /** In order of `at`, seconds after the start. */
  steps: z.array(step).min(1),
});

const cell = z.strictObject({
  code: z.string().min(1).max(32),
  name,
  level: z.enum(['district', 'street', 'community']),
  parentCode: z.string().max(32).nullable(),
});

const site = z.strictObject({
  id,
  enterprise: id,
  name,
  kind: z.enum([
    'heritage-building',
    'high-fire-risk',
    'hospital',
    'elderly-home',
    'entertainment-venue',
    'budget-hotel',
    'tank-farm',
    'gas-user',
    'residential-tower',
  ]),
  gridCode: z.string().min(1).max(32),
  /** WGS 84 degrees. */
  longitude: z.number().min(-180).max(180),
  latitude: z.number().min(-90).max(90),
  devices: z.array(device).default([]),
  groups: z.array(group).default([]),
});

const account = z.strictObject({
  username: z.string().regex(/^[a-z][a-z0-9._-]{1,31}$/),
  displayName: name,
  role: z.enum(ROLES),
  /** Public: these accounts exist in demo mode only. */
  password: z.string().min(12).max(256),
  enterprise: id.optional(),
});

export const districtFile = z.strictObject({
  name: bilingual,
  grid: z.array(cell).min(1),
  enterprises: z.array(z.strictObject({ id, name })).min(1),
  behaviours: z.record(z.string().min(1), behaviour),
  sites: z.array(site).min(1),
  accounts: z.array(account).min(1),
  scenarios: z.array(scenario),
});

export type DistrictFile = z.output<typeof districtFile>;
export type DemoSimulation = Omit<z.output<typeof behaviour>, 'profile'>;
export type DemoSignal = DemoSimulation['signals'][string];
export type DemoSite = Omit<DistrictFile['sites'][number], 'devices' | 'groups'>;
export type DemoAccount = DistrictFile['accounts'][number];
export type DemoScenario = DistrictFile['scenarios'][number];
export type DemoStep = DemoScenario['steps'][number];

export type DeviceFile = z.output<typeof device>;

export interface DemoDevice {
  readonly id: string;
  readonly site: string;
  readonly profile: string;
  readonly name: string;
  readonly simulation: DemoSimulation;
}

/** A device of logic over devices of its site. */
export interface DemoGroup {
  readonly id: string;
  readonly site: string;
  readonly profile: string;
  readonly name: string;
  readonly members: readonly DeviceMember[];
}

export interface DemoDistrict {
  readonly name: DistrictFile['name'];
  readonly grid: DistrictFile['grid'];
  readonly enterprises: DistrictFile['enterprises'];
  readonly sites: readonly DemoSite[];
  readonly devices: readonly DemoDevice[];
  readonly groups: readonly DemoGroup[];
  readonly accounts: readonly DemoAccount[];
  readonly scenarios: readonly DemoScenario[];
}
