import { describe, expect, test } from '@jest/globals';
import { type Alarm } from '@watchfire/contracts';
import { Acts, type Act, type ActAnswer } from './acts.js';
import { alarmOf } from './testing/builders.js';

const alarm = alarmOf({ id: 'a', eventId: '1-0' });
const lost: ActAnswer = { ok: false, code: 'unanswered', detail: '', unanswered: true };
const stale: ActAnswer = { ok: false, code: 'event_id_unknown', detail: 'moved on', unanswered: false };

/** Answers each attempt when the spec says so. */
function seat(current: Alarm = alarmOf({ id: 'a', eventId: '2-0' })) {
  const sent: { act: Act; answer: (answer: ActAnswer) => void }[] = [];
  const corrected: [string, string][] = [];
  let keys = 0;
  const acts = new Acts({
    send: (act) => new Promise((answer) => sent.push({ act, answer })),
    fetch: () => Promise.resolve(current),
    correct: (eventId, { eventId: now }) => corrected.push([eventId, now]),
    newKey: () => `key-${(keys += 1)}`,
    now: () => 0,
  });
  const answer = async (which: number, given: ActAnswer): Promise<void> => {
    sent[which]?.answer(given);
    await new Promise(setImmediate);
  };
  return { acts, sent, corrected, answer, states: () => acts.all().map(({ kind, state }) => [kind, state]) };
}

describe('an act', () => {
  test('is pending until it is answered, and accepted until the list shows it', async () => {
    const { acts, answer, states } = seat();
    void acts.perform('acknowledge', alarm);
    expect(states()).toEqual([['acknowledge', 'pending']]);
    acts.settle(() => alarmOf({ id: 'a', eventId: '1-0', state: 'ACKED' }));
    expect(states()).toEqual([['acknowledge', 'pending']]);
    await answer(0, { ok: true, alarm: null });
    expect(states()).toEqual([['acknowledge', 'accepted']]);
    acts.settle(() => alarm);
    expect(states()).toEqual([['acknowledge', 'accepted']]);
    acts.settle(() => alarmOf({ id: 'a', eventId: '1-0', state: 'ACKED' }));
    expect(states()).toEqual([]);
  });

  test('carries the event that was seen, and is not sent twice while it is under way', async () => {
    const { acts, sent } = seat();
    void acts.perform('acknowledge', alarm);
    expect(await acts.perform('acknowledge', alarm)).toBe(false);
    expect(sent.map(({ act }) => act.eventId)).toEqual(['1-0']);
  });

  test('on a newer occurrence is another act, and a late answer to the first does not touch it', async () => {
    const { acts, sent, answer, states } = seat();
    void acts.perform('acknowledge', alarm);
    void acts.perform('acknowledge', alarmOf({ id: 'a', eventId: '2-0' }));
    expect(sent.map(({ act }) => act.idempotencyKey)).toEqual(['key-1', 'key-2']);
    await answer(0, stale);
    expect(states()).toEqual([['acknowledge', 'pending']]);
  });
});

describe('a failure', () => {
  test('for a stale event brings the row up to date and stays until it was read', async () => {
    const { acts, answer, corrected, states } = seat();
    void acts.perform('acknowledge', alarm);
    await answer(0, stale);
    expect(corrected).toEqual([['1-0', '2-0']]);
    acts.settle(() => undefined);
    expect(states()).toEqual([['acknowledge', 'failed']]);
    for (const act of acts.all()) acts.dismiss(act);
    expect(states()).toEqual([]);
  });

  test('without an answer is tried again under the same key, so that it cannot happen twice', async () => {
    const { acts, sent, answer, states } = seat();
    void acts.perform('acknowledge', alarm);
    await answer(0, lost);
    expect(states()).toEqual([['acknowledge', 'failed']]);
    void acts.perform('acknowledge', alarm);
    expect(sent.map(({ act }) => act.idempotencyKey)).toEqual(['key-1', 'key-1']);
  });

  test('without an answer is over when the list shows that it did happen', async () => {
    const { acts, answer, states } = seat();
    void acts.perform('acknowledge', alarm);
    await answer(0, lost);
    acts.settle(() => alarmOf({ id: 'a', eventId: '1-0', state: 'ACKED' }));
    expect(states()).toEqual([]);
  });
});
