import { z } from 'zod';
import { deviceId as id } from './device-life-requests.js';
import { EXPOSURE_KIND_NAMES, FIGURE_GROUPINGS } from './figures.js';

export const exposureQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(400).optional(),
  siteId: id.optional(),
  deviceId: id.optional(),
  kind: z.enum(EXPOSURE_KIND_NAMES).optional(),
  /** Only what concerns a rule of a safety class. */
  safety: z.stringbool().optional(),
});
export const exposureExportQuery = exposureQuery.omit({ limit: true, cursor: true });

export const figuresQuery = z.strictObject({
  from: z.coerce.number().int(),
  to: z.coerce.number().int(),
  siteId: id.optional(),
  by: z.enum(FIGURE_GROUPINGS).optional(),
});
