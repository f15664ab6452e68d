import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedHistory, type History, type HistoryAlarmEvent, InfluxHistory } from '@watchfire/history';
import { alarmOf } from '@watchfire/testing';
import fc from 'fast-check';
import { type Influxd, influxdMissing, startInfluxd } from '../support/influxd.js';
import { memoryCursor } from '../support/memory-cursor.js';

const title = 'the embedded history and InfluxDB, asked about alarms';
const suite = influxdMissing === undefined ? describe : describe.skip;
const MINUTE = 60_000;
const T0 = 1_751_997_600_000;

const transition = fc.record({
  alarm: fc.nat(4),
  after: fc.nat(10 * MINUTE),
  state: fc.constantFrom('UNACK', 'ACKED', 'RTNUN', 'NORM'),
  comment: fc.constantFrom(null, '', 'checked: "ok", 误报\\'),
});
/** Transitions of a batch, and whether the one before comes again. */
const step = fc.record({ transitions: fc.array(transition, { maxLength: 6 }), again: fc.boolean() });
const question = fc.record({
  from: fc.nat(60 * MINUTE),
  span: fc.nat(90 * MINUTE),
  limit: fc.integer({ min: 1, max: 9 }),
  alarm: fc.nat(5),
  site: fc.constantFrom(undefined, ['site-0'], ['site-0', 'site-1'], []),
});

suite(influxdMissing === undefined ? title : `${title} (skipped: ${influxdMissing})`, () => {
  let influxd: Influxd;
  let folder: string;
  let runs = 0;
  beforeAll(async () => {
    influxd = await startInfluxd();
    folder = await mkdtemp(join(tmpdir(), 'watchfire-same-'));
  }, 60_000);
  afterAll(async () => {
    await influxd.dispose();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('[HI9] [HI21] [HI22] give the same answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 6 }),
        fc.array(question, { minLength: 3, maxLength: 3 }),
        async (steps, questions) => {
          runs += 1;
          const embedded = await EmbeddedHistory.open({
            directory: join(folder, `${runs}`),
            now: () => T0,
          });
          const influx = await InfluxHistory.open({
            url: influxd.url,
            token: '',
            org: '',
            bucket: `same${runs}`,
            api: 'v1',
            cursor: memoryCursor(),
          });
          let [at, seq, offset] = [T0, 0, 0];
          let before: readonly HistoryAlarmEvent[] = [];
          for (const { transitions, again } of steps) {
            const events = transitions.map(({ alarm, after, state, comment }): HistoryAlarmEvent => {
              [at, seq] = [at + after, seq + 1];
              const view = alarmOf(`a${alarm}`, {
                state,
                siteId: `site-${alarm % 2}`,
                raisedAt: T0 + alarm,
              });
              const ids = { eventId: `${seq}-0`, alarmId: view.id };
              return { seq, ...ids, type: state, at, actor: 'operator', comment, alarm: view };
            });
            offset += 1;
            const batch = {
              offset,
              readings: [],
              samples: [],
              events: again ? [...before, ...events] : events,
            };
            for (const history of [embedded, influx]) await history.write(batch);
            before = events;
          }
          const same = async (ask: (history: History) => Promise<unknown>): Promise<void> =>
            expect(await ask(influx)).toEqual(await ask(embedded));
          for (const { from, span, limit, alarm, site } of questions) {
            const [begin, end] = [T0 + from, T0 + from + span];
            await same((history) => history.alarmEvents(`a${alarm}`));
            await same((history) => history.alarm(`a${alarm}`));
            await same((history) => history.alarmEventsAfter(Math.floor(seq / 2), limit));
            await same((history) =>
              history.alarmEventsBetween({ from: begin, to: end, afterSeq: 0, limit: 1_000 }),
            );
            await same((history) => history.openAlarmsBefore(end));
            await same((history) =>
              history.alarms({ limit, to: T0 + 3, ...(site === undefined ? {} : { siteIds: site }) }),
            );
          }
          await Promise.all([embedded.close(), influx.close()]);
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);
});
