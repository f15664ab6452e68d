import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SqliteJournal } from '@watchfire/journal';
import { ManualClock, TemporaryRegistry } from '@watchfire/testing';
import { pino } from 'pino';
import { DeadLetterProjection } from './dead-letter-projection.js';

const log = pino({ level: 'silent' });
const letter = (code: string) =>
  ({
    kind: 'dead-letter',
    deviceId: 'd1',
    topic: 'watchfire/v1/devices/d1/telemetry',
    code,
    message: 'it cannot be used',
    payload: Buffer.from('{').toString('base64'),
  }) as const;

describe('dead-letter projection', () => {
  let folder: string;
  let journal: SqliteJournal;
  let store: TemporaryRegistry;
  let projection: DeadLetterProjection;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watchfire-letters-'));
    journal = await SqliteJournal.open({ directory: folder, now: new ManualClock().now });
    store = await TemporaryRegistry.open();
    projection = new DeadLetterProjection(journal, store.registry, log);
    await projection.start();
  });
  afterEach(async () => {
    await projection.stop();
    await journal.close();
    await store.remove();
    await rm(folder, { recursive: true });
  });

  const projected = async (): Promise<void> => {
    while (projection.offset < journal.head()) await new Promise((resolve) => setImmediate(resolve));
  };
  const listed = async (): Promise<string[]> =>
    (await store.registry.deadLetters.list({ limit: 100 })).items.map(({ code }) => code);

  it('lists what could not be used, newest first, with its payload', async () => {
    await journal.append(letter('malformed_json'));
    await journal.append({ kind: 'tick' });
    await journal.append(letter('unknown_point'));
    await projected();
    expect(await listed()).toEqual(['unknown_point', 'malformed_json']);
    const [newest] = (await store.registry.deadLetters.list({ limit: 1 })).items;
    expect(Buffer.from(newest?.payload ?? []).toString()).toBe('{');
  });

  it('lists each once, however often the journal is read again', async () => {
    await journal.append(letter('malformed_json'));
    await projected();
    await projection.stop();
    await journal.saveCursor('dead-letters', 0);
    projection = new DeadLetterProjection(journal, store.registry, log);
    await projection.start();
    await journal.append(letter('unknown_point'));
    await projected();
    expect(await listed()).toEqual(['unknown_point', 'malformed_json']);
  });

  it('puts whom nobody knows into the quarantine, each record once', async () => {
    const unknown = { ...letter('unknown_child'), unknownChildren: ['Gas-17', 'Gas-18'] };
    await journal.append(unknown);
    await journal.append({ ...letter('malformed_json'), unknownChildren: ['Gas-17'] });
    await journal.append(letter('unknown_child'));
    await projected();
    await projection.stop();
    await journal.saveCursor('dead-letters', 0);
    projection = new DeadLetterProjection(journal, store.registry, log);
    await projection.start();
    await projected();
    const { items } = await store.registry.quarantine.list({ limit: 9 });
    const seen = items.map(({ wireName, gatewayId, count }) => [wireName, gatewayId, count]);
    expect(seen.toSorted()).toEqual([
      ['Gas-17', 'd1', 2],
      ['Gas-18', 'd1', 1],
    ]);
    expect(Buffer.from(items[0]?.sample ?? []).toString()).toBe('{');
  });

  it('goes on where it was, without reading what it has', async () => {
    for (let n = 0; n < 10; n++) await journal.append({ kind: 'tick' });
    await projected();
    await projection.stop();
    expect(await journal.cursor('dead-letters')).toBe(10);
  });
});
