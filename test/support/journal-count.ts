import { join } from 'node:path';
import { SqliteJournal } from '@watchfire/journal';

const PAGE = 4_096;

/** How often each numbered reading of each device is in the journal of a server that has stopped. */
export async function readingsIn(
  dataFolder: string,
): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const journal = await SqliteJournal.open({ directory: join(dataFolder, 'journal'), now: Date.now });
  const byDevice = new Map<string, Map<number, number>>();
  try {
    for (let offset = 1; offset <= journal.head();) {
      const entries = await journal.read(offset, PAGE);
      for (const { record } of entries) {
        if (record.kind !== 'reading' || record.seq === undefined) continue;
        const times = byDevice.get(record.deviceId) ?? new Map<number, number>();
        byDevice.set(record.deviceId, times);
        times.set(record.seq, (times.get(record.seq) ?? 0) + 1);
      }
      offset = (entries.at(-1)?.offset ?? offset + PAGE) + 1;
    }
    return byDevice;
  } finally {
    await journal.close();
  }
}
