import { describe, expect, test } from '@jest/globals';
import { type ApprovalView } from '@watchfire/contracts';
import { decidable, requestedAct, subjectOf } from './request.js';

const request = (body: ApprovalView['body'], parts: Partial<ApprovalView> = {}): ApprovalView => ({
  id: 'r',
  kind: 'alarm-command',
  subject: 'gas-1/conc-high',
  enterpriseId: null,
  body,
  reason: 'why',
  requestedBy: 'operator',
  requestedAt: 0,
  expiresAt: 1,
  state: 'pending',
  decidedBy: null,
  decidedAt: null,
  comment: null,
  decidable: false,
  ...parts,
});

describe('a request', () => {
  test('is about an alarm, a rule of a device, or what it says itself', () => {
    expect(subjectOf(request({ kind: 'shelve', alarmId: 'a-1' }))).toEqual({ kind: 'alarm', alarmId: 'a-1' });
    expect(subjectOf(request({ kind: 'disable', deviceId: 'gas-1', ruleKey: 'conc-high' }))).toEqual({
      kind: 'rule',
      deviceId: 'gas-1',
      ruleKey: 'conc-high',
    });
    const onDevice = { target: { layer: 'device', deviceId: 'gas-1', ruleKey: 'conc-high' } };
    expect(subjectOf(request(onDevice))).toEqual({ kind: 'rule', deviceId: 'gas-1', ruleKey: 'conc-high' });
    const onSite = { target: { layer: 'site', siteId: 's', profile: 'lift', ruleKey: 'stuck' } };
    expect(subjectOf(request(onSite))).toEqual({
      kind: 'site-rule',
      siteId: 's',
      profile: 'lift',
      ruleKey: 'stuck',
    });
    expect(subjectOf(request({ deviceId: 'gas-1' }))).toEqual({ kind: 'other', text: 'gas-1/conc-high' });
  });

  test('to make an alarm quiet says for how long and what watches meanwhile', () => {
    expect(
      requestedAct(request({ kind: 'out-of-service', seconds: 3_600, compensatingMeasure: 'guard on site' })),
    ).toMatchObject({
      act: 'out-of-service',
      seconds: 3_600,
      oneShot: false,
      compensatingMeasure: 'guard on site',
      details: [],
    });
    expect(requestedAct(request({ kind: 'shelve', mode: 'oneShot', seconds: 60 })).oneShot).toBe(true);
  });

  test('to change a rule lists each value', () => {
    const body = {
      target: { layer: 'device' },
      change: { values: { 'limits.H.limit': 30, enabled: false } },
    };
    expect(requestedAct(request(body, { kind: 'rule-change' }))).toMatchObject({
      act: 'change',
      details: [
        { name: 'limits.H.limit', value: '30' },
        { name: 'enabled', value: 'false' },
      ],
    });
  });

  test('to make a rule weaker says what becomes of each value, also where one is taken away', () => {
    const body = {
      target: { layer: 'device' },
      weaker: ['limits.H.limit'],
      changes: [{ path: 'limits.H.limit', from: 20, to: 25 }],
      seen: { layerVersion: 2, effect: 'x' },
    };
    const shown = {
      details: [{ name: 'limits.H.limit', value: '20 → 25' }],
      weaker: ['limits.H.limit'],
    };
    const asked = (more: object) => requestedAct(request({ ...body, ...more }, { kind: 'rule-change' }));
    expect(asked({ revert: { layerVersion: 1 } })).toMatchObject({ act: 'revert', ...shown });
    expect(asked({ change: { values: {} } })).toMatchObject({ act: 'change', ...shown });
  });

  test('of a kind that this page does not know hides nothing of what it would do', () => {
    const body = { kind: 'shelve', deep: { er: [1, 2], none: null } };
    expect(requestedAct(request(body, { kind: 'another' }))).toMatchObject({
      act: 'other',
      details: [
        { name: 'kind', value: 'shelve' },
        { name: 'deep.er', value: '[1,2]' },
        { name: 'deep.none', value: '—' },
      ],
    });
  });

  test('is counted for those who may decide it', () => {
    expect(decidable([request({}), request({}, { decidable: true })])).toBe(1);
  });
});
