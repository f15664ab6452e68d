import { expect, test } from '@jest/globals';
import { ManualClock } from '@watchfire/testing';
import { type DeviceCommandRow } from '@watchfire/registry';
import fc from 'fast-check';
import { accepted, applied, isOpen } from './command-fold.js';
import { type AppendFate, asked, type CarrierAnswer, World } from './testing/world.js';

type Step =
  | {
      readonly do: 'issue';
      readonly device: number;
      readonly lifeMs: number;
      readonly key: number | undefined;
    }
  | { readonly do: 'ready' | 'gone'; readonly device: number }
  | { readonly do: 'reply'; readonly command: number; readonly ok: boolean; readonly stranger: boolean }
  | { readonly do: 'cancel'; readonly command: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'commit'; readonly fate: AppendFate }
  | { readonly do: 'deliver' | 'hold' | 'release' | 'store' }
  | {
      readonly do: 'crash';
      readonly arrived: number;
      readonly cursorLost: number;
      readonly setBackMs: number;
    };

const device = fc.integer({ min: 1, max: 2 });
const command = fc.integer({ min: 1, max: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('issue' as const),
      device,
      lifeMs: fc.constantFrom(1, 900, 5_000, 60_000),
      key: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('ready' as const, 'ready' as const, 'gone' as const),
      device,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('reply' as const),
      command,
      ok: fc.boolean(),
      stranger: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), command }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 899, 1_000, 4_999, 30_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      fate: fc.constantFrom<AppendFate[]>(
        ...(['stored', 'stored', 'stored', 'refused', 'unknown-stored', 'unknown-lost'] as const),
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('deliver', 'hold', 'release', 'release', 'store' as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      arrived: fc.integer({ min: 0, max: 3 }),
      cursorLost: fc.integer({ min: 0, max: 5 }),
      setBackMs: fc.constantFrom(0, 0, 10_000),
    }),
  },
);

/** Plays the steps; the answer is what callers were told. */
async function play(
  world: World,
  steps: readonly Step[],
): Promise<{ ids: string[]; taken: [string, boolean][] }> {
  const ids: string[] = [];
  const taken: [string, boolean][] = [];
  const ignored = (): void => undefined;
  for (const each of steps) {
    switch (each.do) {
      case 'issue': {
        const expires = world.clock.now() + each.lifeMs;
        const commandId = each.key === undefined ? undefined : `cmd-key-${each.key}`;
        const request = {
          ...asked,
          deviceId: `dev-${each.device}`,
          expires,
          replyTimeoutMs: 3_000,
          commandId,
        };
        world.commands.issue(request).then(({ id }) => ids.push(id), ignored);
        break;
      }
      case 'ready':
        world.ready(`dev-${each.device}`);
        break;
      case 'gone':
        world.listening.delete(`dev-${each.device}`);
        break;
      case 'reply': {
        // A device answers what it was given; another one may try to.
        const given = world.handOvers[each.command % Math.max(1, world.handOvers.length)];
        if (given === undefined) break;
        const from = each.stranger ? 'dev-9' : given.deviceId;
        world.commands
          .replied(from, given.id, each.ok)
          .then((was) => was && taken.push([each.stranger ? 'stranger' : given.id, each.ok]), ignored);
        break;
      }
      case 'cancel':
        world.commands
          .cancel('dev-1', `cmd-${each.command}`, { actor: 'bob', reason: 'why not' })
          .catch(ignored);
        break;
      case 'advance':
        await world.advance(each.ms);
        break;
      case 'commit':
        await world.commit(each.fate);
        break;
      case 'deliver':
        await world.deliver();
        break;
      case 'hold':
      case 'release':
        world.held = each.do === 'hold';
        break;
      case 'store':
        world.storeAway = !world.storeAway;
        break;
      case 'crash':
        await world.crash(each);
        break;
    }
    await world.settle();
  }
  return { ids, taken };
}

/** Everything works again, and much time passes. */
async function comeToRest(world: World): Promise<void> {
  world.held = false;
  world.storeAway = false;
  for (let round = 0; round < 3; round++) {
    await world.commit();
    await world.deliver();
    await world.advance(60_000);
  }
}

/** What the journal says, by the fold alone. */
function folded(world: World): Map<string, DeviceCommandRow> {
  const rows = new Map<string, DeviceCommandRow>();
  for (const { offset, at, record } of world.durable) {
    if (record.kind === 'device-command' && !rows.has(record.commandId)) {
      rows.set(record.commandId, accepted({ offset, at, record }));
    }
    const row = record.kind === 'device-command-event' ? rows.get(record.commandId) : undefined;
    if (row !== undefined && record.kind === 'device-command-event') {
      rows.set(row.id, applied(row, { offset, at, record }));
    }
  }
  return rows;
}

const NEVER_SENT = new Set(['expired', 'cancelled', 'refused']);

test('[CM1–CM9] whatever happens when: never at or after its expiry, never twice, in order, and everything ends', async () => {
  const script = fc.record({
    steps: fc.array(step, { minLength: 25, maxLength: 80, size: 'max' }),
    answers: fc.array(
      fc.constantFrom<CarrierAnswer[]>(
        'sent',
        'sent',
        'absent',
        'refused',
        'thrown',
        'later-sent',
        'later-absent',
      ),
      { maxLength: 12 },
    ),
  });
  let sent = 0;
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(script, async ({ steps, answers }) => {
      const world = await World.open(new ManualClock());
      world.answers.push(...answers);
      const { ids, taken } = await play(world, steps);
      await comeToRest(world);

      const rows = folded(world);
      expect(Object.fromEntries(world.rows)).toEqual(Object.fromEntries(rows));
      for (const id of ids) expect([id, rows.has(id)]).toEqual([id, true]);
      for (const row of rows.values())
        expect([row.id, row.state, isOpen(row)]).toEqual([row.id, row.state, false]);

      const handed = world.handOvers.map(({ id }) => id);
      expect(new Set(handed).size).toBe(handed.length);
      const lastOfDevice = new Map<string, number>();
      for (const { id, deviceId, at } of world.handOvers) {
        const row = rows.get(id);
        expect([id, at < (row?.expires ?? 0)]).toEqual([id, true]);
        expect([id, row?.deviceId]).toEqual([id, deviceId]);
        expect([id, NEVER_SENT.has(row?.state ?? '')]).toEqual([id, false]);
        // One with a key may have been in doubt, and be accepted only when it was asked for again.
        if (id.startsWith('cmd-key')) continue;
        expect([id, (row?.offset ?? 0) > (lastOfDevice.get(deviceId) ?? 0)]).toEqual([id, true]);
        lastOfDevice.set(deviceId, row?.offset ?? 0);
      }
      for (const [id, ok] of taken) expect([id, rows.get(id)?.reply?.ok]).toEqual([id, ok]);
      for (const row of rows.values()) {
        if (row.reply !== null) expect([row.id, handed.includes(row.id)]).toEqual([row.id, true]);
      }
      sent += handed.length;
      answered += taken.length;
    }),
    // Shrinking such a script takes minutes and tells little more than the script itself.
    { numRuns: 300, endOnFailure: true },
  );
  // The scripts do bring commands down and answers up; otherwise nothing was looked at.
  expect(sent).toBeGreaterThan(100);
  expect(answered).toBeGreaterThan(20);
}, 120_000);
