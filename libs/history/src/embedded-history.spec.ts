import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyContract } from '@watchfire/testing';
import { EmbeddedHistory } from './embedded-history.js';

historyContract('embedded', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'watchfire-history-'));
  const open = () => EmbeddedHistory.open({ directory, now: () => 0 });
  let history = await open();
  return {
    history,
    reopen: async () => {
      await history.close().catch(() => {});
      history = await open();
      return history;
    },
    dispose: async () => {
      await history.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
