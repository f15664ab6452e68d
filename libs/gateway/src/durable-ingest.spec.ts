import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { telemetryTopic } from '@watchfire/contracts';
import { SqliteJournal, type JournalRecord } from '@watchfire/journal';
import { Harness } from '../spec/harness.js';
import { publishPacket, type RawClient } from '../spec/raw-client.js';

// Nothing may depend on who takes a publish: the splitter, or the broker.
describe.each([true, false])('with the splitter: %s,', (splitter) => {
  beforeEach(() => {
    Harness.splitter = splitter;
  });

  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'watchfire-gateway-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const openJournal = (): Promise<SqliteJournal> => SqliteJournal.open({ directory, now: () => Date.now() });

  async function publishAll(device: RawClient, deviceId: string, count: number): Promise<void> {
    for (let id = 1; id <= count; id++) {
      const payload = `{"values":{"conc":${id}},"seq":${id}}`;
      device.send(publishPacket(telemetryTopic(deviceId), payload, id % 3 === 0 ? 2 : 1, id));
    }
    for (let id = 1; id <= count; id++) await device.next(id % 3 === 0 ? 'pubrec' : 'puback');
  }

  describe('with the journal on disk', () => {
    it('[IN6] everything acknowledged is there after a restart, in the order of each device', async () => {
      const journal = await openJournal();
      const harness = await Harness.start({}, journal);
      const devices = ['gas-1', 'gas-2'] as const;
      await Promise.all(
        devices.map(async (deviceId) => publishAll(await harness.device(deviceId), deviceId, 900)),
      );
      await harness.close();
      await journal.close();

      const reopened = await openJournal();
      const records: JournalRecord[] = [];
      for (let offset = 1; offset <= reopened.head(); offset = records.length + 1) {
        for (const { record } of await reopened.read(offset, 500)) records.push(record);
      }
      await reopened.close();
      for (const deviceId of devices) {
        const sequence = records.flatMap((record) =>
          record.kind === 'reading' && record.deviceId === deviceId ? [record.seq] : [],
        );
        expect(sequence).toEqual(Array.from({ length: 900 }, (_, i) => i + 1));
      }
      expect(
        records
          .filter((record) => record.kind === 'connection')
          .map(({ reason }) => reason)
          .sort(),
      ).toEqual(['connect', 'connect', 'connection_lost', 'connection_lost']);
    });
  });
});
