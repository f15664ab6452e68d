import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { alarmOf, ManualClock, sampleOf } from '@watchfire/testing';
import fc from 'fast-check';
import { CombinedHistory, type LocalSince } from './combined-history.js';
import { EmbeddedHistory } from './embedded-history.js';
import {
  type AggregateFunction,
  type History,
  type HistoryAlarmEvent,
  type HistorySample,
} from './history.js';
import { HistoryError } from './history-error.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const POINT = 'dev.conc';
const FOREVER = { samples: 0, minutes: 0, hours: 0, events: 0 };
const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** A local history, a distant one that is filled only when the test says so, and one that has everything from the beginning. */
class Stores {
  readonly clock = new ManualClock();
  readonly confirmed = { offset: 0, seq: 0, whole: true };
  readonly away = { is: false };
  /** What the combined history waits for while it tries a distant one that does not answer. */
  tired: (() => void) | undefined;
  combined!: CombinedHistory;
  local!: EmbeddedHistory;
  distant!: EmbeddedHistory;
  reference!: EmbeddedHistory;
  private since: LocalSince | undefined;
  private offset = 0;
  private seq = 0;
  private unsent: { samples: HistorySample[]; events: HistoryAlarmEvent[] } = { samples: [], events: [] };
  private readonly alarms: { id: string; state: string; raisedAt: number }[] = [];

  constructor(private readonly folder: string) {}

  async open(): Promise<this> {
    const open = (name: string): Promise<EmbeddedHistory> =>
      EmbeddedHistory.open({ directory: join(this.folder, name), now: this.clock.now });
    this.local = await open('local');
    this.distant = await open('distant');
    this.reference ??= await open('reference');
    this.combined = await CombinedHistory.open({
      local: this.local,
      distant: absentWhile(this.away, this.distant),
      confirmed: this.confirmed,
      since: {
        load: () => Promise.resolve(this.since),
        save: (since) => Promise.resolve(void (this.since = since)),
      },
      localMs: 2 * DAY,
      head: this.offset,
      clock: this.clock,
      later: () => new Promise((resolve) => (this.tired = resolve)),
    });
    return this;
  }

  async close(): Promise<void> {
    await this.combined.close();
  }

  /** Device times, by how many hours they are late. */
  async samples(...hoursLate: number[]): Promise<void> {
    const samples = hoursLate.map((late, index) =>
      sampleOf(POINT, this.clock.now() - Math.floor(late * HOUR) + index, (this.offset % 7) + index, {
        receivedAt: this.clock.now(),
        quality: (this.offset + index) % 5 === 0 ? 'bad' : 'good',
      }),
    );
    await this.write(samples, []);
  }

  /** The next thing that happens to the n-th alarm; a new one where there is no n-th. */
  async happens(n: number): Promise<void> {
    let alarm = this.alarms[n];
    let type = 'raised';
    if (alarm === undefined) {
      alarm = { id: `A${this.alarms.length}`, state: 'UNACK', raisedAt: this.clock.now() };
      this.alarms.push(alarm);
    } else if (alarm.state === 'UNACK') {
      type = 'returned';
      alarm.state = 'RTNUN';
    } else if (alarm.state === 'RTNUN' && this.seq % 2 === 0) {
      type = 'reoccurred';
      alarm.state = 'UNACK';
      alarm.raisedAt = this.clock.now();
    } else {
      type = 'acknowledged';
      alarm.state = 'NORM';
    }
    this.seq += 1;
    const event = {
      seq: this.seq,
      eventId: `${this.offset}-${this.seq}`,
      alarmId: alarm.id,
      type,
      at: this.clock.now(),
      actor: 'system',
      comment: null,
      alarm: alarmOf(alarm.id, { state: alarm.state, raisedAt: alarm.raisedAt }),
    };
    await this.write([], [event]);
  }

  async send(what: 'samples' | 'events'): Promise<void> {
    const { samples, events } = this.unsent;
    if (what === 'samples') {
      await this.distant.write({ offset: this.offset, readings: [], samples, events: [] });
      this.unsent = { samples: [], events };
      this.confirmed.offset = this.offset;
    } else {
      await this.distant.write({ offset: 0, readings: [], samples: [], events });
      this.unsent = { samples, events: [] };
      this.confirmed.seq = this.seq;
    }
  }

