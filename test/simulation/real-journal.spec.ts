import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { AlarmEngine, type Command } from '@watchfire/alarm';
import { engineInput, EngineHost } from '@watchfire/engine';
import { EmbeddedHistory } from '@watchfire/history';
import {
  type CommitThread,
  JournalError,
  type JournalEntry,
  type JournalRecord,
  SqliteJournal,
  startCommitThread,
} from '@watchfire/journal';
import { ManualClock } from '@watchfire/testing';
import { pino } from 'pino';
import { district, Signal } from './district.js';
import { Random } from './random.js';

const { WATCHFIRE_SIMULATION_SEED: wanted } = process.env;
const seed = wanted === undefined ? randomInt(2 ** 32) : Number(wanted);
const LIVES = 5;
const STEPS = 120;
const log = pino({ level: 'silent' });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A real writer thread on a disk that fails now and then, before or after the bytes are on it. */
class Disk {
  fails = false;
  /** A process that is killed saves no snapshot. */
  keepsStates = true;

  constructor(private readonly random: Random) {}

  readonly start = (): CommitThread => {
    const thread = startCommitThread();
    const call: CommitThread['call'] = async (operation, input, transfer) => {
      if (operation === 'saveState' && !this.keepsStates) throw new JournalError('io_error', 'killed');
      const isFault = operation === 'commit' && this.fails && this.random.chance(0.03);
      if (!isFault) return thread.call(operation, input, transfer);
      if (this.random.chance(0.5)) await thread.call(operation, input, transfer);
      throw new JournalError('io_error', 'fsync failed');
    };
    return { call, lost: thread.lost, stop: () => thread.stop() };
  };
}

async function everything(journal: SqliteJournal): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (;;) {
    const more = await journal.read((entries.at(-1)?.offset ?? 0) + 1, 1_000);
    if (more.length === 0) return entries;
    entries.push(...more);
  }
}

it(`[SM7] nothing that was acknowledged is lost on a disk that fails, seed ${seed}`, async () => {
  const random = new Random(seed);
  const directory = await mkdtemp(join(tmpdir(), 'watchfire-simulation-'));
  const clock = new ManualClock();
  const installed = (await district()).slice(0, 6);
  /** By offset: what the journal has acknowledged. */
  const acknowledged = new Map<number, string>();
  let refused = 0;
  try {
    for (let life = 0; life < LIVES; life++) {
      const disk = new Disk(random);
      const journal = await SqliteJournal.open(
        { directory: join(directory, 'journal'), now: clock.now },
        disk.start,
      );
      const history = await EmbeddedHistory.open({ directory: join(directory, 'history'), now: clock.now });
      const host = await EngineHost.start({ journal, history, clock, log });
      disk.fails = true;
      const append = async (record: JournalRecord): Promise<void> => {
        try {
          const { offset } = await journal.append(record);
          acknowledged.set(offset, JSON.stringify(record));
        } catch (error) {
          if (!(error instanceof JournalError)) throw error;
          refused += 1;
          while (!journal.health().ok) await turn();
        }
      };
      if (life === 0)
        for (const one of installed) await append({ kind: 'configure', device: one.configuration(0, false) });
      const signals = installed.map(({ deviceId, profile }) => ({
        deviceId,
        points: profile.points.map((point) => ({
          id: `${deviceId}.${point.key}`,
          signal: new Signal(point, profile, random),
        })),
      }));
      for (let step = 0; step < STEPS; step++) {
        clock.advance(random.wait(20_000));
        const { deviceId, points } = random.of(signals);
        const at = clock.now();
        const samples = points.map(({ id, signal }) => [id, signal.next()] as const);
        await append({ kind: 'reading', deviceId, receivedAt: at, ts: at, samples });
        const [alarm] = host.alarms();
        if (alarm === undefined || !random.chance(0.3)) continue;
        const { id: alarmId, eventId } = alarm;
        const command: Command = alarm.acked
          ? { kind: 'reset', alarmId, eventId }
          : { kind: 'acknowledge', alarmId, eventId };
        await append({ kind: 'command', command, actor: 'operator', comment: null });
      }
      disk.fails = false;
      const entries = await everything(journal);
      const there = new Map(entries.map(({ offset, record }) => [offset, JSON.stringify(record)]));
      for (const [offset, text] of acknowledged) expect([offset, there.get(offset)]).toEqual([offset, text]);
      while (host.status().appliedOffset < journal.head()) await turn();
      const engine = AlarmEngine.create();
      for (const { offset, at, record } of entries) {
        const input = engineInput(record);
        if (input !== undefined) engine.apply({ offset, at, input });
      }
      expect(JSON.stringify(host.alarms())).toBe(JSON.stringify([...engine.alarms()]));
      expect(host.head()).toBe(engine.seq);
      disk.keepsStates = life % 2 === 0;
      await host.stop();
      await history.close();
      await journal.close();
    }
    expect(acknowledged.size).toBeGreaterThan(LIVES * STEPS * 0.7);
    expect(refused).toBeGreaterThan(0);
  } finally {
    await rm(directory, { recursive: true });
  }
}, 120_000);
