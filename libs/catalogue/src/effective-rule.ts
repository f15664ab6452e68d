import { type Condition } from '@watchfire/alarm';
import { type RuleOverride, type RuleOverrideRow } from '@watchfire/registry';
import { type CatalogueRule, type Profile, type RuleProvenance } from './model.js';

/** A rule as it holds for one device: the catalogue's, changed by its site. `pointId` still holds the key of the point. */
export interface EffectiveRule {
  readonly rule: CatalogueRule;
  readonly enabled: boolean;
  /** Rises with every change of the catalogue and of the override. */
  readonly version: number;
  readonly condition: Condition;
  readonly provenance: readonly RuleProvenance[];
  readonly override: RuleOverrideRow | undefined;
}

/** One for every rule of the profile, in its order. An override of a rule that the profile does not have is ignored. */
export function effectiveRules(profile: Profile, overrides: readonly RuleOverrideRow[]): EffectiveRule[] {
  return profile.rules.map((rule) => {
    const override = overrides.find((one) => one.ruleKey === rule.key);
    const condition = override ? changed(rule.condition, override.body) : rule.condition;
    return {
      rule,
      enabled: override?.body.enabled ?? true,
      version: profile.version + (override?.version ?? 0),
      condition,
      provenance: override ? sitesOwn(rule, override) : rule.provenance,
      override,
    };
  });
}

/** Only what the kind of condition has is changed: an override may be older than the catalogue. */
export function changed(condition: Condition, body: RuleOverride): Condition {
  const { limits, deadband, onDelayMs, offDelayMs, afterMs } = body;
  return {
    ...condition,
    ...('limits' in condition && {
      limits: condition.limits.map((one) => ({
        ...one,
        limit: limits?.[one.level] ?? one.limit,
        deadband: deadband ?? one.deadband,
      })),
    }),
    ...('deadband' in condition && deadband !== undefined && { deadband }),
    ...('onDelayMs' in condition && onDelayMs !== undefined && { onDelayMs }),
    ...('offDelayMs' in condition && offDelayMs !== undefined && { offDelayMs }),
    ...('afterMs' in condition && afterMs !== undefined && { afterMs }),
  };
}

/** A number that a site entered is no longer the standard's, and must not be shown as if it were. */
function sitesOwn(rule: CatalogueRule, override: RuleOverrideRow): RuleProvenance[] {
  const { body } = override;
  const entered = new Set([
    ...Object.keys(body.limits ?? {}).map((level) => `limits.${level}`),
    ...(['deadband', 'onDelayMs', 'offDelayMs', 'afterMs'] as const).filter(
      (name) => body[name] !== undefined,
    ),
  ]);
  return rule.provenance.map((one) =>
    entered.has(one.of)
      ? {
          of: one.of,
          source: 'site',
          confidence: 'default',
          note: `entered by ${override.by} in place of the catalogue's value (${one.source})`,
        }
      : one,
  );
}
