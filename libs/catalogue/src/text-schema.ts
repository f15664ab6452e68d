import { z } from 'zod';

/** One line or a few, in one language. */
export const text = z.string().trim().min(1).max(400);

/** Every text that a person reads, in both languages. */
export const bilingual = z.strictObject({ zh: text, en: text });
