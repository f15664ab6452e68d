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

  test('to go back to an older version says which, and what becomes weaker', () => {
    const body = {
      target: { layer: 'device' },
      revert: { layerVersion: 1, reason: 'why' },
      weaker: ['limits.H.limit'],
      seen: { layerVersion: 2, effect: 'x' },
    };
    expect(requestedAct(request(body, { kind: 'rule-change' }))).toMatchObject({
      act: 'revert',
      details: [
        { name: 'layerVersion', value: '1' },
        { name: 'reason', value: 'why' },
      ],
      weaker: ['limits.H.limit'],
    });
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
