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
/** A time that must pass before something is so. */
export const after = sourced(z.number().gt(0).max(31_536_000));
export const window = sourced(z.number().min(1).max(86_400));
export const times = sourced(z.number().int().min(2).max(100));
export const priority = sourced(z.enum(PRIORITIES));
export const level = z.string().min(1).max(32);
export const state = z.union([z.number(), z.boolean(), z.string()]);
export const states = sourced(z.array(state).min(1));
export const delays = { onDelaySeconds: seconds, offDelaySeconds: seconds };
/** So many samples on which it held, within the on-delay, raise it as well. */
export const countedDelays = { ...delays, onCount: times.optional() };
