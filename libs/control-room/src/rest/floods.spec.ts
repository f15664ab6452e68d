import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LOAD_LIMITS } from '@watchfire/alarm';
import { type Alarm, type FloodView, type Page } from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { alarmReply, floodViewReply } from '../openapi/alarm-schemas.js';
import { pageOf } from '../openapi/schemas.js';
import { Centre } from '../testing/centre.js';

let centre: Centre;
beforeAll(async () => {
  centre = await Centre.open(new ManualClock(), {
    load: { ...LOAD_LIMITS, floodBegin: 3, floodEnd: 2, chatteringCount: 2 },
  });
});
afterAll(() => centre.close());

async function listed<T>(
  path: string,
  as: string,
  schema: { parse(body: unknown): unknown },
): Promise<Page<T>> {
  const { body } = await centre.get(path, as);
  expect(pageOf(schema as typeof floodViewReply).parse(body)).toEqual(body);
  return body as unknown as Page<T>;
}
const floods = (query: string, as: string): Promise<Page<FloodView>> =>
  listed(`floods?${query}`, as, floodViewReply);

describe('floods', () => {
  test('[AL137] are listed while they last, each person sees those of their sites, and the centre those who see all', async () => {
    await centre.reading('dev-a', { conc: 30 });
    await centre.reading('dev-a', { conc: 60 });
    await centre.reading('dev-a', { fault: true });
    const page = await floods('', 'operator');
    expect(page.items).toMatchObject([
      {
        siteId: '',
        flood: { to: null, announced: 3, byClass: { gas: 2, trouble: 1 }, byPriority: { blue: 0 } },
      },
      { siteId: 'site-a', siteName: 'Site a', flood: { firstOut: { deviceId: 'dev-a' }, sources: 2 } },
    ]);
    expect((await floods('siteId=site-a', 'operator')).total).toBe(1);
    expect((await floods('present=false', 'operator')).total).toBe(0);
    expect((await floods('', 'owner-a')).items.map(({ siteId }) => siteId)).toEqual(['site-a']);
    expect((await floods('', 'owner-b')).total).toBe(0);

    const alarms = await listed<Alarm>('alarms?class=system', 'operator', alarmReply);
    expect(alarms.items).toMatchObject([
      { rule: 'alarm-flood', siteId: 'site-a', flood: { announced: 3 } },
      { rule: 'alarm-flood', siteId: '', deviceId: '', flood: { announced: 3 } },
    ]);
    expect(alarms.items.map(({ id }) => id).reverse()).toEqual(page.items.map(({ alarmId }) => alarmId));
  });

  test('[AL141] what chatters says so', async () => {
    const { items } = await listed<Alarm>('alarms?class=gas', 'operator', alarmReply);
    expect(items).toMatchObject([{ chattering: 2, fleeting: false, flood: null }]);
  });

  test('[AL138] and afterwards, with all of it', async () => {
    centre.clock.advance(1_200_000);
    await centre.reading('dev-b', { conc: 1 });
    const { items } = await floods('present=false', 'operator');
    expect(items.map(({ siteId }) => siteId)).toEqual(['', 'site-a']);
    expect(items[0]?.flood.to).toBe((items[0]?.flood.firstOut.at ?? 0) + LOAD_LIMITS.floodWindowMs);
  });

  test('refuses a page that is none', async () => {
    expect((await centre.get('floods?cursor=x', 'operator')).status).toBe(422);
    expect((await centre.get('floods', undefined)).status).toBe(401);
  });
});
