import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type JournalRecord, SqliteJournal } from '@watchfire/journal';
import { type Deviation, encodeAdu, encodeFrame, fixedText, STANDARD, timeLabel } from '@watchfire/protocol';
import {
  RegistryError,
  type ComponentSighting,
  type DutyAnswer,
  type DutyNote,
  type SystemSighting,
} from '@watchfire/registry';
import { ManualClock } from '@watchfire/testing';
import { pino } from 'pino';
import { FireComponentProjection } from './fire-component-projection.js';

const log = pino({ level: 'silent' });
const time = timeLabel(Date.UTC(2026, 10, 28));
const where = { systemType: 1, systemAddress: 1, componentType: 40 };
const state = (componentAddress: number, status: number, text = '') =>
  encodeAdu('component-state', [{ ...where, componentAddress, status, description: fixedText(text), time }]);
const named = (componentAddress: number, text: string) =>
  encodeAdu('component-configuration', [{ ...where, componentAddress, description: fixedText(text) }]);

function said(adu: Uint8Array, deviceId = 'room', command = 2): JournalRecord {
  const header = {
    serial: 1,
    mainVersion: 1,
    userVersion: 1,
    sentAt: time.raw,
    source: 1,
    destination: 2,
    command,
  };
  const frame = Buffer.from(encodeFrame({ ...header, adu })).toString('base64');
  return {
    kind: 'event',
    deviceId,
    receivedAt: 5,
    ts: 5,
    event: 'gb26875',
    data: { frame, peer: '10.0.0.1' },
    samples: [],
  };
}

