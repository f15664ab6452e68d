import { type RuleLayerKey } from '@watchfire/registry';

/** Which rule, and who is to say something else than the catalogue. */
export type RuleTarget =
  | { readonly layer: 'site'; readonly siteId: string; readonly profile: string; readonly ruleKey: string }
  | { readonly layer: 'device'; readonly deviceId: string; readonly ruleKey: string }
  | {
      readonly layer: 'point';
      readonly deviceId: string;
      readonly pointKey: string;
      readonly ruleKey: string;
    };

export function layerKey(target: RuleTarget): RuleLayerKey {
  const { layer, ruleKey } = target;
  switch (target.layer) {
    case 'site':
      return { layer, subject: target.siteId, part: target.profile, ruleKey };
    case 'device':
      return { layer, subject: target.deviceId, part: '', ruleKey };
    case 'point':
      return { layer, subject: target.deviceId, part: target.pointKey, ruleKey };
  }
}

export function targetOf({ layer, subject, part, ruleKey }: RuleLayerKey): RuleTarget {
  switch (layer) {
    case 'site':
      return { layer, siteId: subject, profile: part, ruleKey };
    case 'device':
      return { layer, deviceId: subject, ruleKey };
    case 'point':
      return { layer, deviceId: subject, pointKey: part, ruleKey };
  }
}
