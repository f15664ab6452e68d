import { type RuleView, type SiteRuleView } from '@watchfire/contracts';

/** A layer of a rule that can be changed. */
export type RuleAddress =
  | { readonly layer: 'site'; readonly siteId: string; readonly profile: string; readonly ruleKey: string }
  | { readonly layer: 'device'; readonly deviceId: string; readonly ruleKey: string }
  | {
      readonly layer: 'point';
      readonly deviceId: string;
      readonly pointId: string;
      readonly ruleKey: string;
    };

const path = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/');

export function rulePath(address: RuleAddress): string {
  const { ruleKey } = address;
  switch (address.layer) {
    case 'site':
      return path('sites', address.siteId, 'rules', address.profile, ruleKey);
    case 'device':
      return path('devices', address.deviceId, 'rules', ruleKey);
    case 'point':
      return path('points', address.pointId, 'rules', ruleKey);
  }
}

/** A point has no versions of its own: those of its device tell of all layers. */
export function versionsPath(address: RuleAddress): string {
  const of: RuleAddress = address.layer === 'point' ? { ...address, layer: 'device' } : address;
  return `${rulePath(of)}/versions`;
}

export const isSiteRule = (rule: RuleView | SiteRuleView): rule is SiteRuleView => 'siteId' in rule;

/** The layers of a shown rule that a person can change there, the usual one first. */
export function addressesOf(rule: RuleView | SiteRuleView): RuleAddress[] {
  const ruleKey = rule.key;
  if (isSiteRule(rule)) return [{ layer: 'site', siteId: rule.siteId, profile: rule.profile, ruleKey }];
  const { deviceId, pointId } = rule;
  const device: RuleAddress = { layer: 'device', deviceId, ruleKey };
  return pointId === null ? [device] : [device, { layer: 'point', deviceId, pointId, ruleKey }];
}

/** As requests for a second person name it. */
export const ruleSubject = (rule: RuleView | SiteRuleView): string =>
  isSiteRule(rule) ? `${rule.siteId}/${rule.profile}/${rule.key}` : `${rule.deviceId}/${rule.key}`;

/** A request about a point names it after the rule. */
export const isAbout = (subject: string, rule: string): boolean =>
  subject === rule || subject.startsWith(`${rule}/`);
