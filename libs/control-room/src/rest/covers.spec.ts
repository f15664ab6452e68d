import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Alarm, type ApprovalView, type CoveredRuleView, type Page } from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { alarmReply, approvalReply, coveredRuleReply } from '../openapi/alarm-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { type Answer, Centre } from '../testing/centre.js';

let centre: Centre;
beforeEach(async () => {
  centre = await Centre.open(new ManualClock(), { settings: { sessionLifetimeMs: 86_400_000 } });
});
afterEach(() => centre.close());

const act = (
  alarm: { id: string; eventId: string },
  what: string,
  as = 'operator',
  more = {},
): Promise<Answer> => centre.post(`alarms/${alarm.id}/${what}`, as, { eventId: alarm.eventId, ...more });
const suppressed = async (): Promise<Page<Alarm>> =>
  (await centre.get('alarms?state=suppressed', 'operator')).body as unknown as Page<Alarm>;
const covered = async (as = 'operator'): Promise<readonly CoveredRuleView[]> => {
  const { body } = await centre.get('covered-rules', as);
  pageOf(coveredRuleReply).parse(body);
  return (body as unknown as Page<CoveredRuleView>).items;
};
const pending = async (as: string): Promise<readonly ApprovalView[]> =>
  ((await centre.get('approvals', as)).body as unknown as Page<ApprovalView>).items;
/** Time passes, as the ticker of the engine tells it. */
async function after(ms: number): Promise<void> {
  centre.clock.advance(ms);
  const { offset } = await centre.deps.journal.append({ kind: 'tick' });
  while (centre.deps.engine.status().appliedOffset < offset) await new Promise(setImmediate);
}

describe('an alarm of one person’s class', () => {
  test('is shelved with a reason, listed with who and until when, and comes back unacknowledged', async () => {
    const alarm = await centre.raise('dev-a', 30);
    await act(alarm, 'acknowledge');
    const done = await act(alarm, 'shelve', 'operator', { seconds: 600, reason: 'sensor is calibrated' });
    expect(done.status).toBe(200);
    expect(alarmReply.parse(done.body)).toMatchObject({
      state: 'SHLVD',
      shelving: 'timed',
      shelvedUntil: centre.clock.now() + 600_000,
      active: true,
      acked: true,
    });
    expect((await suppressed()).items.map(({ id }) => id)).toEqual([alarm.id]);
    expect(await covered()).toMatchObject([
      {
        deviceId: 'dev-a',
        alarmId: alarm.id,
        active: true,
        shelving: { kind: 'timed', by: 'operator', reason: 'sensor is calibrated', approvedBy: null },
      },
    ]);
    expect(await covered('owner-b')).toEqual([]);
    const again = await act(alarm, 'shelve', 'operator', { seconds: 600, reason: 'again' });
    expect([again.status, again.body.code]).toEqual([409, 'already_shelved']);
    await after(600_000);
    expect(centre.deps.engine.alarm(alarm.id)).toMatchObject({ state: 'UNACK', shelvedUntil: null });
    const late = await act(centre.deps.engine.alarm(alarm.id)!, 'unshelve');
    expect([late.status, late.body.code]).toEqual([409, 'not_shelved']);
  });

  test('is refused by name what its rule or its state does not allow', async () => {
    const alarm = await centre.raise('dev-a', 30);
    for (const [what, more, status, code] of [
      ['shelve', { seconds: 999_999, reason: 'x' }, 422, 'shelving_time_out_of_range'],
      ['shelve', { seconds: 60, reason: 'x', mode: 'oneShot' }, 409, 'shelving_not_allowed'],
      ['shelve', { seconds: 60, reason: ' ' }, 422, 'invalid_request'],
      ['shelve', { seconds: 60 }, 422, 'invalid_request'],
      ['shelve', { seconds: 60, reason: 'x', eventId: '0-0' }, 409, 'event_id_unknown'],
      ['unshelve', {}, 409, 'not_shelved'],
      ['confirm', {}, 409, 'invalid_state'],
      ['withdraw-acknowledgement', {}, 409, 'invalid_state'],
    ] as const) {
      const answer = await act(alarm, what, 'operator', more);
      expect([what, answer.status, answer.body.code]).toEqual([what, status, code]);
      expect(centre.deps.engine.alarm(alarm.id)?.state).toBe('UNACK');
    }
  });

  test('is silenced: no acknowledgement', async () => {
    const alarm = await centre.raise('dev-a', 30);
    const done = await act(alarm, 'silence');
    expect(done.body).toMatchObject({ state: 'UNACK', silencedUntil: centre.clock.now() + 60_000 });
    await after(60_000);
    expect(centre.deps.engine.alarm(alarm.id)).toMatchObject({ state: 'UNACK', silencedUntil: null });
  });

  test('is taken out of service by a supervisor, with what watches meanwhile', async () => {
    const alarm = await centre.raise('dev-a', 30);
    const body = { seconds: 3_600, reason: 'sensor broken', compensatingMeasure: 'patrol each 10 min' };
    expect((await act(alarm, 'out-of-service', 'operator', body)).status).toBe(403);
    const done = await act(alarm, 'out-of-service', 'supervisor', body);
    expect(done.body).toMatchObject({ state: 'OOSRV', outOfService: true });
    const back = await act(alarm, 'in-service', 'supervisor');
    expect(back.body).toMatchObject({ state: 'UNACK', outOfService: false });
  });
});

