import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { type ApprovalRow } from '../rows.js';
import { type NewApproval } from './approvals.js';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
});
afterEach(() => temporary.remove());

const ask = (more: Partial<NewApproval> = {}): Promise<ApprovalRow> =>
  temporary.registry.approvals.ask({
    kind: 'alarm-command',
    subject: 'A1-0',
    enterpriseId: 'ent-a',
    body: { seconds: 600 },
    reason: 'hot work',
    by: 'zhang',
    lifeMs: 60_000,
    ...more,
  });
const agree = { state: 'approved', by: 'li', comment: 'seen on site' } as const;

describe('what a second person must agree to', () => {
  test('is kept until it is decided, over a restart too', async () => {
    const { id } = await ask();
    const { approvals } = await temporary.reopen();
    expect(await approvals.find(id)).toMatchObject({
      state: 'pending',
      body: { seconds: 600 },
      requestedBy: 'zhang',
      decidedBy: null,
    });
    const decidedAt = temporary.clock.now();
    expect(await approvals.decide(id, agree)).toMatchObject({
      state: 'approved',
      decidedBy: 'li',
      decidedAt,
      comment: 'seen on site',
    });
    expect((await approvals.list({ limit: 9, pending: true })).items).toEqual([]);
    expect((await approvals.list({ limit: 9, pending: false })).items).toHaveLength(1);
  });

  test('is decided once, by one of two who do it at the same time', async () => {
    const { id } = await ask();
    const both = await Promise.allSettled([
      temporary.registry.approvals.decide(id, agree),
      temporary.registry.approvals.decide(id, { ...agree, state: 'rejected', by: 'wang' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('is never decided by who asked, nor after its time', async () => {
    const { approvals } = temporary.registry;
    const { id } = await ask();
    await expect(approvals.decide(id, { ...agree, by: 'zhang' })).rejects.toMatchObject({ code: 'invalid' });
    temporary.clock.advance(60_000);
    await expect(approvals.decide(id, agree)).rejects.toMatchObject({ code: 'conflict' });
    expect((await approvals.find(id))?.state).toBe('expired');
    expect((await approvals.list({ limit: 9, pending: true })).total).toBe(0);
    await expect(approvals.decide('apr-0', agree)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is listed newest first, page by page, cut to an enterprise', async () => {
    const ids: string[] = [];
    for (const enterpriseId of ['ent-a', 'ent-b', 'ent-a']) {
      temporary.clock.advance(1);
      ids.push((await ask({ enterpriseId })).id);
    }
    const { approvals } = temporary.registry;
    const first = await approvals.list({ limit: 2, pending: true });
    expect([first.total, first.items.map(({ id }) => id)]).toEqual([3, [ids[2], ids[1]]]);
    const rest = await approvals.list({ limit: 2, pending: true, cursor: first.nextCursor ?? '' });
    expect(rest.items.map(({ id }) => id)).toEqual([ids[0]]);
    expect((await approvals.list({ limit: 9, pending: true, enterpriseId: 'ent-b' })).total).toBe(1);
  });

  test('says when it was agreed to and could not be done', async () => {
    const { approvals } = temporary.registry;
    const { id } = await ask();
    await approvals.failed(id, 'too early');
    expect((await approvals.find(id))?.state).toBe('pending');
    await approvals.decide(id, agree);
    await approvals.failed(id, 'already_shelved');
    expect(await approvals.find(id)).toMatchObject({ state: 'failed', comment: 'already_shelved' });
  });
});
