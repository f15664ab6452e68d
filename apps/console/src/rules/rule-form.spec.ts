import { describe, expect, test } from '@jest/globals';
import { type RuleView, type RuleValueView } from '@watchfire/contracts';
import { addressesOf, isAbout, rulePath, ruleSubject, versionsPath } from './rule-address.js';
import {
  draftOf,
  groupOf,
  inputKind,
  isHidden,
  isOverridden,
  isSameDraft,
  nameOf,
  parseDraft,
  without,
} from './rule-form.js';

const value = (path: string, parts: Partial<RuleValueView>): RuleValueView => ({
  path,
  value: null,
  layer: 'catalogue',
  source: 'default',
  confidence: 'default',
  note: null,
  entered: null,
  beneath: [],
  ...parts,
});
const limit = value('limits.H.limit', {
  value: 15,
  layer: 'point',
  beneath: [
    { layer: 'device', value: 20 },
    { layer: 'catalogue', value: 25 },
  ],
});
const views = [
  limit,
  value('limits.H.priority', { value: 'orange' }),
  value('enabled', { value: false, layer: 'device', beneath: [{ layer: 'catalogue', value: true }] }),
  value('alarms.fault.values', { value: [1, 2] }),
  value('rationalisation.timeToActSeconds', {}),
  value('rationalisation.cause', {}),
];

describe('what one layer says', () => {
  test('is read from below a nearer layer too, so that saving it again takes nothing away', () => {
    expect(draftOf(views, 'device')).toEqual({ 'limits.H.limit': '20', enabled: 'false' });
    expect(draftOf(views, 'point')).toEqual({ 'limits.H.limit': '15' });
    expect(draftOf(views, 'site')).toEqual({});
  });

  test('falls back to what the farther layers say, whatever the nearer ones do', () => {
    expect((['point', 'device', 'site'] as const).map((layer) => without(limit, layer))).toEqual([
      20, 25, 25,
    ]);
    expect((['point', 'device'] as const).map((layer) => isHidden(limit, layer))).toEqual([false, true]);
  });

  test('is there or not, whatever was said and taken back before', () => {
    expect([isOverridden(views), isOverridden(views.slice(1, 2))]).toEqual([true, false]);
  });

  test('is written by the kind of each value', () => {
    expect(views.map(inputKind)).toEqual(['number', 'priority', 'switch', 'json', 'number', 'text']);
  });

  test('is what is not empty, in its own type', () => {
    const draft = {
      'limits.H.limit': ' 30.5 ',
      'limits.H.priority': 'red',
      enabled: 'true',
      'alarms.fault.values': '[3]',
      'rationalisation.timeToActSeconds': '600',
      'rationalisation.cause': '   ',
    };
    expect(parseDraft(draft, views)).toEqual({
      ok: true,
      values: {
        'limits.H.limit': 30.5,
        'limits.H.priority': 'red',
        enabled: true,
        'alarms.fault.values': [3],
        'rationalisation.timeToActSeconds': 600,
      },
    });
  });

  test('is not sent while a text is none of its kind, and each such is named', () => {
    const draft = { 'limits.H.limit': '3o', enabled: 'perhaps', 'alarms.fault.values': '[1' };
    expect(parseDraft(draft, views)).toEqual({
      ok: false,
      wrong: ['limits.H.limit', 'enabled', 'alarms.fault.values'],
    });
  });

  test('is the same whatever order and however many empty texts', () => {
    expect(isSameDraft({ a: '1', b: ' ' }, { a: ' 1' })).toBe(true);
    expect(isSameDraft({ a: '1' }, { a: '1', b: '2' })).toBe(false);
  });
});

describe('a value', () => {
  test('has a name and what it is of, and stands with its like', () => {
    const paths = [
      'limits.HH.limit',
      'onDelaySeconds',
      'guidance.zh',
      'rationalisation.cause',
      'quantity.of.x.y',
    ];
    expect(paths.map((path) => [nameOf(path).name, nameOf(path).of, groupOf(path)])).toEqual([
      ['limit', 'HH', 'judging'],
      ['onDelaySeconds', '', 'judging'],
      ['zh', '', 'handling'],
      ['cause', '', 'rationalisation'],
      [null, '', 'judging'],
    ]);
  });
});

describe('the address of a rule', () => {
  const rule = (parts: object) => ({ key: 'conc high', ...parts }) as unknown as RuleView;

  test('is of each layer that can be changed where the rule is shown', () => {
    const ofPoint = addressesOf(rule({ deviceId: 'gas/1', pointId: 'gas/1.conc' }));
    expect(ofPoint.map(rulePath)).toEqual([
      'devices/gas%2F1/rules/conc%20high',
      'points/gas%2F1.conc/rules/conc%20high',
    ]);
    expect(ofPoint.map(versionsPath)).toEqual(Array(2).fill('devices/gas%2F1/rules/conc%20high/versions'));
    const ofSite = addressesOf(rule({ siteId: 's', profile: 'lift' }));
    expect(ofSite.map(rulePath)).toEqual(['sites/s/rules/lift/conc%20high']);
    expect(addressesOf(rule({ deviceId: 'd', pointId: null }))).toHaveLength(1);
  });

  test('is told from that of another rule whose name begins or ends like it', () => {
    const subjects = ['d/conc', 'd/conc/point', 'd/conc-high', 'bd/conc'];
    expect(subjects.map((subject) => isAbout(subject, 'd/conc'))).toEqual([true, true, false, false]);
  });

  test('is named as requests name it', () => {
    expect(
      [rule({ deviceId: 'd', pointId: null }), rule({ siteId: 's', profile: 'lift' })].map(ruleSubject),
    ).toEqual(['d/conc high', 's/lift/conc high']);
  });
});