  private async write(samples: HistorySample[], events: HistoryAlarmEvent[]): Promise<void> {
    this.offset += 1;
    const batch = { offset: this.offset, readings: [], samples, events };
    await this.combined.write(batch);
    await this.reference.write(batch);
    this.unsent.samples.push(...samples);
    this.unsent.events.push(...events);
  }
}

type Step =
  | { readonly is: 'samples'; readonly late: readonly number[] }
  | { readonly is: 'alarm'; readonly n: number }
  | { readonly is: 'send'; readonly what: 'samples' | 'events' }
  | { readonly is: 'pass'; readonly hours: number }
  | { readonly is: 'rollUp' }
  | { readonly is: 'retain' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        is: fc.constant('samples' as const),
        late: fc.array(fc.constantFrom(0, 0, 0.1, 5, 30, 50, 100), { minLength: 1, maxLength: 4 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ is: fc.constant('alarm' as const), n: fc.nat(5) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        is: fc.constant('send' as const),
        what: fc.constantFrom('samples' as const, 'events' as const),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ is: fc.constant('pass' as const), hours: fc.constantFrom(1, 13, 40) }),
    },
    { weight: 2, arbitrary: fc.constant({ is: 'rollUp' as const }) },
    { weight: 2, arbitrary: fc.constant({ is: 'retain' as const }) },
  ),
  { minLength: 10, maxLength: 40 },
);

/** The alarm is in the last hour since an occurrence that the distant history does not know. */
const OCCURRED_AGAIN_UNSENT: readonly Step[] = [
  { is: 'alarm', n: 0 },
  { is: 'pass', hours: 13 },
  { is: 'send', what: 'events' },
  { is: 'pass', hours: 40 },
  { is: 'samples', late: [0] },
  { is: 'alarm', n: 0 },
  { is: 'retain' },
  { is: 'send', what: 'samples' },
  { is: 'alarm', n: 0 },
  { is: 'samples', late: [0] },
  { is: 'rollUp' },
  { is: 'alarm', n: 0 },
  { is: 'alarm', n: 0 },
  { is: 'alarm', n: 0 },
];

