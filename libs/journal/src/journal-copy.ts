import { startCommitThread } from './commit-thread.js';

export interface JournalCopy {
  readonly head: number;
  readonly tail: number;
  readonly cursors: Readonly<Record<string, number>>;
  /** How far the saved state reaches; 0 without one. */
  readonly stateOffset: number;
}

export interface CopyOptions {
  /** Holds the copied `journal.db`. Never the folder of a journal that is in use. */
  readonly directory: string;
  /** No cursor of the copy stays above these: what a projection has stored may be older than the journal. */
  readonly cursors: Readonly<Record<string, number>>;
  /** Saved states that are put in place of those of the copy; `null` where there was none. */
  readonly states?: Readonly<Record<string, Uint8Array | null>>;
  /** Whose offset is answered. */
  readonly state: string;
  readonly at: number;
}

/**
 * Looks at every page of a copied journal, lowers its cursors and puts back what belongs to them.
 *
 * @throws JournalError `damaged` and the others of opening.
 */
export async function settleJournalCopy(options: CopyOptions): Promise<JournalCopy> {
  const { directory, cursors, states = {}, state, at } = options;
  const thread = startCommitThread();
  try {
    const { head, tail } = await thread.call('open', { directory, at });
    await thread.call('check', undefined);
    for (const [name, offset] of Object.entries(await thread.call('cursors', undefined))) {
      const most = cursors[name];
      if (most !== undefined && most < offset) await thread.call('saveCursor', { name, offset: most });
    }
    for (const [name, bytes] of Object.entries(states)) {
      if (bytes === null) await thread.call('dropState', { name });
      else await thread.call('saveState', { name, offset: 0, bytes });
    }
    const saved = await thread.call('loadState', { name: state });
    return { head, tail, cursors: await thread.call('cursors', undefined), stateOffset: saved?.offset ?? 0 };
  } finally {
    await thread.stop();
  }
}
