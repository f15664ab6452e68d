import { POINT_KEY_PATTERN, PRIORITIES } from '@watchfire/contracts';
import { z } from 'zod';

/** A value that says which source of the file it comes `from`. */
export const from = z.string().min(1);
export const sourced = <T extends z.ZodType>(value: T) => z.strictObject({ value, from });

export const key = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'lower case letters, digits and -');
export const pointKey = z.string().regex(POINT_KEY_PATTERN);
export const number = sourced(z.number());
export const natural = sourced(z.number().min(0));
export const seconds = sourced(z.number().min(0).max(604_800));
export const window = sourced(z.number().min(1).max(86_400));
export const priority = sourced(z.enum(PRIORITIES));
export const state = z.union([z.number(), z.boolean(), z.string()]);
export const delays = { onDelaySeconds: seconds, offDelaySeconds: seconds };
