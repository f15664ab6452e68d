import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CatalogueError } from '@watchfire/catalogue';
import {
  type ApprovalView,
  type RuleVersionView,
  type RuleView,
  type SiteRuleView,
} from '@watchfire/contracts';
import { ManualClock } from '@watchfire/testing';
import { z } from 'zod';
import { approvalReply } from '../openapi/alarm-schemas.js';
import { catalogueReloadReply, ruleReply, ruleVersionReply, siteRuleReply } from '../openapi/rule-schemas.js';
import { toProblem } from '../problem/translate.js';
import { type Answer, Centre } from '../testing/centre.js';

let centre: Centre;
beforeAll(async () => {
  centre = await Centre.open(new ManualClock());
});
afterAll(() => centre.close());

/** An answer is exactly what the document says: nothing missing, nothing more. */
function expectAs<T>(schema: { parse(body: unknown): unknown }, body: unknown): T {
  expect(schema.parse(body)).toEqual(body);
  return body as T;
}

async function ruleOf(deviceId: string, key: string): Promise<RuleView> {
  const { items } = (await centre.get(`rules?deviceId=${deviceId}`, 'operator')).body;
  const rule = (items as unknown as RuleView[]).find((one) => one.key === key);
  if (rule === undefined) throw new Error(`no rule ${key}`);
  return expectAs(ruleReply, rule);
}

const valueOf = ({ values }: Pick<RuleView, 'values'>, path: string) =>
  values.find((one) => one.path === path);

