import { describe, expect, it } from '@jest/globals';
import { Maintenance, type MaintenanceDependencies } from './maintenance.js';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;

interface Offsets {
  readonly history: number;
  readonly snapshot: number;
  readonly deadLetters: number;
  readonly commands: number;
  readonly fireComponents: number;
  /** Undefined: there is no InfluxDB. */
  readonly outbox: number | undefined;
}

/** From which offset on the journal is kept. */
async function keptFrom(offsets: Offsets): Promise<unknown> {
  const { history, snapshot, deadLetters, commands, fireComponents, outbox } = offsets;
  const retained: unknown[] = [];
  const nothing = { trim: () => Promise.resolve() };
  const deps = {
    settings: {
      journal: { retentionDays: 30 },
      history: { telemetryDays: 90, minuteDays: 730, hourDays: 3_660, alarmDays: 1_100 },
    },
    journal: { retain: (...given: unknown[]) => Promise.resolve(void retained.push(...given)) },
    history: { cursor: () => Promise.resolve(history), retain: () => Promise.resolve() },
    registry: { idempotency: nothing, callbackEvents: nothing, sessions: nothing, claims: nothing },
    engine: { status: () => ({ snapshotOffset: snapshot }) },
    deadLetters: { offset: deadLetters },
    outbox: outbox === undefined ? undefined : { offset: outbox },
    commands: { offset: commands },
    fireComponents: { offset: fireComponents },
    clock: { now: () => NOW },
  } as unknown as MaintenanceDependencies;
  await new Maintenance(deps).run();
  expect(retained[1]).toBe(NOW - 30 * DAY);
  return retained[0];
}

describe('[HI43] the journal is kept from the first record on that somebody still needs', () => {
  const far: Offsets = {
    history: 90,
    snapshot: 91,
    deadLetters: 92,
    commands: 93,
    fireComponents: 95,
    outbox: 94,
  };
  const needers = ['history', 'snapshot', 'deadLetters', 'commands', 'fireComponents', 'outbox'] as const;

  it.each(needers)('%s', async (who) => {
    expect(await keptFrom({ ...far, [who]: 7 })).toBe(8);
  });

  it('without InfluxDB', async () => {
    expect(await keptFrom({ ...far, outbox: undefined })).toBe(91);
  });
});