describe('a rule without an alarm', () => {
  const rule = (what: string, as: string, body: object): Promise<Answer> =>
    centre.post(`devices/dev-a/rules/conc-high/${what}`, as, body);

  test('is shelved by its own name; what it raises beneath is not announced', async () => {
    expect((await rule('shelve', 'operator', { seconds: 600, reason: 'hot work' })).status).toBe(204);
    const alarm = await centre.raise('dev-a', 30);
    expect(alarm).toMatchObject({ rule: 'conc-high', state: 'SHLVD', active: true, acked: false });
    expect((await rule('unshelve', 'operator', {})).status).toBe(204);
    expect(centre.deps.engine.alarm(alarm.id)).toMatchObject({ state: 'ACKED', ackedBy: 'operator' });
  });

  test('is disabled: blind and listed as such; enabled, it is judged at once', async () => {
    expect((await rule('disable', 'operator', { reason: 'x' })).status).toBe(403);
    expect((await rule('disable', 'supervisor', { reason: 'detector removed' })).status).toBe(204);
    await centre.reading('dev-a', { conc: 60 });
    expect(centre.deps.engine.alarms()).toEqual([]);
    expect(await covered()).toMatchObject([{ rule: 'conc-high', disabled: { by: 'supervisor' } }]);
    expect((await rule('enable', 'supervisor', {})).status).toBe(204);
    expect(centre.deps.engine.alarms()).toMatchObject([{ rule: 'conc-high', state: 'UNACK', level: 'HH' }]);
    const twice = await rule('enable', 'supervisor', {});
    expect([twice.status, twice.body.code]).toEqual([409, 'already_enabled']);
    expect(
      (await centre.post('devices/dev-a/rules/none/shelve', 'operator', { seconds: 9, reason: 'x' })).status,
    ).toBe(404);
    expect(
      (await centre.post('devices/dev-b/rules/conc-high/shelve', 'owner-a', { seconds: 9, reason: 'x' }))
        .status,
    ).toBe(403);
  });
});

describe('an alarm of the top class', () => {
  async function entrapment(): Promise<Alarm> {
    await centre.post('devices', 'administrator', {
      siteId: 'site-a',
      profile: 'lift',
      name: 'Lift 1',
      deviceId: 'lift-1',
    });
    await centre.reading('lift-1', { alarmButton: true });
    const alarm = centre.deps.engine.alarms().find((each) => each.class === 'entrapment');
    return alarm as unknown as Alarm;
  }
  const body = { seconds: 600, reason: 'button is tested' };

  test('is shelved when a second person agrees, and not before', async () => {
    const alarm = await entrapment();
    const asked = await act(alarm, 'shelve', 'operator', body);
    expect(asked.status).toBe(202);
    const request = approvalReply.parse(asked.body);
    expect(request).toMatchObject({ state: 'pending', requestedBy: 'operator', decidable: false });
    expect(centre.deps.engine.alarm(alarm.id)?.shelving).toBe('unshelved');
    expect(await pending('supervisor')).toMatchObject([{ id: request.id, decidable: true }]);

    const own = await centre.post(`approvals/${request.id}/approve`, 'operator', {});
    expect([own.status, own.body.code]).toEqual([409, 'own_request']);
    expect((await centre.post(`approvals/${request.id}/approve`, 'dispatcher', {})).status).toBe(403);
    const agreed = await centre.post(`approvals/${request.id}/approve`, 'supervisor', { comment: 'ok' });
    expect(agreed.body).toMatchObject({ state: 'approved', decidedBy: 'supervisor' });
    expect(centre.deps.engine.alarm(alarm.id)).toMatchObject({ state: 'SHLVD' });
    expect(await covered()).toMatchObject([{ shelving: { by: 'operator', approvedBy: 'supervisor' } }]);
    const twice = await centre.post(`approvals/${request.id}/reject`, 'administrator', {});
    expect([twice.status, twice.body.code]).toEqual([409, 'already_decided']);
  });

  test('stays as it is when the second person refuses, comes too late, or the alarm has moved on', async () => {
    const alarm = await entrapment();
    const ask = async (): Promise<string> => (await act(alarm, 'shelve', 'operator', body)).body.id;
    const refused = await centre.post(`approvals/${await ask()}/reject`, 'supervisor', {});
    expect(refused.body.state).toBe('rejected');
    await after(1);
    const old = await ask();
    await after(3_600_000);
    const late = await centre.post(`approvals/${old}/approve`, 'supervisor', {});
    expect([late.status, late.body.code]).toEqual([409, 'already_decided']);
    const present = centre.deps.engine.alarm(alarm.id)!;
    const overtaken = (await act(present, 'shelve', 'operator', body)).body.id;
    await act(present, 'acknowledge');
    await act(present, 'withdraw-acknowledgement');
    const failed = await centre.post(`approvals/${overtaken}/approve`, 'supervisor', {});
    expect([failed.status, failed.body.code]).toEqual([409, 'event_id_unknown']);
    expect(centre.deps.engine.alarm(alarm.id)?.shelving).toBe('unshelved');
    const all = await centre.get('approvals?state=all', 'supervisor');
    expect(all.body.items.map(({ state }) => state)).toEqual(['failed', 'expired', 'rejected']);
  });
});