describe('combined history', () => {
  let folder: string;
  let stores: Stores;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watchfire-combined-'));
    stores = await new Stores(folder).open();
  });
  afterEach(async () => {
    await stores.close();
    await stores.reference.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('[HI40] answers as one history that has everything, whatever was sent and given back meanwhile', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const here = await new Stores(join(folder, `run-${run++}`)).open();
        try {
          const began = here.clock.now() - 5 * DAY;
          for (const step of script) await take(here, step);
          await expectSame(here, began);
        } finally {
          await here.close();
          await here.reference.close();
        }
      }),
      // What fails is told before the time is over, however far it has been made smaller.
      { numRuns: 12, examples: [[OCCURRED_AGAIN_UNSENT]], interruptAfterTimeLimit: 40_000 },
    );
  }, 60_000);

  it('[HI40] believes the local history where both have a sample', async () => {
    await stores.samples(0);
    await stores.send('samples');
    const [sent] = await stores.combined.range(POINT, 0, EVERYTHING, 10);
    stores.clock.advance(4 * DAY);
    await stores.combined.retain(FOREVER);
    const corrected = { ...sent!, value: 99, quality: 'good' as const };
    await stores.local.write({ offset: 0, readings: [], samples: [corrected], events: [] });
    expect(await stores.combined.range(POINT, 0, EVERYTHING, 10)).toEqual([corrected]);
    expect([...(await stores.combined.columns(POINT, 0, EVERYTHING, 10)).values]).toEqual([99]);
    const query = { pointId: POINT, from: sent!.ts, to: sent!.ts + HOUR, every: HOUR, fn: 'max' as const };
    expect(await stores.combined.aggregate(query)).toEqual([[sent!.ts, 99]]);
  });

  it('[HI41] gives back only what is confirmed, then all of it', async () => {
    await stores.samples(0, 1);
    await stores.happens(0);
    stores.clock.advance(4 * DAY);
    await stores.combined.retain(FOREVER);
    expect(await stores.local.range(POINT, 0, EVERYTHING, 10)).toHaveLength(2);
    expect(await stores.local.alarmEventsAfter(0, 10)).toHaveLength(1);
    await stores.send('samples');
    await stores.combined.retain(FOREVER);
    expect(await stores.local.range(POINT, 0, EVERYTHING, 10)).toEqual([]);
    expect(await stores.local.alarmEventsAfter(0, 10)).toHaveLength(1);
    await stores.send('events');
    await stores.combined.retain(FOREVER);
    expect(await stores.local.alarmEventsAfter(0, 10)).toEqual([]);
    expect(await stores.combined.range(POINT, 0, EVERYTHING, 10)).toHaveLength(2);
    expect(await stores.combined.alarmEventsAfter(0, 10)).toHaveLength(1);
  });

  it('[HI41] keeps what a restart finds until the distant history has said that it has it', async () => {
    await stores.samples(0);
    await stores.close();
    await stores.open();
    stores.clock.advance(4 * DAY);
    await stores.samples(0);
    stores.confirmed.offset = 0;
    await stores.combined.retain(FOREVER);
    expect(await stores.local.range(POINT, 0, EVERYTHING, 10)).toHaveLength(2);
    await stores.send('samples');
    await stores.combined.retain(FOREVER);
    expect(await stores.local.range(POINT, 0, EVERYTHING, 10)).toHaveLength(1);
  });

  it('[HI41] keeps a late sample that is not sent though everything else of its time was', async () => {
    await stores.samples(0);
    await stores.send('samples');
    stores.clock.advance(4 * DAY);
    await stores.samples(90);
    await stores.combined.retain(FOREVER);
    expect(await stores.local.range(POINT, 0, EVERYTHING, 10)).toHaveLength(1);
    await stores.send('samples');
    await stores.combined.retain(FOREVER);
    expect(await stores.local.range(POINT, 0, EVERYTHING, 10)).toEqual([]);
    expect(await stores.combined.range(POINT, 0, EVERYTHING, 10)).toHaveLength(2);
  });

  it('[HI41] keeps an older local history that the distant one does not have as a whole', async () => {
    stores.confirmed.whole = false;
    await stores.samples(0);
    await stores.send('samples');
    stores.clock.advance(4 * DAY);
    await stores.combined.retain({ ...FOREVER, samples: stores.clock.now() - 90 * DAY });
    expect(await stores.local.range(POINT, 0, EVERYTHING, 10)).toHaveLength(1);
  });

  it('[HI42] answers with what is here while the distant history is away, and says what it may lack', async () => {
    await stores.samples(0);
    await stores.send('samples');
    stores.clock.advance(4 * DAY);
    await stores.combined.retain(FOREVER);
    await stores.samples(0);
    const now = stores.clock.now();
    stores.away.is = true;
    expect(await stores.combined.range(POINT, now - HOUR, now + HOUR, 10)).toHaveLength(1);
    expect(await stores.combined.missing(now - HOUR, now + HOUR)).toBeUndefined();
    expect(await stores.combined.range(POINT, now - 5 * DAY, now + HOUR, 10)).toHaveLength(1);
    expect(await stores.combined.missing(now - 5 * DAY, now + HOUR)).toEqual({
      before: now - 2 * DAY,
      reason: 'unreachable: away',
    });
    stores.away.is = false;
    stores.clock.advance(10_000);
    expect(await stores.combined.range(POINT, now - 5 * DAY, now + HOUR, 10)).toHaveLength(2);
    stores.clock.advance(10_000);
    expect(await stores.combined.missing(now - 5 * DAY, now + HOUR)).toBeUndefined();
  });

  it('[HI42] waits for a distant history that hangs with one question at a time', async () => {
    await stores.samples(0);
    let asked = 0;
    stores.away.is = true;
    const from = stores.clock.now() - DAY;
    const distantRange = stores.distant.range.bind(stores.distant);
    stores.distant.range = (...question) => {
      asked += 1;
      return distantRange(...question);
    };
    await stores.combined.range(POINT, from, EVERYTHING, 10);
    for (let n = 0; n < 5; n += 1) await stores.combined.range(POINT, from, EVERYTHING, 10);
    stores.away.is = false;
    expect(asked).toBe(0);
    stores.clock.advance(5_000);
    await stores.combined.range(POINT, from, EVERYTHING, 10);
    expect(asked).toBe(1);
  });

  it('[HI42] does not wait for the whole time limit of one that hangs', async () => {
    await stores.samples(0);
    const from = stores.clock.now() - DAY;
    stores.away.is = true;
    await stores.combined.range(POINT, from, EVERYTHING, 10);
    stores.away.is = false;
    stores.clock.advance(5_000);
    let answer: ((samples: readonly HistorySample[]) => void) | undefined;
    stores.distant.range = () => new Promise((resolve) => (answer = resolve));
    const trying = stores.combined.range(POINT, from, EVERYTHING, 10);
    while (stores.tired === undefined) await new Promise(setImmediate);
    stores.tired();
    expect(await trying).toHaveLength(1);
    expect(await stores.combined.missing(from, EVERYTHING)).toBeDefined();
    answer?.([]);
    await new Promise(setImmediate);
    stores.clock.advance(5_000);
    expect(await stores.combined.missing(from, EVERYTHING)).toBeUndefined();
  });
});

