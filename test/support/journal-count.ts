import { join } from 'node:path';
import { type JournalRecord, SqliteJournal } from '@watchfire/journal';
import { decodeFrame } from '@watchfire/protocol';

const PAGE = 4_096;

/** How often each numbered reading of each device is in the journal of a server that has stopped. */
export async function readingsIn(
  dataFolder: string,
): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const byDevice = new Map<string, Map<number, number>>();
  for await (const record of recordsIn(dataFolder)) {
    if (record.kind !== 'reading' || record.seq === undefined) continue;
    const times = byDevice.get(record.deviceId) ?? new Map<number, number>();
    byDevice.set(record.deviceId, times);
    times.set(record.seq, (times.get(record.seq) ?? 0) + 1);
  }
  return byDevice;
}

/** The same of frames of GB/T 26875.3, by device, serial number and ADU. */
export async function fireFramesIn(dataFolder: string): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  for await (const record of recordsIn(dataFolder)) {
    const bytes = record.kind === 'event' && record.event === 'gb26875' ? record.data?.['frame'] : undefined;
    const decoded = typeof bytes === 'string' ? decodeFrame(Buffer.from(bytes, 'base64')) : undefined;
    if (record.kind !== 'event' || decoded?.ok !== true) continue;
    const { serial, adu } = decoded.frame;
    const key = `${record.deviceId} ${serial} ${Buffer.from(adu).toString('hex')}`;
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  return times;
}

async function* recordsIn(dataFolder: string): AsyncGenerator<JournalRecord> {
  const journal = await SqliteJournal.open({ directory: join(dataFolder, 'journal'), now: Date.now });
  try {
    for (let offset = 1; offset <= journal.head();) {
      const entries = await journal.read(offset, PAGE);
      for (const { record } of entries) yield record;
      offset = (entries.at(-1)?.offset ?? offset + PAGE) + 1;
    }
  } finally {
    await journal.close();
  }
}
