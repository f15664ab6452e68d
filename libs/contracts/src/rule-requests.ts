import { z } from 'zod';

const text = z.string().trim().min(1).max(1000);
const scalar = z.union([z.number(), z.boolean(), z.string().trim().min(1).max(1000)]);
const list = z.array(scalar).min(1).max(100);

/** Of a value within a rule, dotted: `limits.H.limit`. */
const valuePath = z
  .string()
  .regex(/^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$/u, 'names joined by dots')
  .max(128);
const MOST_VALUES = 64;
const values = z
  .record(valuePath, z.union([scalar, list, z.record(z.string().max(64), z.union([scalar, list]))]))
  .refine((given) => Object.keys(given).length <= MOST_VALUES, `at most ${MOST_VALUES} values`);

const change = {
  reason: text,
  /** Where the values come from, for example a hazard study with its date; default: the layer. */
  source: z.string().trim().min(1).max(200).optional(),
  confidence: z.enum(['standard', 'secondary', 'memory', 'default']).optional(),
  /** The version of the layer that the person saw; refused as `rule_moved_on` when there is a newer one. */
  baseVersion: z.number().int().min(0).optional(),
};

/** All that a layer says of a rule from now on; what is not in it falls back to the layer beneath. */
export const layerChange = z.strictObject({ ...change, values });

/** As `layerChange`; the short form names what overrides were first made for. */
export const ruleOverride = z.strictObject({
  ...change,
  values: values.optional(),
  enabled: z.boolean().optional(),
  /** New limits by level (`HH`, `H`, `L`, `LL`), in the unit of the point. */
  limits: z.partialRecord(z.enum(['HH', 'H', 'L', 'LL']), z.number()).optional(),
  /** In the unit of the point. */
  deadband: z.number().min(0).optional(),
  onDelayMs: z.number().int().min(0).max(86_400_000).optional(),
  offDelayMs: z.number().int().min(0).max(86_400_000).optional(),
  /** For stale and offline rules. */
  afterMs: z.number().int().min(1_000).max(604_800_000).optional(),
});

/** Gives a layer the values again that it had at `layerVersion`; 0 takes all that it says away. */
export const ruleRevert = z.strictObject({
  layerVersion: z.number().int().min(0),
  reason: text,
  baseVersion: z.number().int().min(0).optional(),
});
