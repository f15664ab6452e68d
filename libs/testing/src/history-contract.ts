import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type HistoryAlarm, type HistoryAlarmEvent, HistoryError } from '@watchfire/history';
import { SAMPLE_FORMS } from './history-forms.js';
import { historySampleContract } from './history-sample-contract.js';
import { alarmOf, HistorySubject, type HistoryUnderTest, MINUTE, sampleOf, T0 } from './history-subject.js';

const DAY = 86_400_000;

/**
 * What every history adapter must do; rules HI1 to HI9, HI21 and HI22 of docs/spec/history.md. One adapter serves all tests, each with points
 * and alarms of its own, so that a suite over a real server stays short.
 */
export function historyContract(name: string, make: () => Promise<HistoryUnderTest>): void {
  describe(`history contract: ${name}`, () => {
    let subject: HistorySubject;

    beforeAll(async () => {
      subject = new HistorySubject(await make());
    }, 60_000);
    afterAll(() => subject.dispose(), 60_000);

    describe('progress', () => {
      it('[HI2] begins at 0 and names the offset up to which everything is durable', async () => {
        expect(await subject.history.cursor()).toBe(0);
        await subject.write([sampleOf(subject.newPoint(), T0, 1)]);
        await subject.history.flush();
        expect(await subject.history.cursor()).toBe(subject.offset);
      });

      it('[HI2] moves for a batch without samples and never back', async () => {
        await subject.write([]);
        await subject.history.flush();
        await subject.history.write({ offset: 1, readings: [], samples: [], events: [] });
        await subject.history.flush();
        expect(await subject.history.cursor()).toBe(subject.offset);
      });
    });

    for (const form of SAMPLE_FORMS) historySampleContract(form, () => subject);

    describe('alarms', () => {
      it('[HI9] keeps every transition of an alarm in order, and the last view', async () => {
        const alarm = alarmOf(subject.newId('alarm'));
        const acknowledged = { ...alarm, state: 'ACKED', ackedBy: 'op' };
        const events = [
          subject.transition(alarm, T0 + 10),
          subject.transition(acknowledged, T0 + 10, {
            type: 'acknowledged',
            actor: 'op',
            comment: '已派人 "核实"',
          }),
        ];
        await subject.write([], [events[0]!]);
        await subject.write([], [subject.transition(alarmOf(subject.newId('other')), T0 + 11), events[1]!]);
        expect(await subject.history.alarmEvents(alarm.id)).toEqual(events);
        expect(await subject.history.alarm(alarm.id)).toEqual(acknowledged);
        expect(await subject.history.alarmEvents('nobody')).toEqual([]);
        expect(await subject.history.alarm('nobody')).toBeUndefined();
      });

      it('[HI9] does not let an older transition that comes again win over a newer view', async () => {
        const alarm = alarmOf(subject.newId('alarm'));
        const first = subject.transition(alarm, T0);
        const second = subject.transition({ ...alarm, state: 'RTNUN' }, T0 + 1, { type: 'returned' });
        await subject.write([], [first, second]);
        await subject.write([], [first]);
        expect((await subject.history.alarm(alarm.id))?.state).toBe('RTNUN');
      });

      it('[HI9] gives transitions after a sequence number, a page at a time', async () => {
        const start = subject.seq;
        const events = Array.from({ length: 7 }, (_, index) =>
          subject.transition(alarmOf(subject.newId('stream')), T0 + 1_000 + Math.floor(index / 3)),
        );
        await subject.write([], events);
        expect(await subject.history.alarmEventsAfter(start, 3)).toEqual(events.slice(0, 3));
        expect(await subject.history.alarmEventsAfter(start + 3, 100)).toEqual(events.slice(3));
        expect(await subject.history.alarmEventsAfter(subject.seq, 100)).toEqual([]);
      });

      it('[HI9] lists alarms newest first, in pages, with the total', async () => {
        const siteId = subject.newId('site');
        const alarms = [5, 1, 4, 4, 2].map((minute) =>
          alarmOf(subject.newId('listed'), {
            siteId,
            raisedAt: T0 + minute * MINUTE,
            deviceId: subject.newId('dev'),
          }),
        );
        await subject.write(
          [],
          alarms.map((alarm) => subject.transition(alarm, alarm.raisedAt)),
        );
        const seen: HistoryAlarm[] = [];
        let cursor: string | undefined;
        for (let page = 0; page < 3; page += 1) {
          const answer = await subject.history.alarms({
            siteIds: [siteId],
            limit: 2,
            ...(cursor ? { cursor } : {}),
          });
          expect(answer.total).toBe(5);
          seen.push(...answer.items);
          cursor = answer.nextCursor ?? undefined;
        }
        expect(cursor).toBeUndefined();
        expect(seen.map((alarm) => alarm.raisedAt)).toEqual(
          [5, 4, 4, 2, 1].map((minute) => T0 + minute * MINUTE),
        );
        expect(new Set(seen.map((alarm) => alarm.id)).size).toBe(5);
      });

      it('[HI9] selects by site, enterprise, device, class and time', async () => {
        const [siteId, enterpriseId, deviceId] = [
          subject.newId('site'),
          subject.newId('ent'),
          subject.newId('dev'),
        ];
        const gas = alarmOf(subject.newId('sel'), { siteId, enterpriseId, deviceId, raisedAt: T0 });
        const fire = alarmOf(subject.newId('sel'), {
          siteId,
          enterpriseId,
          deviceId: subject.newId('dev'),
          class: 'fire',
          raisedAt: T0 + 9,
        });
        await subject.write([], [subject.transition(gas, T0), subject.transition(fire, T0 + 9)]);
        const ids = async (query: object) =>
          (await subject.history.alarms({ limit: 10, ...query })).items.map((alarm) => alarm.id);
        expect(await ids({ siteIds: [siteId, 'nowhere'] })).toEqual([fire.id, gas.id]);
        expect(await ids({ siteIds: [] })).toEqual([]);
        expect(await ids({ enterpriseId, class: 'gas' })).toEqual([gas.id]);
        expect(await ids({ deviceId })).toEqual([gas.id]);
        expect(await ids({ siteIds: [siteId], from: T0 + 9, to: T0 + 9 })).toEqual([fire.id]);
        expect(await ids({ siteIds: [siteId], to: T0 + 8 })).toEqual([gas.id]);
        expect(await ids({ siteIds: ["' OR 1=1 --"] })).toEqual([]);
      });

      it('[HI9] refuses a cursor that it never gave out', async () => {
        await expect(subject.history.alarms({ limit: 1, cursor: 'x' })).rejects.toMatchObject({
          code: 'invalid',
        });
      });

      it('[HI21] gives the transitions of a range of journal time, a page at a time', async () => {
        const start = T0 + 30 * DAY;
        const events = [0, 0, 0, 1, 1, 2, 5, 5, 9].map((second) =>
          subject.transition(alarmOf(subject.newId('range')), start + second * 1_000),
        );
        await subject.write([], events.slice(0, 4));
        await subject.write([], events.slice(4));
        const seen: HistoryAlarmEvent[] = [];
        for (;;) {
          const last = seen.at(-1);
          const [from, afterSeq] = last === undefined ? [start + 1, 0] : [last.at, last.seq];
          const range = { from, to: start + 9_000, afterSeq, limit: 2 };
          const page = await subject.history.alarmEventsBetween(range);
          if (page.length === 0) break;
          seen.push(...page);
        }
        expect(seen).toEqual(events.slice(3, 8));
        const whole = { from: start, to: start + 9_001, afterSeq: 0, limit: 100 };
        expect(await subject.history.alarmEventsBetween(whole)).toEqual(events);
        expect(await subject.history.alarmEventsBetween({ ...whole, to: start })).toEqual([]);
      });

      it('[HI22] tells which alarms were open before a time, by their last transition before it', async () => {
        const start = T0 + 60 * DAY;
        const before = new Set((await subject.history.openAlarmsBefore(start)).map(({ alarmId }) => alarmId));
        const names = ['stays', 'ends', 'ended', 'changes', 'born'] as const;
        const alarms = Object.fromEntries(names.map((name) => [name, alarmOf(subject.newId(name))]));
        const event = (name: (typeof names)[number], state: string, second: number): HistoryAlarmEvent =>
          subject.transition({ ...alarms[name]!, state }, start + second * 1_000);
        const events = [
          event('stays', 'UNACK', 0),
          event('ends', 'UNACK', 1),
          event('ended', 'UNACK', 2),
          event('ended', 'NORM', 3),
          event('changes', 'UNACK', 4),
          event('changes', 'ACKED', 5),
          event('born', 'UNACK', 6),
          event('changes', 'RTNUN', 7),
          event('ends', 'NORM', 8),
        ];
        await subject.write([], events);
        const openBefore = async (second: number) =>
          (await subject.history.openAlarmsBefore(start + second * 1_000)).filter(
            ({ alarmId }) => !before.has(alarmId),
          );
        expect(await openBefore(0)).toEqual([]);
        expect(await openBefore(3)).toEqual([events[0], events[1], events[2]]);
        expect(await openBefore(6)).toEqual([events[0], events[1], events[5]]);
        expect(await openBefore(9)).toEqual([events[0], events[6], events[7]]);
      });
    });

    describe('health', () => {
      it('is well, and tells when it was closed', async () => {
        expect((await subject.history.health()).ok).toBe(true);
        await subject.history.close();
        await expect(subject.history.range('p', 0, 1, 1)).rejects.toThrow(HistoryError);
        await subject.reopen();
      });
    });
  });
}
