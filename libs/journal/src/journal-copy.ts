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
  readonly state: string;
  readonly at: number;
}

/**
 * Looks at every page of a copied journal and lowers its cursors.
 *
 * @throws JournalError `damaged` and the others of opening.
 */
export async function settleJournalCopy({
  directory,
  cursors,
  state,
  at,
}: CopyOptions): Promise<JournalCopy> {
  // Only who asks for it loads SQLite outside the thread.
  const { CommitStore } = await import('./commit-store.js');
  const store = new CommitStore(directory, at);
  try {
    store.check();
    for (const [name, offset] of Object.entries(store.cursors())) {
      const most = cursors[name];
      if (most !== undefined && most < offset) store.saveCursor({ name, offset: most });
    }
    const { head, tail } = store.opened;
    const stateOffset = store.loadState({ name: state })?.offset ?? 0;
    return { head, tail, cursors: store.cursors(), stateOffset };
  } finally {
    store.close();
  }
}
