import {
  type AnalogScale,
  type CodeNames,
  type Deviation,
  type Habit,
  LAYOUTS,
  NORMAL_BIT,
  type ObjectKind,
  type PrivateType,
  STANDARD,
  STATUS_BITS,
  type StatusBit,
} from '@watchfire/protocol';
import { byteCount, type DeviationFile } from './deviation-schema.js';
import { NORMAL, statesOf } from './private-types.js';

/** What the file says, over the standard. */
export function toDeviation(file: DeviationFile): Deviation {
  const { bits, idle } = file;
  return {
    key: file.key,
    normalBit: file.normalBit ?? STANDARD.normalBit,
    time: file.time ?? STANDARD.time,
    utcOffsetMinutes: file.utcOffsetMinutes ?? STANDARD.utcOffsetMinutes,
    address: file.address ?? STANDARD.address,
    maxAdu: file.maxAdu ?? STANDARD.maxAdu,
    analogs: new Map([...STANDARD.analogs, ...file.analogs.map(toAnalog)]),
    systemTypes: withNames(STANDARD.systemTypes, file.systemTypes),
    componentTypes: withNames(STANDARD.componentTypes, file.componentTypes),
    systemBits: bits.system.map(toBit),
    componentBits: bits.component.map(toBit),
    deviceBits: bits.device.map(toBit),
    types: new Map(file.types.map((one) => toType(one, file))),
    commands: new Set(file.commands),
    habits: [...file.habits.map(toHabit), ...STANDARD.habits],
    identifiedBy: file.identifiedBy ?? STANDARD.identifiedBy,
    idle: idle === undefined ? STANDARD.idle : toIdle(idle),
  };
}

function toAnalog({
  code,
  quantity,
  unit,
  resolution,
  min,
  max,
}: DeviationFile['analogs'][number]): [number, AnalogScale] {
  const range = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return [code, { quantity, unit, resolution, ...range }];
}

function withNames(names: CodeNames, own: DeviationFile['systemTypes']): CodeNames {
  return new Map([...names, ...own.map(({ code, name }) => [code, name] as const)]);
}

function toBit({ bit, key, name, signal }: DeviationFile['bits']['system'][number]): StatusBit {
  return { bit, key, name, ...(signal === undefined ? {} : { signal }) };
}

function toType(
  { type, name, like, sets, clears, says }: DeviationFile['types'][number],
  file: DeviationFile,
): [number, PrivateType] {
  const of = statesOf(like);
  if (of === undefined) {
    const layout = like === undefined ? {} : { like: LAYOUTS[like].type };
    return [type, { name, ...layout, ...(says === undefined ? {} : { says }) }];
  }
  const bits = [...STATUS_BITS[of], ...file.bits[of]];
  const maskOf = (keys: readonly string[]): number =>
    bits.reduce((mask, { key, bit }) => (keys.includes(key) ? mask | (1 << bit) : mask), 0);
  const normal = sets.includes(NORMAL) ? 1 << NORMAL_BIT : 0;
  const isOne = (file.normalBit ?? STANDARD.normalBit) === 'normal';
  const masks = {
    sets: maskOf(sets) | (isOne ? normal : 0),
    clears: maskOf(clears) | (isOne ? 0 : normal),
  };
  const fixed = Object.fromEntries(Object.entries(masks).filter(([, mask]) => mask !== 0));
  return [type, { name, like: LAYOUTS[like as ObjectKind].type, ...fixed }];
}

function toHabit({ means, command, begins, length, answer }: DeviationFile['habits'][number]): Habit {
  const adu = answer.adu === 'clock' ? answer.adu : toBytes(answer.adu);
  return {
    means,
    command,
    begins: toBytes(begins),
    length: length ?? byteCount(begins),
    answer: { command: answer.command, adu },
  };
}

function toIdle({
  keepAliveSeconds,
  closeAfterSeconds,
}: NonNullable<DeviationFile['idle']>): Deviation['idle'] {
  return { closeAfterSeconds, ...(keepAliveSeconds === undefined ? {} : { keepAliveSeconds }) };
}

function toBytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}
