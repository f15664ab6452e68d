import {
  Journal,
  type Following,
  type JournalEntry,
  type JournalHealth,
  type JournalRecord,
  type JournalStats,
  type Receipt,
} from '@watchfire/journal';
import { entriesOf } from '@watchfire/journal';
import { type ReadingColumns } from '@watchfire/readings';

/**
 * A journal in memory whose disk is in the hands of the test: `hold` keeps what is appended from becoming durable, `release`
 * commits it, `fail` makes the disk refuse.
 */
export class HeldJournal extends Journal {
  /** What is durable. */
  readonly entries: JournalEntry[] = [];
  full = false;
  private readonly waiting: { record: JournalRecord; commit: () => void; lose: (error: Error) => void }[] =
    [];
  private holding = false;
  private failure: Error | undefined;
  private readonly drainWaiters: (() => void)[] = [];
  private readonly watchers: (() => void)[] = [];

  get records(): readonly JournalRecord[] {
    return this.entries.map((entry) => entry.record);
  }

  of<K extends JournalRecord['kind']>(kind: K): Extract<JournalRecord, { kind: K }>[] {
    return this.records.filter(
      (record): record is Extract<JournalRecord, { kind: K }> => record.kind === kind,
    );
  }

  /** Resolves when the condition holds; looked at after every append and commit. */
  async until(condition: (journal: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  get waitingRecords(): readonly JournalRecord[] {
    return this.waiting.map(({ record }) => record);
  }

  hold(): void {
    this.holding = true;
  }

  release(): void {
    this.holding = false;
    for (const { commit } of this.waiting.splice(0)) commit();
    this.changed();
  }

  /** What is held never becomes durable. */
  lose(error: Error): void {
    for (const { lose } of this.waiting.splice(0)) lose(error);
    this.changed();
  }

  fail(error: Error | undefined): void {
    this.failure = error;
  }

  drain(): void {
    this.full = false;
    for (const resolve of this.drainWaiters.splice(0)) resolve();
  }

  append(record: JournalRecord): Promise<Receipt> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const commit = (): void => {
        const entry = { offset: this.entries.length + 1, at: Date.now(), record };
        this.entries.push(entry);
        resolve({ offset: entry.offset, at: entry.at });
      };
      if (this.holding) this.waiting.push({ record, commit, lose: reject });
      else commit();
      this.changed();
    });
  }

  async appendReadings(readings: ReadingColumns): Promise<Receipt> {
    const entries = [...entriesOf({ offset: 1, at: 0, readings })];
    const receipts = await Promise.all(entries.map(({ record }) => this.append(record)));
    return receipts[0] ?? { offset: this.head(), at: 0 };
  }

  saturated(): boolean {
    return this.full;
  }

  drained(): Promise<void> {
    return this.full ? new Promise((resolve) => this.drainWaiters.push(resolve)) : Promise.resolve();
  }

  read(offset: number, limit: number): Promise<readonly JournalEntry[]> {
    return Promise.resolve(this.entries.slice(offset - 1, offset - 1 + limit));
  }

  head(): number {
    return this.entries.length;
  }

  tail(): number {
    return 1;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  follow(): Following {
    throw new Error('the gateway follows nothing');
  }
  cursor(): Promise<number> {
    return Promise.resolve(0);
  }
  saveCursor(): Promise<void> {
    return Promise.resolve();
  }
  loadState(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  saveState(): Promise<void> {
    return Promise.resolve();
  }
  retain(): Promise<number> {
    return Promise.resolve(0);
  }
  stats(): JournalStats {
    throw new Error('the gateway asks for no figures');
  }
  health(): JournalHealth {
    return { ok: true };
  }

  private changed(): void {
    for (const resolve of this.watchers.splice(0)) resolve();
  }
}
