import { type Database } from '../database.js';

export interface DutyAnswer {
  readonly deviceId: string;
  /** Epoch ms of its receipt. */
  readonly at: number;
  /** As the device numbers them. */
  readonly operator: number;
  /** Of the journal, which may deliver it twice. */
  readonly offset: number;
}

/** Answers to duty checks, as a projection of the journal. */
export class DutyAnswerRepository {
  constructor(private readonly db: Database) {}

  async put(answers: readonly DutyAnswer[]): Promise<void> {
    if (answers.length === 0) return;
    await this.db
      .insertInto('dutyAnswer')
      .values([...answers])
      .onConflict((on) => on.column('offset').doNothing())
      .execute();
  }

  /** Those with `from <= at <= to`, oldest first. */
  list(deviceIds: readonly string[], from: number, to: number): Promise<DutyAnswer[]> {
    if (deviceIds.length === 0) return Promise.resolve([]);
    return this.db
      .selectFrom('dutyAnswer')
      .selectAll()
      .where('deviceId', 'in', deviceIds)
      .where('at', '>=', from)
      .where('at', '<=', to)
      .orderBy('at')
      .orderBy('offset')
      .execute();
  }
}
