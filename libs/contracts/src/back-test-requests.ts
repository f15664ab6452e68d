import { z } from 'zod';
import { ruleOverride } from './rule-requests.js';

const id = z.string().min(1).max(64);
const time = z.number().int().min(0).max(8.64e15);

/** Which devices: by id, or all of a site or a profile that have the rule. `override` as for `PUT /devices/{id}/rules/{ruleKey}`. */
export const backTestRequest = z
  .strictObject({
    deviceIds: z.array(id).min(1).max(1_000).optional(),
    siteId: id.optional(),
    profile: id.optional(),
    ruleKey: id,
    override: ruleOverride.omit({ reason: true, baseVersion: true, source: true, confidence: true }),
    /** Epoch ms; what was received in `from <= t < to` counts. `to` is at most now. */
    from: time,
    to: time,
  })
  .superRefine(({ deviceIds, siteId, profile, from, to }, context) => {
    const named = [deviceIds, siteId, profile].filter((one) => one !== undefined).length;
    if (named !== 1) {
      context.addIssue({ code: 'custom', path: ['deviceIds'], message: 'one of deviceIds, siteId, profile' });
    }
    if (from >= to) context.addIssue({ code: 'custom', path: ['from'], message: 'must be before `to`' });
  });
