import { describe, expect, it } from '@jest/globals';
import { HistoryError, type RefusedLine } from '@watchfire/history';
import { type JournalRecord } from '@watchfire/journal';
import { refusedToDeadLetters, replayRefused } from './refused-lines.js';

const refused = (device: string, n: number): RefusedLine => ({
  line: `telemetry,device=${device},point=${device}.p v="line\n${n}" ${n}`,
  reason: 'field type conflict',
  origin: {
    kind: 'sample',
    sample: { pointId: `${device}.p`, deviceId: device, ts: n, receivedAt: n, value: 1, quality: 'good' },
  },
});

async function lettersOf(lines: readonly RefusedLine[]) {
  const letters: Extract<JournalRecord, { kind: 'dead-letter' }>[] = [];
  await refusedToDeadLetters({
    append: (record) => {
      if (record.kind === 'dead-letter') letters.push(record);
      return Promise.resolve({ offset: 1, at: 1 });
    },
  })(lines);
  return letters;
}

describe('[HI47] lines that InfluxDB refuses', () => {
  it('are dead letters with reason, line and device', async () => {
    const [letter] = await lettersOf([refused('d1', 1)]);
    expect(letter).toMatchObject({ deviceId: 'd1', code: 'influx_refused', message: 'field type conflict' });
    expect(Buffer.from(letter!.payload, 'base64').toString()).toBe(refused('d1', 1).line);
  });

  it.each([1, 2, 200, 450])('are all written again, as they were: %i', async (count) => {
    const lines = Array.from({ length: count }, (_, n) => refused(n % 2 === 0 ? 'd1' : 'd2', n));
    const again: string[] = [];
    for (const { payload } of await lettersOf(lines)) {
      const writeAgain = (some: readonly string[]): Promise<undefined> => {
        again.push(...some);
        return Promise.resolve(undefined);
      };
      expect(await replayRefused({ writeAgain }, Buffer.from(payload, 'base64'))).toEqual({ ok: true });
    }
    expect(again).toEqual(lines.map(({ line }) => line));
  });

  it('stay dead letters where they are refused again, or where InfluxDB is away', async () => {
    const payload = Buffer.from(refused('d1', 1).line);
    const writeAgain = (): Promise<string> => Promise.resolve('field type conflict');
    expect(await replayRefused({ writeAgain }, payload)).toMatchObject({ ok: false, code: 'influx_refused' });
    const away = (): Promise<string> => Promise.reject(new HistoryError('unreachable', 'away', true));
    expect(await replayRefused({ writeAgain: away }, payload)).toMatchObject({
      ok: false,
      code: 'unreachable',
    });
  });
});
