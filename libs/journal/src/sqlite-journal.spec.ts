import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalContract } from '@watchfire/testing';
import { SqliteJournal } from './sqlite-journal.js';

journalContract('SqliteJournal', async (options) => {
  const directory = await mkdtemp(join(tmpdir(), 'watchfire-journal-'));
  return {
    open: () => SqliteJournal.open({ directory, ...options }),
    destroy: () => rm(directory, { recursive: true }),
  };
});
