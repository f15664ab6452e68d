import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeAdu, decodeFrame, type Frame, FrameStream, habitOf, STANDARD } from '@watchfire/protocol';
import { Catalogue } from '../catalogue.js';
import { CatalogueError } from '../errors.js';
import { type FireDialect, loadFireDialects } from './deviations.js';

const DIRECTORY = 'config/catalogue/fire';

describe('the shipped device profiles of GB/T 26875.3', () => {
  let shipped: ReadonlyMap<string, FireDialect>;
  beforeAll(async () => {
    shipped = await loadFireDialects(DIRECTORY);
  });
  const of = (key: string) => {
    const found = shipped.get(key);
    if (found === undefined) throw new Error(`no ${key}`);
    return found.deviation;
  };

  it('[FI10] are four, and no kinds of devices', async () => {
    expect([...shipped.keys()]).toEqual(['dahua', 'dgiot', 'go-fire', 'standard']);
    const catalogue = await Catalogue.load('config/catalogue');
    expect(catalogue.profile('fire.uitd')).toBeDefined();
    expect(catalogue.profile('standard')).toBeUndefined();
  });

  it('[FI10] standard is what the codec does by itself', () => {
    expect(of('standard')).toEqual(STANDARD);
  });

  it('[FI10] dahua: BCD, bit 0 the other way round, registration, keep-alive, and a device that asks for the time', () => {
    const { deviation } = { deviation: of('dahua') };
    expect(deviation).toMatchObject({ normalBit: 'test', time: 'bcd', maxAdu: 512 });
    expect(deviation.componentBits.map(({ bit, key }) => `${bit} ${key}`)).toEqual([
      '9 offline',
      '10 open_circuit',
      '11 short_circuit',
      '12 removed',
      '14 sensor_fault',
      '15 upgrade_fault',
    ]);
    const registration = Uint8Array.of(0, 1, ...new Uint8Array(110));
    const means = (command: number, adu: Uint8Array) => habitOf(deviation, { command, adu })?.means;
    expect(means(0, registration)).toBe('registration');
    expect(means(0, registration.subarray(1))).toBeUndefined();
    expect(means(7, new Uint8Array())).toBe('keep-alive');
    expect(means(2, new Uint8Array())).toBe('keep-alive');
    const clock = habitOf(deviation, {
      command: 1,
      adu: Uint8Array.of(0x5a, 1, 0x59, 0x59, 0x23, 0x28, 0x11, 0x26),
    });
    expect(clock).toMatchObject({ means: 'clock-request', answer: { command: 1, adu: 'clock' } });
  });

  it('[FI10] dahua: a BCD label of an event is read as such', () => {
    const adu = Uint8Array.from(Buffer.from('01010101020059592328 1126'.replace(' ', ''), 'hex'));
    const time = (key: string) => decodeAdu(adu, of(key)).objects.map((one) => 'time' in one && one.time.at);
    expect(time('dahua')).toEqual([Date.parse('2026-11-28T23:59:59+08:00')]);
    expect(time('standard')).toEqual([undefined]);
  });

  it('[FI10] dgiot: the handshake of frame C1', () => {
    const bytes = Buffer.from(
      '4040F809100008' + '1E0903031600000000000' + '0C0A801046D1D010002166C2323',
      'hex',
    );
    const decoded = decodeFrame(bytes);
    if (!decoded.ok) throw new Error(decoded.problem.message);
    expect(decoded.frame).toMatchObject({ source: 0, mainVersion: 0x10 });
    const habit = habitOf(of('dgiot'), decoded.frame);
    expect(habit).toMatchObject({ means: 'keep-alive', answer: { command: 3, adu: Uint8Array.of(0x17) } });
    expect(habitOf(of('standard'), decoded.frame)).toBeUndefined();
    expect(of('dgiot').identifiedBy).toBe('connection');
  });

  it('[FI10] go-fire: its commands are no check errors, its codes have names, its private types keep their bytes', () => {
    const deviation = of('go-fire');
    const beat: Omit<Frame, 'adu'> = { ...frame, command: 0xfe };
    expect(habitOf(deviation, { ...beat, adu: new Uint8Array() })?.means).toBe('keep-alive');
    expect(new FrameStream(deviation).pending).toBe(0);
    expect(deviation.commands.has(0xfe)).toBe(true);
    expect(deviation.systemTypes.get(0x85)?.zh).toBe('市政消火栓');
    expect(deviation.systemTypes.get(1)?.zh).toBe('火灾报警系统');
    // Which component burns nobody can read; that something burns its name says.
    expect(deviation.types.get(0xcc)).toEqual({
      name: { zh: '部件火警', en: 'Component fire' },
      says: 'fire',
    });
    expect([...deviation.types.values()].filter(({ says }) => says === 'recovered')).toHaveLength(1);
    expect(decodeAdu(Uint8Array.of(0xcc, 1, 2, 3), deviation)).toMatchObject({
      objects: [],
      rest: { length: 2 },
    });
  });
});

