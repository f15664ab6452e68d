import { COMMAND, LAYOUTS, type ObjectKind, STANDARD, STATUS_BITS, type StatusOf } from '@watchfire/protocol';
import { z } from 'zod';
import { bilingual, text } from '../text-schema.js';
import { meaningProblems, type Problem } from './private-types.js';

const byte = z.number().int().min(0).max(0xff);

/** `0A 1B`, or nothing. */
const bytes = z
  .string()
  .trim()
  .regex(/^([0-9a-fA-F]{2}( ?[0-9a-fA-F]{2})*)?$/, 'is no hexadecimal bytes');

const bit = z.strictObject({
  bit: z.number().int().min(1).max(15),
  key: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
  name: bilingual,
  /** Of which class the bit is an alarm; without it, a state that people look at. */
  signal: z.enum(['fire', 'fault', 'shield', 'supervisory']).optional(),
});

const code = z.strictObject({ code: byte, name: bilingual });

const kinds = (Object.keys(LAYOUTS) as ObjectKind[]).filter((kind) => LAYOUTS[kind].direction === 'up');

const habit = z.strictObject({
  means: z.enum(['keep-alive', 'registration', 'clock-request']),
  command: byte,
  begins: bytes.default(''),
  /** Of the whole ADU; absent: what it begins with is all of it. */
  length: z.number().int().min(0).max(1_024).optional(),
  answer: z.strictObject({ command: byte, adu: z.union([z.literal('clock'), bytes]).default('') }),
});

/** The file of one device profile of GB/T 26875.3: what it says differs from the standard, what it leaves out is as there. */
export const deviationFile = z
  .strictObject({
    key: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
    name: bilingual,
    /** Where each deviation was seen, for whoever must judge it. */
    seen: text,
    normalBit: z.enum(['normal', 'test']).optional(),
    time: z.enum(['binary', 'bcd', 'auto']).optional(),
    utcOffsetMinutes: z.number().int().min(-720).max(840).optional(),
    address: z
      .strictObject({
        order: z.enum(['little', 'big']),
        parts: z
          .array(
            z.strictObject({
              name: bilingual,
              bytes: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
            }),
          )
          .min(1),
      })
      .optional(),
    maxAdu: z.number().int().min(64).max(1_024).optional(),
    analogs: z
      .array(
        z.strictObject({
          code: byte,
          quantity: bilingual,
          unit: z.string().min(1).max(16),
          resolution: z.number().positive(),
          min: z.number().optional(),
          max: z.number().optional(),
        }),
      )
      .default([]),
    systemTypes: z.array(code).default([]),
    componentTypes: z.array(code).default([]),
    bits: z
      .strictObject({
        system: z.array(bit).default([]),
        component: z.array(bit).default([]),
        device: z.array(bit).default([]),
      })
      .prefault({}),
    types: z
      .array(
        z.strictObject({
          type: byte,
          name: bilingual,
          like: z.enum(kinds).optional(),
          /** Keys of status bits that the type itself says, and `normal`. */
          sets: z.array(z.string()).default([]),
          clears: z.array(z.string()).default([]),
          says: z.enum(['fire', 'recovered']).optional(),
        }),
      )
      .default([]),
    commands: z.array(byte).default([]),
    habits: z.array(habit).default([]),
    identifiedBy: z.enum(['source', 'connection']).optional(),
    idle: z
      .strictObject({
        keepAliveSeconds: z.number().int().min(1).max(86_400).optional(),
        closeAfterSeconds: z.number().int().min(5).max(604_800),
      })
      .optional(),
  })
  .superRefine((file, context) => {
    for (const { path, message } of problemsOf(file)) context.addIssue({ code: 'custom', path, message });
  });

export type DeviationFile = z.output<typeof deviationFile>;
type Habit = DeviationFile['habits'][number];

