import { HistoryError } from '../history-error.js';
import { type Database, pragma } from './database.js';

const CHECKPOINT_PAGES = 1_000;

/** While somebody pins the file it is not written to: what is committed meanwhile stays in the log beside it. */
export class Pins {
  private taken = false;

  constructor(private readonly database: Database) {}

  take(): void {
    // A second one would settle the log.
    if (this.taken) throw new HistoryError('locked', 'the history is being copied already', true);
    this.database.exec('PRAGMA wal_autocheckpoint = 0');
    this.taken = true;
    if (pragma(this.database, 'wal_checkpoint(TRUNCATE)') === 0) return;
    this.leave();
    throw new HistoryError('locked', 'the log of the history could not be settled', true);
  }

  leave(): null {
    this.taken = false;
    this.database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    return null;
  }

  /** Moves the log into the file, and gives its space back. */
  settle(): void {
    if (!this.taken) this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
  }
}