const frame = {
  serial: 0,
  mainVersion: 1,
  userVersion: 1,
  sentAt: new Uint8Array(6),
  source: 1,
  destination: 2,
};

describe('a device profile of somebody else', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'watchfire-fire-'));
  });
  beforeEach(() => write('standard', ''));
  afterAll(() => rm(folder, { recursive: true }));

  const write = (key: string, text: string) =>
    writeFile(path.join(folder, `${key}.yaml`), `key: ${key}\nname: { zh: 甲, en: A }\nseen: here\n${text}`);
  async function problems(text: string): Promise<string[]> {
    await write('mine', text);
    const error: unknown = await loadFireDialects(folder).catch((thrown: unknown) => thrown);
    if (!(error instanceof CatalogueError)) return [];
    expect(error.problems.map(({ file }) => path.basename(file))).toContain('mine.yaml');
    return error.problems.map((one) => `${one.path}: ${one.message}`);
  }

  it('[FI10] says what differs, and leaves out the rest', async () => {
    const text = [
      'analogs: [{ code: 5, quantity: { zh: 压力, en: Pressure }, unit: kPa, resolution: 1 }]',
      'address: { order: big, parts: [{ name: { zh: 回路, en: Loop }, bytes: 1 }, { name: { zh: 点, en: Point }, bytes: 3 }] }',
      'types: [{ type: 134, name: { zh: 系统恢复, en: System recovered }, like: system-state }]',
      'idle: { keepAliveSeconds: 20, closeAfterSeconds: 90 }',
    ].join('\n');
    await write('mine', text);
    const mine = (await loadFireDialects(folder)).get('mine')?.deviation;
    expect(mine).toMatchObject({ normalBit: 'normal', time: 'binary', idle: { keepAliveSeconds: 20 } });
    expect(mine?.analogs.get(5)).toEqual({
      quantity: { zh: '压力', en: 'Pressure' },
      unit: 'kPa',
      resolution: 1,
    });
    expect(mine?.analogs.get(3)?.unit).toBe('℃');
    expect(mine?.types.get(134)?.like).toBe(1);
  });

  it('[FI37] says what private types mean, in bits that the standard or it itself has', async () => {
    const type = 'name: { zh: 火警, en: Fire }';
    const text = (normalBit: string) =>
      [
        `normalBit: ${normalBit}`,
        'bits: { component: [{ bit: 9, key: offline, name: { zh: 离线, en: Offline } }] }',
        'types:',
        `  - { type: 0xcc, ${type}, like: component-state, sets: [fire, offline] }`,
        `  - { type: 0x87, ${type}, like: component-state, sets: [normal], clears: [fire, fault] }`,
        `  - { type: 0x83, ${type}, like: device-state, sets: [main_power_fault] }`,
        `  - { type: 0x90, ${type}, says: fire }`,
      ].join('\n');
    const masks = async (normalBit: string) => {
      await write('mine', text(normalBit));
      const types = (await loadFireDialects(folder)).get('mine')?.deviation.types.values();
      return [...(types ?? [])].map(({ like, sets, clears, says }) => [like, sets, clears, says]);
    };
    expect(await masks('normal')).toEqual([
      [2, 0b10_0000_0010, undefined, undefined],
      [2, 0b1, 0b110, undefined],
      [21, 0b1000, undefined, undefined],
      [undefined, undefined, undefined, 'fire'],
    ]);
    expect((await masks('test'))[1]).toEqual([2, undefined, 0b111, undefined]);
  });

  it.each([
    ['an unknown key', 'polarity: 1', ': Unrecognized key: "polarity"'],
    [
      'an address of five bytes',
      'address: { order: big, parts: [{ name: { zh: a, en: a }, bytes: 4 }, { name: { zh: b, en: b }, bytes: 1 }] }',
      'address.parts: are 5 bytes together and not 4',
    ],
    [
      'a bit of the standard',
      'bits: { system: [{ bit: 1, key: nothing, name: { zh: 无, en: None } }] }',
      'bits.system.0.bit: 1 is there already',
    ],
    [
      'a bit that is not there',
      'bits: { device: [{ bit: 9, key: far, name: { zh: 远, en: Far } }] }',
      'bits.device.0.bit: 9 is not among the 8 bits',
    ],
    [
      'a type of the standard',
      'types: [{ type: 2, name: { zh: 无, en: None } }]',
      'types.0.type: 2 is of the standard',
    ],
    [
      'a state that components have not',
      'types: [{ type: 204, name: { zh: a, en: a }, like: component-state, sets: [fire, bus_fault], clears: [smoke] }]',
      [
        'types.0.sets.1: bus_fault is no state of a component',
        'types.0.clears.0: smoke is no state of a component',
      ],
    ],
    [
      'a state that is set and cleared',
      'types: [{ type: 204, name: { zh: a, en: a }, like: system-state, sets: [fire], clears: [fire] }]',
      'types.0.clears.0: fire is set by the same type',
    ],
    [
      'a meaning of what has no state',
      'types: [{ type: 204, name: { zh: a, en: a }, like: component-analog, sets: [fire] }]',
      'types.0.sets: needs like to be one of system-state, component-state, device-state',
    ],
    [
      'a meaning of bytes that nobody can read',
      'types: [{ type: 204, name: { zh: a, en: a }, clears: [fire] }]',
      'types.0.clears: needs like to be one of system-state, component-state, device-state',
    ],
    [
      'two meanings',
      'types: [{ type: 204, name: { zh: a, en: a }, like: device-state, says: fire }]',
      'types.0.says: is for types whose layout is not known: like says what they are',
    ],
    ['a command of the standard', 'commands: [2]', 'commands.0: 2 is of the standard'],
    [
      'a code twice',
      'systemTypes: [{ code: 130, name: { zh: a, en: a } }, { code: 130, name: { zh: b, en: b } }]',
      'systemTypes.1: 130 is there twice',
    ],
    [
      'a habit that would swallow data',
      'habits: [{ means: keep-alive, command: 2, length: 48, answer: { command: 3 } }]',
      'habits.0.begins: command 2 must be empty or begin with a byte that is no type flag of data',
    ],
    [
      'a habit that would swallow a fire',
      'habits: [{ means: keep-alive, command: 2, begins: "02", length: 48, answer: { command: 3 } }]',
      'habits.0.begins: command 2 must be empty or begin with a byte that is no type flag of data',
    ],
    [
      'a habit of an unknown command',
      'habits: [{ means: keep-alive, command: 9, answer: { command: 3 } }]',
      'habits.0.command: 9 is not among commands',
    ],
    [
      'an answer by an unknown command',
      'habits: [{ means: keep-alive, command: 2, answer: { command: 9 } }]',
      'habits.0.answer.command: 9 is not among commands',
    ],
    [
      'bytes that are none',
      'habits: [{ means: keep-alive, command: 2, begins: "16 z", answer: { command: 3 } }]',
      'habits.0.begins: is no hexadecimal bytes',
    ],
    [
      'a length below the beginning',
      'habits: [{ means: keep-alive, command: 2, begins: "16 17", length: 1, answer: { command: 3 } }]',
      'habits.0.length: is less than what it begins with',
    ],
  ])('[FI10] with %s is refused, with file and path', async (_, text, expected) => {
    expect(await problems(text)).toEqual([expected].flat());
  });

  it('[FI10] is refused with everything that is wrong, in all files', async () => {
    await write('standard', 'commands: [1]');
    expect(await problems('commands: [1, 2]\ntypes: [{ type: 1, name: { zh: a, en: a } }]')).toHaveLength(4);
  });

  it('[FI10] must have the name of its file, and beside it must be the standard', async () => {
    await writeFile(path.join(folder, 'mine.yaml'), 'key: yours\nname: { zh: a, en: a }\nseen: here');
    await expect(loadFireDialects(folder)).rejects.toThrow(
      'mine.yaml: key: yours is not the name of the file',
    );
    await rm(path.join(folder, 'mine.yaml'));
    await rm(path.join(folder, 'standard.yaml'));
    await expect(loadFireDialects(folder)).rejects.toThrow('holds no standard.yaml');
  });
});