describe('the rules of a device', () => {
  test('[RU1] say of each value who says so, over the site, the device and the point', async () => {
    const site = 'sites/site-a/rules/gas.lel.point/conc-drift';
    const put = await centre.put(site, 'supervisor', {
      values: { 'limits.L.limit': -4, deadband: 1 },
      reason: '雨季漂移',
      source: 'HAZOP 2026-03',
      confidence: 'secondary',
    });
    expect(put.status).toBe(200);
    expect(expectAs<SiteRuleView>(siteRuleReply, put.body)).toMatchObject({
      siteId: 'site-a',
      devices: 1,
      layers: { site: 1, device: 0, point: 0 },
    });
    const device = await centre.put('devices/dev-a/rules/conc-drift', 'supervisor', {
      limits: { L: -3 },
      reason: '旧探头',
    });
    expect(expectAs<RuleView>(ruleReply, device.body).override).toMatchObject({ by: 'supervisor' });
    const point = await centre.put('points/dev-a.conc/rules/conc-drift', 'supervisor', {
      values: { onDelaySeconds: 2 },
      reason: '抖动',
    });
    expect(point.status).toBe(200);
    const rule = await ruleOf('dev-a', 'conc-drift');
    expect(rule.condition).toMatchObject({ onDelayMs: 2_000, limits: [{ limit: -3, deadband: 1 }] });
    expect(valueOf(rule, 'limits.L.limit')).toMatchObject({
      layer: 'device',
      entered: { by: 'supervisor', approvedBy: null, reason: '旧探头' },
      beneath: [
        { layer: 'site', value: -4 },
        { layer: 'catalogue', value: -5 },
      ],
    });
    expect(valueOf(rule, 'deadband')).toMatchObject({
      layer: 'site',
      source: 'HAZOP 2026-03',
      confidence: 'secondary',
    });
    expect(valueOf(rule, 'offDelaySeconds')).toMatchObject({ layer: 'catalogue', entered: null });
    expect((await ruleOf('dev-b', 'conc-drift')).layers).toEqual({ site: 0, device: 0, point: 0 });
    const ofSite = (await centre.get('sites/site-a/rules', 'operator')).body;
    expectAs(z.array(siteRuleReply), ofSite);
    const byQuery = (await centre.get('rules?siteId=site-a', 'operator')).body;
    expect(new Set(byQuery.items.map(({ deviceId }) => deviceId))).toEqual(new Set(['dev-a']));
  });

  test('[RU8] a value that does not fit is refused in the words of who gave it', async () => {
    const refused = async (path: string, body: unknown) => {
      const { status, body: problem } = await centre.put(path, 'supervisor', body);
      expect([status, problem.code]).toEqual([422, 'rule_invalid']);
      return problem['errors'];
    };
    const device = 'devices/dev-b/rules/conc-drift';
    expect(await refused(device, { limits: { HH: 3 }, reason: 'x' })).toMatchObject([{ path: 'limits.HH' }]);
    expect(await refused(device, { afterMs: 5_000, reason: 'x' })).toMatchObject([{ path: 'afterMs' }]);
    expect(await refused(device, { values: { 'limits.L.limit': -9e9 }, reason: 'x' })).toMatchObject([
      { path: 'limits.L.limit' },
    ]);
    expect(await refused('points/dev-b.fault/rules/conc-drift', { values: {}, reason: 'x' })).toMatchObject([
      { path: 'pointId' },
    ]);
    for (const body of [
      { values: {} },
      { reason: 'x', values: { 'a b': 1 } },
      { reason: 'x', limits: { X: 1 } },
    ]) {
      expect((await centre.put(device, 'supervisor', body)).body.code).toBe('invalid_request');
    }
    expect((await ruleOf('dev-b', 'conc-drift')).layers.device).toBe(0);
  });

  test('[RU9] somebody who saw an older version is told so', async () => {
    const put = (baseVersion: number) =>
      centre.put('devices/dev-b/rules/fault', 'supervisor', { enabled: true, reason: 'x', baseVersion });
    expect((await put(0)).status).toBe(200);
    const late = await put(0);
    expect([late.status, late.body.code]).toEqual([409, 'rule_moved_on']);
  });

  test('[RU6] [RU7] have a life that is read, and a version that is gone back to', async () => {
    const path = 'devices/dev-b/rules/calibration-due';
    for (const onDelayMs of [1_000, 2_000]) {
      await centre.put(path, 'supervisor', { onDelayMs, reason: `${onDelayMs} ms` });
    }
    const back = await centre.post(`${path}/revert`, 'supervisor', { layerVersion: 1, reason: '恢复' });
    expect(back.status).toBe(200);
    expect(expectAs<RuleView>(ruleReply, back.body).condition).toMatchObject({ onDelayMs: 1_000 });
    const life = expectAs<RuleVersionView[]>(
      z.array(ruleVersionReply),
      (await centre.get(`${path}/versions`, 'operator')).body,
    );
    expect(life.map(({ layerVersion, reason }) => [layerVersion, reason]).slice(0, 3)).toEqual([
      [3, '恢复'],
      [2, '2000 ms'],
      [1, '1000 ms'],
    ]);
    const none = await centre.post(`${path}/revert`, 'supervisor', { layerVersion: 7, reason: 'x' });
    expect([none.status, none.body.code]).toEqual([404, 'rule_version_unknown']);
  });

  test('of another enterprise do not exist, nor does a site of it', async () => {
    const paths = ['sites/site-b/rules', 'devices/dev-b/rules/fault/versions', 'rules?deviceId=dev-b'];
    for (const path of paths) {
      expect((await centre.get(path, 'owner-a')).status).toBe(404);
      expect((await centre.get(path, 'owner-b')).status).toBe(200);
    }
    expect((await centre.get('rules?siteId=site-b', 'owner-a')).body.items).toEqual([]);
  });
});

