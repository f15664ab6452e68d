import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DUTY_CHECK_EVENT, FireComponentProjection } from '@watchfire/engine';
import { type JournalRecord, SqliteJournal } from '@watchfire/journal';
import { type DeviceCommandRow } from '@watchfire/registry';
import { type ManualClock, TemporaryRegistry } from '@watchfire/testing';
import { pino } from 'pino';
import { GuardWatch } from './guard-watch.js';

const MINUTE = 60_000;
const log = pino({ level: 'silent' });

/** Everything but the engine: a real journal, a real registry, and the projection between them. */
describe('[FI27] what the alarm engine is told of duty checks', () => {
  let folder: string;
  let clock: ManualClock;
  let journal: SqliteJournal;
  let store: TemporaryRegistry;
  let projection: FireComponentProjection;
  let watch: GuardWatch;
  /** The journal ends the process after it has taken so many more notes; they are on disk. */
  let notesBeforeDeath: number;
  /** What the registry has of the journal is what it had here. */
  let stalled: number | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watchfire-guard-'));
    store = await TemporaryRegistry.open();
    clock = store.clock;
    journal = await SqliteJournal.open({ directory: folder, now: clock.now });
    notesBeforeDeath = Infinity;
    stalled = undefined;
    await begin();
  });
  afterEach(async () => {
    await watch.stop();
    await projection.stop();
    await journal.close();
    await store.remove();
    await rm(folder, { recursive: true });
  });

  async function begin(): Promise<void> {
    const { registry } = store;
    projection = new FireComponentProjection({ journal, registry, log, deviationOf: () => undefined });
    await projection.start();
    watch = new GuardWatch({
      registry,
      clock,
      log,
      journal: {
        append: async (record) => {
          const receipt = await journal.append(record);
          if (record.kind === 'event' && --notesBeforeDeath < 0) throw new Error('killed');
          return receipt;
        },
      },
      projected: () => stalled ?? projection.offset,
      pointOf: (deviceId, key) => `${deviceId}.${key}`,
      utcOffsetOf: () => 480,
    });
  }
  const restart = async (): Promise<void> => {
    await watch.stop();
    await projection.stop();
    notesBeforeDeath = Infinity;
    await begin();
    await settle();
  };
  const settle = async (): Promise<void> => {
    for (let look = 0; look < 4; look++) {
      while (projection.offset < journal.head()) await new Promise(setImmediate);
      await watch.look();
    }
  };
  const asked = async (id: string, more: Partial<DeviceCommandRow> = {}): Promise<void> => {
    const now = clock.now();
    await store.registry.deviceCommands.put([
      {
        ...{ id, deviceId: 'room', command: 'duty_check', params: { minutes: 1 }, actor: 'demo' },
        ...{ reason: 'night', createdAt: now, expires: now + MINUTE, replyTimeoutMs: MINUTE, sentAt: now },
        ...{ endedAt: now + 1_000, state: 'succeeded', cancelledBy: null, message: null, reply: null },
        ...{ offset: journal.head() + 1, revision: 1 },
        ...more,
      },
    ]);
  };
  const pressed = (at = clock.now()) =>
    journal.append({
      ...{ kind: 'event', deviceId: 'room', receivedAt: at, ts: at, event: 'duty_answer' },
      ...{ data: { operator: 7 }, samples: [] },
    });
  const told = async (): Promise<unknown[]> => {
    const records: JournalRecord[] = (await journal.read(1, 1_000)).map(({ record }) => record);
    return records.flatMap((record) =>
      record.kind === 'event' && record.event === DUTY_CHECK_EVENT
        ? [
            [
              record.data?.['checkId'],
              record.data?.['what'],
              record.samples.find(([id]) => id.endsWith('guard_absent'))?.[1] ?? null,
            ],
          ]
        : [],
    );
  };

  it('is nothing while a check is open, and once that nobody was there when it has closed', async () => {
    await asked('a');
    clock.advance(3 * MINUTE);
    await settle();
    expect(await told()).toEqual([]);
    clock.advance(1);
    await settle();
    await settle();
    await restart();
    expect(await told()).toEqual([['a', 'closed', true]]);
    const note = (await journal.read(1, 1_000)).at(-1)?.record;
    const began = clock.now() - 3 * MINUTE - 1;
    expect(note).toMatchObject({
      receivedAt: clock.now(),
      ts: clock.now(),
      data: { askedAt: began, closesAt: began + 3 * MINUTE, minutes: 1, verdict: 'absent' },
      samples: [
        ['room.guard_check', '2026-01-05 16:00 +08:00, 1 min'],
        ['room.guard_missed', 1],
        ['room.guard_absent', true],
      ],
    });
  });

  it('is at once that somebody was there, and nothing of what never reached the device', async () => {
    await asked('a');
    await asked('b', { sentAt: null, state: 'expired' });
    clock.advance(30_000);
    await pressed();
    await settle();
    await restart();
    expect(await told()).toEqual([
      ['b', 'closed', null],
      ['a', 'closed', false],
    ]);
  });

  it('[FI28] is once that somebody is there after all', async () => {
    await asked('a');
    clock.advance(4 * MINUTE);
    await settle();
    await pressed();
    clock.advance(MINUTE);
    await pressed();
    await settle();
    await restart();
    expect(await told()).toEqual([
      ['a', 'closed', true],
      ['a', 'late', false],
    ]);
    clock.advance(1_000);
    await asked('b');
    clock.advance(4 * MINUTE);
    await settle();
    await asked('c');
    clock.advance(1_000);
    await pressed();
    await settle();
    expect((await told()).slice(2)).toEqual([
      ['b', 'closed', true],
      ['c', 'closed', false],
    ]);
  });

  it('[FI28] is so too where the journal took the note of the absence and said that it had not', async () => {
    await asked('c1');
    await settle();
    clock.advance(4 * MINUTE);
    notesBeforeDeath = 0;
    await settle();
    notesBeforeDeath = Infinity;
    await settle();
    clock.advance(MINUTE);
    await pressed();
    clock.advance(1_000);
    await settle();
    expect(await told()).toEqual([
      ['c1', 'closed', true],
      ['c1', 'late', false],
    ]);
  });

  it('is how many in a row nobody has answered', async () => {
    const missed = async (): Promise<unknown[]> =>
      (await journal.read(1, 1_000)).flatMap(({ record }) =>
        record.kind === 'event'
          ? record.samples.flatMap(([id, n]) => (id === 'room.guard_missed' ? [n] : []))
          : [],
      );
    for (const id of ['a', 'b', 'c']) {
      clock.advance(1_000);
      await asked(id);
      clock.advance(4 * MINUTE);
      // Two of them are told with one look.
      if (id !== 'b') await settle();
    }
    await pressed();
    await settle();
    clock.advance(1_000);
    await asked('d', { sentAt: null, state: 'expired' });
    await asked('e');
    clock.advance(4 * MINUTE);
    await restart();
    expect(await missed()).toEqual([1, 2, 3, 0, 1]);
  });

  it('is not that nobody was there before the key that was pressed in time has been read', async () => {
    await asked('a');
    stalled = journal.head();
    clock.advance(2 * MINUTE);
    await pressed();
    clock.advance(2 * MINUTE);
    // The watch judges what the registry has, and that has not read on.
    await projection.stop();
    await watch.look();
    await watch.look();
    expect(await told()).toEqual([]);
    stalled = undefined;
    await restart();
    expect(await told()).toEqual([['a', 'closed', false]]);
  });

  it('is neither lost nor doubled when the server dies before, between or after', async () => {
    for (const deviceId of ['room', 'room-2', 'room-3']) await asked(`check of ${deviceId}`, { deviceId });
    // It closes while the server is away, and comes back to die after each of the notes.
    clock.advance(60 * MINUTE);
    for (let death = 0; death < 3; death++) {
      notesBeforeDeath = 0;
      await begin();
      await settle();
      await watch.stop();
      await projection.stop();
    }
    await restart();
    expect(await told()).toEqual([
      ['check of room', 'closed', true],
      ['check of room-2', 'closed', true],
      ['check of room-3', 'closed', true],
    ]);
  });
});
