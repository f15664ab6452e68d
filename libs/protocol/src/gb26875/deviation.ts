import { ANALOG_TYPES, type AnalogScales } from './analog.js';
import { COMMAND, MAX_ADU_BYTES } from './frame.js';
import { type CodeName, type CodeNames, COMPONENT_TYPES, SYSTEM_TYPES } from './names.js';
import { FIRE_BIT, isSet, type StatusBit } from './status.js';
import { CHINA_OFFSET_MINUTES, type TimeCoding, type TimeReading } from './time-label.js';

/** How the four bytes of a component address are read and printed. */
export interface AddressForm {
  /** Of the bytes of each part. */
  readonly order: 'little' | 'big';
  /** In the order of the wire; their bytes are four together. */
  readonly parts: readonly { readonly name: CodeName; readonly bytes: 1 | 2 | 3 | 4 }[];
}

/** A type flag that is not of the standard. */
export interface PrivateType {
  readonly name: CodeName;
  /** The standard type whose layout its objects have; absent: the layout is not known, and the bytes are kept as they are. */
  readonly like?: number;
  /** Bits of the status that the type itself says, whatever the status in its objects is; where the layout is that of a state. */
  readonly sets?: number;
  readonly clears?: number;
  /** Where the layout is not known: `fire` says fire for the unit, until `recovered` or a reset. */
  readonly says?: 'fire' | 'recovered';
}

/** A frame that is a habit of a vendor and says nothing of fire: keep-alive, registration, a question for the time. */
export interface Habit {
  readonly means: 'keep-alive' | 'registration' | 'clock-request';
  readonly command: number;
  /** What the ADU begins with. */
  readonly begins: Uint8Array;
  /** Of the whole ADU, in bytes. */
  readonly length: number;
  readonly answer: {
    readonly command: number;
    /** `clock`: type 90 with the time of the centre. */
    readonly adu: Uint8Array | 'clock';
  };
}

/** How devices of a kind differ from GB/T 26875.3-2011. */
export interface Deviation {
  readonly key: string;
  /** What bit 0 of a status says when it is 1. */
  readonly normalBit: 'normal' | 'test';
  readonly time: TimeCoding | 'auto';
  readonly utcOffsetMinutes: number;
  readonly address: AddressForm;
  /** Longest ADU, at most 1,024 bytes. */
  readonly maxAdu: number;
  readonly analogs: AnalogScales;
  readonly systemTypes: CodeNames;
  readonly componentTypes: CodeNames;
  /** Bits beyond those of the standard. */
  readonly systemBits: readonly StatusBit[];
  readonly componentBits: readonly StatusBit[];
  readonly deviceBits: readonly StatusBit[];
  readonly types: ReadonlyMap<number, PrivateType>;
  /** Command bytes that are no check error, beside 1 to 6. */
  readonly commands: ReadonlySet<number>;
  readonly habits: readonly Habit[];
  /** `connection`: a source address of zero is that of the network address where the connection comes from. */
  readonly identifiedBy: 'source' | 'connection';
  readonly idle: {
    /** Between two keep-alives, where the device sends any. */
    readonly keepAliveSeconds?: number;
    /** A connection that is silent for so long is closed. */
    readonly closeAfterSeconds: number;
  };
}

/** Sent every 20 to 30 s by most devices. It is not in the standard, takes nothing from it, and is confirmed like any other. */
const EMPTY_SEND: Habit = {
  means: 'keep-alive',
  command: COMMAND.send,
  begins: new Uint8Array(),
  length: 0,
  answer: { command: COMMAND.confirm, adu: new Uint8Array() },
};

/** The standard, and the one keep-alive that is everywhere. */
export const STANDARD: Deviation = {
  key: 'standard',
  normalBit: 'normal',
  time: 'binary',
  utcOffsetMinutes: CHINA_OFFSET_MINUTES,
  address: {
    order: 'little',
    parts: [
      { name: { zh: '回路', en: 'Loop' }, bytes: 2 },
      { name: { zh: '点位', en: 'Point' }, bytes: 2 },
    ],
  },
  maxAdu: MAX_ADU_BYTES,
  analogs: ANALOG_TYPES,
  systemTypes: SYSTEM_TYPES,
  componentTypes: COMPONENT_TYPES,
  systemBits: [],
  componentBits: [],
  deviceBits: [],
  types: new Map(),
  commands: new Set(),
  habits: [EMPTY_SEND],
  identifiedBy: 'source',
  idle: { closeAfterSeconds: 7_500 },
};

/** What a frame says of the whole unit by its type alone: also where it is a fire of somewhere, and nobody can read of where. */
export function saidOfUnit(
  { type, objects }: { readonly type?: number; readonly objects: readonly unknown[] },
  { types }: Deviation,
): PrivateType['says'] {
  const known = types.get(type ?? -1);
  if (known?.says !== undefined) return known.says;
  return objects.length === 0 && isSet(known?.sets ?? 0, FIRE_BIT) ? 'fire' : undefined;
}

export function timeReading(
  { time, utcOffsetMinutes }: Deviation,
  receivedAt: number | undefined,
): TimeReading {
  return { coding: time, utcOffsetMinutes, ...(receivedAt === undefined ? {} : { near: receivedAt }) };
}

/** The habit that a frame is of, or `undefined`: then it is what the standard says. */
export function habitOf(
  { habits }: Deviation,
  { command, adu }: { readonly command: number; readonly adu: Uint8Array },
): Habit | undefined {
  return habits.find(({ command: wanted, begins, length }) => {
    const isLike = command === wanted && adu.length === length;
    return isLike && begins.every((byte, index) => adu[index] === byte);
  });
}
