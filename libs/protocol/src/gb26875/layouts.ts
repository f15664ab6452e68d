import { countedBytes, description, type FieldCodec, i16, label, u16, u32, u8 } from './field-codecs.js';

interface Layout<F> {
  readonly type: number;
  readonly direction: 'up' | 'down';
  /** Objects that one ADU may hold, as the figures of the standard print it. */
  readonly most: number;
  /** In the order of the wire. */
  readonly fields: F;
}

const up = <F>(type: number, most: number, fields: F): Layout<F> => ({
  type,
  direction: 'up',
  most,
  fields,
});
const down = <F>(type: number, most: number, fields: F): Layout<F> => ({
  type,
  direction: 'down',
  most,
  fields,
});

const system = { systemType: u8, systemAddress: u8 };
/** Asked for without its type, which the answer carries: a component is (device, system, address). */
const askedComponent = { ...system, componentAddress: u32 };
const component = { ...system, componentType: u8, componentAddress: u32 };
const operation = { operations: u8, operator: u8, time: label };
const version = { major: u8, minor: u8 };
const nothing = { reserved: u8 };
const records = { records: u8, from: label };

/** Every type flag of GB/T 26875.3-2011, 8.2.1.2, with the figures of 8.3. */
export const LAYOUTS = {
  'system-state': up(1, 102, { ...system, status: u16, time: label }),
  'component-state': up(2, 22, { ...component, status: u16, description, time: label }),
  'component-analog': up(3, 63, { ...component, analogType: u8, value: i16, time: label }),
  'facility-operation': up(4, 102, { ...system, ...operation }),
  'facility-version': up(5, 1, { ...system, ...version }),
  'system-configuration': up(6, 3, { ...system, text: countedBytes }),
  'component-configuration': up(7, 26, { ...component, description }),
  'facility-time': up(8, 1, { ...system, time: label }),
  'device-state': up(21, 1, { status: u8, time: label }),
  'device-operation': up(24, 127, operation),
  'device-version': up(25, 1, version),
  'device-configuration': up(26, 1, { text: countedBytes }),
  'device-time': up(28, 1, { time: label }),
  'read-system-state': down(61, 102, system),
  'read-component-state': down(62, 22, askedComponent),
  'read-component-analog': down(63, 63, askedComponent),
  'read-facility-operations': down(64, 1, { ...system, ...records }),
  'read-facility-version': down(65, 1, system),
  'read-system-configuration': down(66, 3, system),
  'read-component-configuration': down(67, 26, askedComponent),
  'read-facility-time': down(68, 1, system),
  'read-device-state': down(81, 1, nothing),
  'read-device-operations': down(84, 1, records),
  'read-device-version': down(85, 1, nothing),
  'read-device-configuration': down(86, 1, nothing),
  'read-device-time': down(88, 1, nothing),
  'initialise-device': down(89, 1, nothing),
  'synchronise-clock': down(90, 1, { time: label }),
  'duty-check': down(91, 1, { minutes: u8 }),
} as const;

export type ObjectKind = keyof typeof LAYOUTS;

type ValueOf<C> = C extends FieldCodec<infer T> ? T : never;
type ObjectOf<K extends ObjectKind> = { readonly kind: K } & {
  readonly [F in keyof (typeof LAYOUTS)[K]['fields']]: ValueOf<(typeof LAYOUTS)[K]['fields'][F]>;
};

/** One information object: of the kind `K`, or of any. */
export type InformationObject<K extends ObjectKind = ObjectKind> = K extends ObjectKind ? ObjectOf<K> : never;

export const KINDS = Object.keys(LAYOUTS) as ObjectKind[];
const KIND_OF_TYPE = new Map<number, ObjectKind>(KINDS.map((kind) => [LAYOUTS[kind].type, kind]));

export function kindOfType(type: number): ObjectKind | undefined {
  return KIND_OF_TYPE.get(type);
}

/** Kind of the reply to a read request; `undefined`: it is answered with a confirmation. */
export function replyKind(request: ObjectKind): ObjectKind | undefined {
  const { type } = LAYOUTS[request];
  return type >= 61 && type <= 88 ? KIND_OF_TYPE.get(type - 60) : undefined;
}