describe('a rule of a safety class', () => {
  const weaker = { limits: { H: 40 }, onDelayMs: 5_000, reason: 'steam in the pit' };
  const path = 'devices/dev-a/rules/conc-high';
  const decide = (id: string, verdict: string, as: string) =>
    centre.post(`approvals/${id}/${verdict}`, as, {});
  const limitOf = async () => valueOf(await ruleOf('dev-a', 'conc-high'), 'limits.H.limit')?.value;

  test('[RU20] is changed when a second person agrees, and not before', async () => {
    const asked = await centre.put(path, 'supervisor', weaker);
    expect(asked.status).toBe(202);
    const request = expectAs<ApprovalView>(approvalReply, asked.body);
    expect(request).toMatchObject({
      kind: 'rule-change',
      subject: 'dev-a/conc-high',
      enterpriseId: 'ent-a',
      state: 'pending',
      requestedBy: 'supervisor',
      reason: 'steam in the pit',
      body: {
        weaker: ['limits.H.limit', 'onDelayMs'],
        changes: [
          { path: 'limits.H.limit', from: 25, to: 40 },
          { path: 'onDelaySeconds', from: 0, to: 5 },
        ],
      },
    });
    expect(await limitOf()).toBe(25);
    const own = await decide(request.id, 'approve', 'supervisor');
    expect([own.status, own.body.code]).toEqual([409, 'own_request']);
    expect((await decide(request.id, 'approve', 'operator')).status).toBe(403);
    expect((await decide(request.id, 'approve', 'administrator')).body).toMatchObject({ state: 'approved' });
    const rule = await ruleOf('dev-a', 'conc-high');
    expect(valueOf(rule, 'limits.H.limit')).toMatchObject({
      value: 40,
      entered: { by: 'supervisor', approvedBy: 'administrator', reason: 'steam in the pit' },
    });
    expect(rule.condition).toMatchObject({ onDelayMs: 5_000 });
    // Who asked and who agreed, by the id of the request.
    const { items } = (await centre.get('audit?limit=50', 'administrator')).body;
    const trail = items.filter(({ subject }) => String(subject).includes(request.id));
    expect(trail).toMatchObject([
      { actor: 'administrator', action: 'request-approved', detail: { outcome: 'done' } },
      { actor: 'operator', detail: { outcome: 'forbidden' } },
      { actor: 'supervisor', action: 'request-approved', detail: { outcome: 'own_request' } },
      { actor: 'supervisor', action: 'rule-overridden', detail: { outcome: 'asked' } },
    ]);
    expect(trail[3]?.['subject']).toBe(`dev-a/conc-high/${request.id}`);
  });

  test('[RU20] is made stricter by two people as well; what to do is written by one', async () => {
    const asked = await centre.put(path, 'supervisor', { limits: { H: 20 }, reason: 'hot work' });
    expect([asked.status, await limitOf()]).toEqual([202, 40]);
    const request = expectAs<ApprovalView>(approvalReply, asked.body);
    expect(request.body).toMatchObject({ weaker: [] });
    expect((await decide(request.id, 'approve', 'administrator')).status).toBe(200);
    expect(await limitOf()).toBe(20);
    const values = { 'guidance.zh': '先撤离' };
    const written = await centre.put('points/dev-a.conc/rules/conc-high', 'supervisor', {
      values,
      reason: 'x',
    });
    expect(written.status).toBe(200);
  });

  test('[RU20] goes back, and is changed for a point and for a site as well, only with a second person', async () => {
    const revert = { layerVersion: 0, reason: 'x' };
    const ways: Promise<Answer>[] = [
      centre.post(`${path}/revert`, 'supervisor', revert),
      centre.put('points/dev-a.conc/rules/conc-high', 'supervisor', {
        values: { latching: false, 'limits.H.limit': 30 },
        reason: 'x',
      }),
      centre.put('sites/site-a/rules/gas.lel.point/conc-high', 'supervisor', {
        values: { enabled: false },
        reason: 'x',
      }),
    ];
    const answers = await Promise.all(ways);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    const requests = answers.map(({ body }) => expectAs<ApprovalView>(approvalReply, body));
    expect(requests.map(({ subject }) => subject)).toEqual([
      'dev-a/conc-high',
      'dev-a/conc-high/conc',
      'site-a/gas.lel.point/conc-high',
    ]);
    const [back, ofPoint, ofSite] = requests.map(({ id }) => id);
    expect((await decide(ofSite ?? '', 'reject', 'administrator')).body.state).toBe('rejected');
    expect((await decide(back ?? '', 'approve', 'administrator')).status).toBe(200);
    expect(await limitOf()).toBe(25);
    // [RU21] The rule was another one when this was asked for.
    const late = await decide(ofPoint ?? '', 'approve', 'administrator');
    expect([late.status, late.body.code]).toEqual([409, 'rule_moved_on']);
    expect(await limitOf()).toBe(25);
    const all = (await centre.get('approvals?state=all', 'supervisor')).body.items;
    expect(all.find(({ id }) => id === ofPoint)).toMatchObject({ state: 'failed' });
  });
});

describe('the catalogue', () => {
  test('[RU13] is read again on request; what is wrong is named by file and path, without its folder', async () => {
    const done = await centre.post('catalogue/reload', 'administrator', {});
    expect(done.status).toBe(200);
    expect(expectAs(catalogueReloadReply, done.body)).toEqual({ profiles: [], devices: 0 });
    const problem = toProblem(
      new CatalogueError([{ file: '/srv/secret/lift.yaml', path: 'rules.0.key', message: 'is wrong' }]),
    ).toDetails('/x');
    expect(problem).toMatchObject({
      status: 422,
      code: 'catalogue_invalid',
      errors: [{ path: 'lift.yaml: rules.0.key', message: 'is wrong' }],
    });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });
});
