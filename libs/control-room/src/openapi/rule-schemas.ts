import {
  ALARM_CLASSES,
  RULE_LAYERS,
  type RuleVersionView,
  type RuleView,
  type SiteRuleView,
} from '@watchfire/contracts';
import { z } from 'zod';

/** What the routes about rules answer. A value is whatever its path is about: a number, a switch, a text, a list. */
const time = z.number().int();
const nullableText = z.string().nullable();
const value = z.unknown();
const layer = z.enum(['catalogue', ...RULE_LAYERS]);
const confidence = z.enum(['standard', 'secondary', 'memory', 'default']);

const valueView = z.object({
  path: z.string(),
  value,
  layer,
  source: z.string(),
  confidence,
  note: nullableText,
  entered: z.object({ by: z.string(), approvedBy: nullableText, at: time, reason: z.string() }).nullable(),
  beneath: z.array(z.object({ layer, value })),
});

const effective = {
  key: z.string(),
  version: z.number().int(),
  title: z.string(),
  titleEn: z.string(),
  class: z.enum(ALARM_CLASSES),
  enabled: z.boolean(),
  latching: z.boolean(),
  condition: z.record(z.string(), z.unknown()),
  enabledWhen: z.record(z.string(), z.unknown()).nullable(),
  reads: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      nameEn: z.string(),
      unit: nullableText,
      value: z.union([z.number(), z.boolean(), z.string()]).nullable(),
    }),
  ),
  provenance: z.array(
    z.object({ of: z.string(), source: z.string(), confidence, note: z.string().optional() }),
  ),
  guidance: nullableText,
  guidanceEn: nullableText,
  override: z.object({ by: z.string(), at: time, reason: z.string() }).nullable(),
  values: z.array(valueView),
  layers: z.object({
    site: z.number().int().min(0),
    device: z.number().int().min(0),
    point: z.number().int().min(0),
  }),
  leftOut: z.array(z.object({ layer: z.enum(RULE_LAYERS), path: z.string(), message: z.string() })),
  provisional: z.boolean(),
  rationalisation: z.object({
    consequence: z.string().optional(),
    cause: z.string().optional(),
    action: z.string().optional(),
    timeToActSeconds: z.number().int().optional(),
    approver: z.string().optional(),
    reviewBy: z.string().optional(),
  }),
};

export const ruleReply = z
  .object({ deviceId: z.string(), pointId: nullableText, ...effective })
  .meta({ id: 'Rule' }) as unknown as z.ZodType<RuleView>;

export const siteRuleReply = z
  .object({
    siteId: z.string(),
    profile: z.string(),
    profileName: z.string(),
    profileNameEn: z.string(),
    devices: z.number().int().min(0),
    ...effective,
  })
  .meta({ id: 'SiteRule' }) as unknown as z.ZodType<SiteRuleView>;

export const ruleVersionReply = z
  .object({
    version: z.number().int(),
    layer,
    layerVersion: z.number().int(),
    at: time,
    by: z.string(),
    approvedBy: nullableText,
    reason: z.string(),
    changes: z.array(z.object({ path: z.string(), from: value, to: value })),
  })
  .meta({ id: 'RuleVersion' }) as unknown as z.ZodType<RuleVersionView>;

export const catalogueReloadReply = z
  .object({ profiles: z.array(z.string()), devices: z.number().int().min(0) })
  .meta({ id: 'CatalogueReload' });