function problemsOf(file: DeviationFile): Problem[] {
  const { analogs, systemTypes, componentTypes } = file;
  return [
    ...addressProblems(file),
    ...(['system', 'component', 'device'] as const).flatMap((of) => bitProblems(file, of)),
    ...file.types.flatMap(({ type }, index) => typeProblems(type, index)),
    ...file.types.flatMap((one, index) => meaningProblems(one, file.bits, ['types', index])),
    ...file.commands.flatMap((command, index) =>
      isStandardCommand(command)
        ? [{ path: ['commands', index], message: `${command} is of the standard` }]
        : [],
    ),
    ...file.habits.flatMap((one, index) => habitProblems(one, index, file.commands)),
    ...twice(
      'analogs',
      analogs.map((one) => one.code),
    ),
    ...twice(
      'systemTypes',
      systemTypes.map((one) => one.code),
    ),
    ...twice(
      'componentTypes',
      componentTypes.map((one) => one.code),
    ),
    ...twice(
      'types',
      file.types.map((one) => one.type),
    ),
  ];
}

function addressProblems({ address }: DeviationFile): Problem[] {
  const total = (address?.parts ?? STANDARD.address.parts).reduce((sum, part) => sum + part.bytes, 0);
  return total === 4
    ? []
    : [{ path: ['address', 'parts'], message: `are ${total} bytes together and not 4` }];
}

/** A bit of the standard keeps its meaning: a file must not be able to take the fire away. */
function bitProblems(file: DeviationFile, of: StatusOf): Problem[] {
  const taken = new Set(STATUS_BITS[of].map((one) => one.bit));
  const width = of === 'device' ? 8 : 16;
  return file.bits[of].flatMap((one, index) => {
    const path = ['bits', of, index, 'bit'];
    if (one.bit >= width) return [{ path, message: `${one.bit} is not among the ${width} bits` }];
    if (taken.has(one.bit)) return [{ path, message: `${one.bit} is there already` }];
    taken.add(one.bit);
    return [];
  });
}

function typeProblems(type: number, index: number): Problem[] {
  const isStandard = STANDARD_TYPES.has(type);
  return isStandard ? [{ path: ['types', index, 'type'], message: `${type} is of the standard` }] : [];
}

/** What is a habit says nothing of fire, so it must not look like what may. */
function habitProblems(
  { command, begins, length, answer }: Habit,
  index: number,
  commands: readonly number[],
): Problem[] {
  const problems: Problem[] = [];
  const first = begins === '' ? undefined : Number.parseInt(begins.slice(0, 2), 16);
  const isKnown = isStandardCommand(command) || commands.includes(command);
  if (!isKnown)
    problems.push({ path: ['habits', index, 'command'], message: `${command} is not among commands` });
  const mayBeData = first === undefined ? (length ?? 0) > 0 : UP_TYPES.has(first);
  if (isStandardCommand(command) && mayBeData) {
    const message = `command ${command} must be empty or begin with a byte that is no type flag of data`;
    problems.push({ path: ['habits', index, 'begins'], message });
  }
  const isAnswer = isStandardCommand(answer.command) || commands.includes(answer.command);
  if (!isAnswer) {
    problems.push({
      path: ['habits', index, 'answer', 'command'],
      message: `${answer.command} is not among commands`,
    });
  }
  if (length !== undefined && length < byteCount(begins)) {
    problems.push({ path: ['habits', index, 'length'], message: 'is less than what it begins with' });
  }
  return problems;
}

function twice(path: string, codes: readonly number[]): Problem[] {
  return codes.flatMap((one, index) =>
    codes.indexOf(one) === index ? [] : [{ path: [path, index], message: `${one} is there twice` }],
  );
}

const STANDARD_TYPES = new Set<number>(Object.values(LAYOUTS).map(({ type }) => type));
const UP_TYPES = new Set<number>(kinds.map((kind) => LAYOUTS[kind].type));

function isStandardCommand(command: number): boolean {
  return command >= COMMAND.control && command <= COMMAND.deny;
}

export function byteCount(hex: string): number {
  return hex.replaceAll(' ', '').length / 2;
}
