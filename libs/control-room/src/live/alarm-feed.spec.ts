import { describe, expect, test } from '@jest/globals';
import { type AlarmView, type Transition, wholeAlarm } from '@watchfire/alarm';
import { type ServerToClientEvents } from '@watchfire/contracts';
import fc from 'fast-check';
import { Visibility } from '../access/visibility.js';
import { AlarmFeed, type AlarmMessage, type FeedPage, type TransitionSource } from './alarm-feed.js';

const everyone = Visibility.of({ role: 'operator', enterpriseId: null });
const owner = (id: string): Visibility => Visibility.of({ role: 'enterprise', enterpriseId: id });

function alarmView(id: string, enterpriseId: string, raisedAt: number): AlarmView {
  return wholeAlarm({
    id,
    eventId: `${id}-e`,
    pointId: null,
    deviceId: `dev-${enterpriseId}`,
    siteId: `site-${enterpriseId}`,
    enterpriseId,
    gridCode: null,
    deviceName: '',
    siteName: '',
    enterpriseName: '',
    class: 'gas',
    rule: 'r',
    ruleVersion: 1,
    level: null,
    severity: 900,
    liveSeverity: 900,
    state: 'UNACK',
    active: true,
    acked: false,
    latched: false,
    quality: 'good',
    value: 1,
    limit: 1,
    unit: null,
    raisedAt,
    receivedAt: raisedAt,
    clearedAt: null,
    ackedAt: null,
    ackedBy: null,
    message: '',
    messageEn: '',
    drill: false,
  });
}

/** An engine that holds the newest `held` transitions, and answers what is asked back when the test lets it. */
class Engine implements TransitionSource {
  readonly all: Transition[] = [];
  held = Number.POSITIVE_INFINITY;
  #waiting: (() => void)[] = [];

  head = (): number => this.all.length;
  alarms = (): readonly AlarmView[] => this.all.map(({ alarm }) => alarm);

  async transitionsAfter(seq: number, limit: number): Promise<readonly Transition[] | undefined> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (seq < this.all.length - this.held) return undefined;
    return this.all.slice(seq, seq + limit);
  }

  answer(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  happen(count: number, enterpriseId = 'a'): readonly Transition[] {
    const batch = Array.from({ length: count }, (_, index): Transition => {
      const seq = this.all.length + index + 1;
      const alarm = alarmView(`alarm-${seq}`, enterpriseId, seq);
      return {
        seq,
        eventId: `${seq}-0`,
        alarmId: alarm.id,
        type: 'raised',
        at: seq,
        actor: 'system',
        comment: null,
        annunciation: 'own',
        alarm,
      };
    });
    this.all.push(...batch);
    return batch;
  }
}

class Page implements FeedPage {
  readonly got: [string, unknown][] = [];
  listening = false;
  #room = true;
  #waiting: ((ready: boolean) => void)[] = [];

  constructor(readonly visibility: Visibility) {}

  send<E extends keyof ServerToClientEvents>(
    event: E,
    ...[message]: Parameters<ServerToClientEvents[E]>
  ): void {
    this.got.push([event, message]);
  }

  listen(live: boolean): void {
    this.listening = live;
  }

  ready(): Promise<boolean> {
    return this.#room ? Promise.resolve(true) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  set room(room: boolean) {
    this.#room = room;
    if (room) for (const resolve of this.#waiting.splice(0)) resolve(true);
  }

  /** Ids of the alarms that the page has, by what it was sent since its last refresh began. */
  offsets(): number[] {
    return this.got.flatMap(([event, message]) =>
      event === 'alarm' ? [(message as AlarmMessage).offset] : [],
    );
  }

  names(): string[] {
    return this.got.map(([event]) => event);
  }
}

function centre() {
  const engine = new Engine();
  const pages: Page[] = [];
  const broadcast = (enterpriseId: string, message: AlarmMessage): void => {
    for (const page of pages)
      if (page.listening && page.visibility.allows(enterpriseId)) page.send('alarm', message);
  };
  const feed = new AlarmFeed(engine, broadcast);
  const open = (visibility = everyone): Page => {
    const page = new Page(visibility);
    pages.push(page);
    return page;
  };
  const happen = (count: number, enterpriseId?: string): void =>
    feed.publish(engine.happen(count, enterpriseId));
  return { engine, feed, open, happen };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ignore = (): void => undefined;

type Step =
  | { readonly kind: 'happen'; readonly count: number; readonly enterpriseId: string }
  | { readonly kind: 'answer' | 'settle' | 'slow' | 'block' | 'free' }
  | { readonly kind: 'subscribe'; readonly resume: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('happen' as const),
      // Batches of one find what is off by one; large ones are read back in chunks.
      count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 250 })),
      enterpriseId: fc.constantFrom('a', 'b'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('answer' as const, 'settle' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('slow' as const, 'block' as const, 'free' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), resume: fc.boolean() }) },
);

