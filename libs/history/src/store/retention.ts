import { setImmediate as nextTurn } from 'node:timers/promises';
import { type RetentionLimits } from '../history.js';
import { type AlarmStore } from './alarm-store.js';
import { type BlockTable } from './block-table.js';
import { type Database, pragma, transaction } from './database.js';
import { type Pins } from './pins.js';
import { type DueDays, type SeriesDay } from './due-days.js';
import { type RollUpTable } from './roll-up-table.js';
import { type RollUps } from './roll-ups.js';
import { type TelemetryStore } from './telemetry-store.js';

export interface RetentionParts {
  readonly database: Database;
  readonly telemetry: TelemetryStore;
  readonly blocks: BlockTable;
  readonly alarms: AlarmStore;
  readonly due: DueDays;
  readonly table: RollUpTable;
  readonly rollUps: RollUps;
  readonly pins: Pins;
}

/** Rows or blocks that one slice deletes: some milliseconds, then the next question has its turn. */
const SLICE = 200;
const VACUUM_PAGES = 500;

/** Deletes what is older than its limit, and gives the space back. Samples that go are rolled up before. */
export async function removeOlder(parts: RetentionParts, limits: RetentionLimits): Promise<void> {
  const { database, telemetry, blocks, alarms, table, rollUps } = parts;
  const inSlices = async (slice: () => boolean): Promise<void> => {
    while (transaction(database, slice)) await nextTurn();
  };
  await inSlices(() => table.removeOlder('minutes', limits.minutes, SLICE));
  await inSlices(() => table.removeOlder('hours', limits.hours, SLICE));
  await inSlices(() => alarms.removeOlder(limits.events, SLICE));
  transaction(database, () => rollUps.raiseFloor(limits.samples));
  if (limits.samples > Math.min(limits.minutes, limits.hours)) await rollUpLeaving(parts, limits.samples);
  await inSlices(() => telemetry.removeOlder(limits.samples, SLICE));
  telemetry.forgetOlder(limits.samples);
  blocks.dropDamaged(limits.samples);
  while (pragma(database, 'freelist_count') > 0) {
    // The pragma frees a page a row that it returns.
    database.prepare(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`).all();
    await nextTurn();
  }
  // Without this the log beside the file would keep the space.
  parts.pins.settle();
}

/** What is not rolled up yet of the samples that go. */
async function rollUpLeaving({ database, due, rollUps }: RetentionParts, before: number): Promise<void> {
  for (;;) {
    const days: readonly SeriesDay[] = due.before(before, SLICE);
    for (const day of days) {
      transaction(database, () => rollUps.rollUpAndRemove(day, before));
      await nextTurn();
    }
    if (days.length < SLICE) return;
  }
}