async function take(stores: Stores, step: Step): Promise<void> {
  switch (step.is) {
    case 'samples':
      return stores.samples(...step.late);
    case 'alarm':
      return stores.happens(step.n);
    case 'send':
      return stores.send(step.what);
    case 'pass':
      return stores.clock.advance(step.hours * HOUR);
    case 'rollUp':
      for (const history of [stores.local, stores.distant, stores.reference]) {
        await history.flush();
        await history.rollUp();
      }
      return;
    case 'retain':
      return stores.combined.retain(FOREVER);
  }
}

const FUNCTIONS: readonly AggregateFunction[] = ['mean', 'min', 'max', 'last', 'count'];

async function expectSame({ combined, reference, clock }: Stores, began: number): Promise<void> {
  const to = clock.now() + HOUR;
  const same = async (ask: (history: History) => Promise<unknown>): Promise<void> =>
    expect(await ask(combined)).toEqual(await ask(reference));
  await same((history) => history.latest([POINT, 'nobody']));
  for (const from of [began, clock.now() - 2 * DAY, clock.now() - HOUR]) {
    for (const limit of [3, 1_000]) {
      await same((history) => history.range(POINT, from, to, limit));
      await same(async (history) => plain(await history.columns(POINT, from, to, limit)));
    }
    for (const fn of FUNCTIONS) {
      await same((history) => history.aggregate({ pointId: POINT, from, to, every: 7 * HOUR, fn }));
      const whole = Math.floor(from / HOUR) * HOUR;
      await same((history) => history.aggregate({ pointId: POINT, from: whole, to, every: HOUR, fn }));
    }
    await same((history) => history.openAlarmsBefore(from));
    await same((history) => allBetween(history, from, to));
    await same((history) => allAlarms(history, from));
  }
  await same((history) => allAlarms(history, undefined));
  await same((history) => history.openAlarmsBefore(to));
  for (const afterSeq of [0, 3]) await same((history) => history.alarmEventsAfter(afterSeq, 1_000));
  for (const id of ['A0', 'A1', 'A2', 'A3']) {
    await same((history) => history.alarmEvents(id));
    await same((history) => history.alarm(id));
  }
}

function plain({ ts, quality, values }: Awaited<ReturnType<History['columns']>>): unknown {
  return { ts: [...ts], quality: [...quality], values: [...values] };
}

async function allBetween(history: History, from: number, to: number): Promise<HistoryAlarmEvent[]> {
  const events: HistoryAlarmEvent[] = [];
  let position = { from, afterSeq: 0 };
  for (;;) {
    const page = await history.alarmEventsBetween({ ...position, to, limit: 3 });
    const last = page.at(-1);
    if (last === undefined) return events;
    events.push(...page);
    position = { from: last.at, afterSeq: last.seq };
  }
}

/** All pages, and the total that the first one named. */
async function allAlarms(history: History, from: number | undefined): Promise<unknown> {
  const items: unknown[] = [];
  let total: number | undefined;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<History['alarms']>> = await history.alarms({
      limit: 2,
      ...(from === undefined ? {} : { from }),
      ...(cursor === null ? {} : { cursor }),
    });
    total ??= page.total;
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return { items, total };
}

/** The history, but it answers nothing while it is away. */
function absentWhile(away: { readonly is: boolean }, history: History): History {
  return new Proxy(history, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      if (away.is && property !== 'close')
        return () => Promise.reject(new HistoryError('unreachable', 'away', true));
      return value.bind(target) as unknown;
    },
  });
}