describe('components of fire-control rooms', () => {
  let folder: string;
  let journal: SqliteJournal;
  let projection: FireComponentProjection;
  let taken: ComponentSighting[];
  let failures: number;
  let systems: SystemSighting[];
  let answers: DutyAnswer[];
  let notes: DutyNote[];
  const deviations = new Map<string, Deviation>();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watchfire-components-'));
    journal = await SqliteJournal.open({ directory: folder, now: new ManualClock().now });
    taken = [];
    failures = 0;
    systems = [];
    answers = [];
    notes = [];
    deviations.clear();
    deviations.set('room', STANDARD);
    await start();
  });
  afterEach(async () => {
    await projection.stop();
    await journal.close();
    await rm(folder, { recursive: true });
  });

  async function start(): Promise<void> {
    const discovered = (sightings: readonly ComponentSighting[]): Promise<number> => {
      if (failures-- > 0) return Promise.reject(new RegistryError('invalid', 'not now'));
      taken.push(...sightings);
      return Promise.resolve(0);
    };
    const told = (more: readonly SystemSighting[]): Promise<void> => {
      systems.push(...more);
      return Promise.resolve();
    };
    const put = (more: readonly DutyAnswer[]): Promise<void> => {
      answers.push(...more);
      return Promise.resolve();
    };
    const note = (more: readonly DutyNote[]): Promise<void> => {
      notes.push(...more);
      return Promise.resolve();
    };
    const registry = {
      fireComponents: { discovered },
      fireSystems: { told },
      dutyAnswers: { put },
      dutyNotes: { put: note },
    } as unknown as ConstructorParameters<typeof FireComponentProjection>[0]['registry'];
    projection = new FireComponentProjection({
      journal,
      registry,
      log,
      deviationOf: (id) => deviations.get(id),
    });
    await projection.start();
  }
  const projected = async (): Promise<void> => {
    while (projection.offset < journal.head()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('[FU23] what a system says of itself is kept with the time of its receipt', async () => {
    const own = { systemType: 1, systemAddress: 2 };
    await journal.append(said(encodeAdu('system-state', [{ ...own, status: 0b11, time }]), 'elsewhere'));
    const { offset } = await journal.append(
      said(encodeAdu('system-state', [{ ...own, status: 0b110, time }])),
    );
    await projected();
    expect(systems).toEqual([{ deviceId: 'room', ...own, states: ['fire', 'fault'], statesAt: 5, offset }]);
    expect(taken).toEqual([]);
  });

  it('[FI24] the key that answers a duty check is kept, and not what a list of records says of it', async () => {
    const pressed = (operations: number) =>
      encodeAdu('device-operation', [{ operations, operator: 7, time }]);
    await journal.append(said(pressed(0b1)));
    await journal.append(said(pressed(0b10_0000), 'room', 5));
    const { offset } = await journal.append(said(pressed(0b10_0010)));
    await projected();
    expect(answers).toEqual([{ deviceId: 'room', at: 5, operator: 7, offset }]);
    expect(taken).toEqual([]);
  });

  it('[FI27] what was told of a check is kept, and so is the key of a device that speaks JSON', async () => {
    const event = (name: string, data: Record<string, unknown>): JournalRecord => ({
      ...{ kind: 'event', deviceId: 'room', receivedAt: 5, ts: 5, event: name, data, samples: [] },
    });
    const check = { checkId: 'cmd-1', what: 'closed', verdict: 'absent', at: 4 };
    const { offset } = await journal.append(event('duty-check', { ...check, minutes: 10 }));
    await journal.append(event('duty_answer', { operator: 3 }));
    await journal.append(event('duty_answer', { operator: 'x' }));
    await projected();
    expect(notes).toEqual([{ ...check, deviceId: 'room', offset }]);
    expect(answers.map(({ at, operator }) => [at, operator])).toEqual([
      [5, 3],
      [5, 0],
    ]);
  });

  it('[FU5] appear by themselves, in the state that was said last', async () => {
    await journal.append(said(state(0x0011_0003, 0b110, '三层走廊')));
    await projected();
    expect(taken).toEqual([
      {
        deviceId: 'room',
        systemType: 1,
        systemAddress: 1,
        address: 0x0011_0003,
        addressText: '3/17',
        componentType: 40,
        description: '三层走廊',
        states: ['fire', 'fault'],
        at: 5,
        offset: 1,
      },
    ]);
  });

  it('[FU5] in a frame twice are one, with all that was said', async () => {
    const both = new Uint8Array([2, 2, ...state(7, 2, '走廊').subarray(2), ...state(7, 1).subarray(2)]);
    await journal.append(said(both));
    await projected();
    expect(taken).toMatchObject([{ address: 7, description: '走廊', states: [], offset: 1 }]);
  });

  it('[FU5] said by configuration or a value have no state; other records are passed over', async () => {
    await journal.append({ kind: 'tick' });
    await journal.append(said(named(7, '泵房')));
    await journal.append({
      kind: 'event',
      deviceId: 'room',
      receivedAt: 5,
      ts: 5,
      event: 'gb26875',
      data: { frame: 'AA' },
      samples: [],
    });
    await journal.append({
      kind: 'event',
      deviceId: 'room',
      receivedAt: 5,
      ts: 5,
      event: 'fire',
      samples: [],
    });
    await journal.append(said(Uint8Array.of(134, 1, 2)));
    await projected();
    expect(taken).toMatchObject([{ address: 7, description: '泵房', states: null }]);
  });

  it('[FI12] a test is told by the bit that the profile has for it', async () => {
    deviations.set('room', { ...STANDARD, normalBit: 'test' });
    await journal.append(said(state(1, 0b11)));
    await projected();
    expect(taken).toMatchObject([{ states: ['fire', 'test'] }]);
  });

  it('[FU5] of a device that is registered no more are let go', async () => {
    failures = 1;
    await journal.append(said(state(1, 2)));
    while (failures === 1) await new Promise((resolve) => setImmediate(resolve));
    deviations.delete('room');
    await journal.append(said(state(2, 2)));
    await projected();
    expect(taken).toEqual([]);
  });

  it('[FU5] go on where they were', async () => {
    await journal.append(said(state(1, 2)));
    await projected();
    await projection.stop();
    await start();
    await journal.append(said(state(2, 2)));
    await projected();
    expect(taken.map(({ address }) => address)).toEqual([1, 2]);
  });
});