describe('a subscription', () => {
  test('[LV3] misses nothing, gets nothing twice and in order, however transitions, answers and pressure interleave', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.constantFrom(everyone, owner('a')),
        async (steps, visibility) => {
          const { engine, feed, open, happen } = centre();
          happen(3, 'a');
          const page = open(visibility);
          feed.subscribe(page, {}, ignore);
          for (const each of steps) {
            if (each.kind === 'happen') happen(each.count, each.enterpriseId);
            else if (each.kind === 'answer') engine.answer();
            else if (each.kind === 'settle') await settle();
            else if (each.kind === 'slow') feed.slowDown(page);
            else if (each.kind === 'subscribe') {
              // As a page does it: with the last offset that it has, once it has had a refresh.
              const last = page.offsets().at(-1);
              const complete = page.names().includes('refresh:end');
              feed.subscribe(
                page,
                each.resume && complete && last !== undefined ? { offset: last } : {},
                ignore,
              );
            } else page.room = each.kind === 'free';
          }
          page.room = true;
          for (let turn = 0; turn < 400 && feed.streamOf(page) !== 'live'; turn++) {
            engine.answer();
            await settle();
          }
          happen(1, 'a');
          expect(feed.streamOf(page)).toBe('live');
          expect(knownTo(page)).toEqual(
            engine.all.filter(({ alarm }) => visibility.allows(alarm.enterpriseId)).map(({ seq }) => seq),
          );
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  test('[LV1] begins with everything retained, and is live in the same turn when nothing is missing', () => {
    const { feed, open, happen } = centre();
    happen(2, 'a');
    happen(1, 'b');
    const page = open();
    const replies: unknown[] = [];
    feed.subscribe(page, {}, (reply) => replies.push(reply));
    expect(replies).toEqual([{ ok: true, offset: 3, mode: 'refresh' }]);
    expect(page.names()).toEqual([
      'refresh:start',
      'refresh:alarm',
      'refresh:alarm',
      'refresh:alarm',
      'refresh:end',
    ]);
    expect(page.got[0]?.[1]).toEqual({ offset: 3 });
    expect(page.got[4]?.[1]).toEqual({ offset: 3, count: 3 });
    expect(feed.streamOf(page)).toBe('live');
  });

  test('[LV2] with an offset gets what came after it, in order, then the rest live', async () => {
    const { engine, feed, open, happen } = centre();
    happen(5);
    const page = open();
    feed.subscribe(page, { offset: 2 }, ignore);
    happen(1);
    engine.answer();
    await settle();
    happen(1);
    expect(page.names()).not.toContain('refresh:start');
    expect(page.offsets()).toEqual([3, 4, 5, 6, 7]);
  });

  test('[LV4] is told of a gap after the answer, and then hears nothing until it subscribes again', async () => {
    const { engine, feed, open, happen } = centre();
    happen(10);
    engine.held = 3;
    const page = open();
    feed.subscribe(page, { offset: 2 }, () => page.got.push(['reply', null]));
    engine.answer();
    await settle();
    happen(1);
    expect(page.names()).toEqual(['reply', 'gap']);
    expect(page.got[1]?.[1]).toEqual({ from: 3, to: 10 });
    expect(feed.streamOf(page)).toBe('idle');
    feed.subscribe(page, {}, ignore);
    expect(feed.streamOf(page)).toBe('live');
  });

  test('[LV4] with an offset that was never given out is told of a gap', () => {
    const { feed, open, happen } = centre();
    happen(2);
    const page = open();
    feed.subscribe(page, { offset: 9 }, ignore);
    expect(page.got).toEqual([['gap', { from: 3, to: 9 }]]);
  });

  test('[LV5] with a filter gets only what it asked for', () => {
    const { feed, open, happen } = centre();
    happen(1, 'a');
    const page = open();
    feed.subscribe(page, { filter: { siteIds: ['site-b'] } }, ignore);
    happen(1, 'a');
    happen(1, 'b');
    expect(page.offsets()).toEqual([3]);
    expect(page.names().filter((name) => name === 'refresh:alarm')).toEqual([]);
    expect(page.listening).toBe(false);
  });

  test('[LV6] never believes to have what it was not sent', () => {
    const { feed, open, happen } = centre();
    happen(5);
    const page = open();
    feed.subscribe(page, { offset: 1 }, ignore);
    expect(feed.positionOf(page)).toBe(1);
    feed.subscribe(page, {}, ignore);
    expect(feed.positionOf(page)).toBe(5);
  });

  test('[LV7] of a page that is behind costs nothing: it is sent nothing until it reads again', async () => {
    const { engine, feed, open, happen } = centre();
    const page = open();
    feed.subscribe(page, {}, ignore);
    page.room = false;
    feed.slowDown(page);
    const before = page.got.length;
    happen(1_000);
    await settle();
    expect(page.got.length).toBe(before);
    page.room = true;
    for (let turn = 0; turn < 30; turn++) {
      await settle();
      engine.answer();
    }
    expect(page.offsets()).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  });
});

/** The offsets that a page has, applying what it was sent as a page does: a refresh replaces, events add, in order. */
function knownTo(page: Page): number[] {
  let known: number[] = [];
  let refresh: number[] = [];
  let position = 0;
  for (const [event, message] of page.got) {
    if (event === 'refresh:start') refresh = [];
    else if (event === 'refresh:alarm') refresh.push(Number((message as AlarmView).id.replace('alarm-', '')));
    else if (event === 'refresh:end') {
      known = refresh.toSorted((a, b) => a - b);
      position = (message as { offset: number }).offset;
    } else if (event === 'alarm') {
      const { offset } = message as AlarmMessage;
      if (offset <= position) throw new Error(`offset ${offset} came after ${position}`);
      position = offset;
      known.push(offset);
    }
  }
  return known;
}
