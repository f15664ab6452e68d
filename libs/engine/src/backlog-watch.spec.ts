import { describe, expect, it } from '@jest/globals';
import { type JournalRecord } from '@watchfire/journal';
import { pino } from 'pino';
import { BacklogWatch, HISTORY_BACKLOG, type WatchedBacklog } from './backlog-watch.js';

const MINUTE = 60_000;
const NOTHING: WatchedBacklog = {
  records: 0,
  transitions: 0,
  bytes: 0,
  ageMs: 0,
  retries: 0,
  lastSuccessAt: undefined,
  failure: undefined,
  notRolledUpMs: 0,
};

/** A watch over a backlog that the test says, with an engine that believes what was journalled. */
function story(isUsed = true) {
  const told: JournalRecord[] = [];
  let active = false;
  let backlog = NOTHING;
  const watch = new BacklogWatch({
    journal: {
      append: (record) => {
        told.push(record);
        if (record.kind === 'server-condition') active = record.active;
        return Promise.resolve({ offset: told.length, at: 0 });
      },
    },
    engine: { serverCondition: (name) => name === HISTORY_BACKLOG && active },
    backlog: isUsed ? () => backlog : undefined,
    limits: { ageMs: 10 * MINUTE, records: 1_000 },
    log: pino({ level: 'silent' }),
  });
  return {
    told,
    watch,
    begin: () => (active = true),
    sees: async (now: Partial<WatchedBacklog>): Promise<boolean> => {
      backlog = { ...NOTHING, ...now };
      await watch.look();
      return active;
    },
  };
}

describe('[HI46] the watch over the backlog', () => {
  it('tells an age above the limit once, and its end once less than half of it is left', async () => {
    const { sees, told } = story();
    expect(await sees({ ageMs: 10 * MINUTE - 1 })).toBe(false);
    expect(await sees({ ageMs: 10 * MINUTE })).toBe(true);
    expect(await sees({ ageMs: 11 * MINUTE })).toBe(true);
    expect(await sees({ ageMs: 5 * MINUTE })).toBe(true);
    expect(await sees({ ageMs: 5 * MINUTE - 1 })).toBe(false);
    expect(told.map((record) => 'active' in record && record.active)).toEqual([true, false]);
  });

  it('tells a size above the limit', async () => {
    const { sees } = story();
    expect(await sees({ records: 999 })).toBe(false);
    expect(await sees({ records: 1_000 })).toBe(true);
    expect(await sees({ records: 499 })).toBe(false);
  });

  it('tells that nothing was rolled up for as long as the limit, until something is', async () => {
    const { sees, told } = story();
    expect(await sees({ notRolledUpMs: 10 * MINUTE - 1 })).toBe(false);
    expect(await sees({ notRolledUpMs: 10 * MINUTE })).toBe(true);
    expect(told).toMatchObject([{ message: { en: expect.stringContaining('10 min') as unknown } }]);
    expect(await sees({ notRolledUpMs: 60 * MINUTE })).toBe(true);
    expect(await sees({})).toBe(false);
  });

  it.each(['unauthorised', 'missing'] as const)(
    'tells at once what only a person mends: %s',
    async (code) => {
      const { sees, told } = story();
      expect(await sees({ failure: { code, message: '', since: 0 } })).toBe(true);
      expect(told).toMatchObject([
        { name: HISTORY_BACKLOG, message: { en: expect.stringContaining(code) as unknown } },
      ]);
      expect(await sees({})).toBe(false);
    },
  );

  it('does not tell that InfluxDB is away before the limit', async () => {
    const { sees } = story();
    expect(await sees({ failure: { code: 'unreachable', message: '', since: 0 }, ageMs: MINUTE })).toBe(
      false,
    );
  });

  it('ends what was told before the server was set up without InfluxDB', async () => {
    const { begin, sees } = story(false);
    begin();
    expect(await sees({})).toBe(false);
  });
});
