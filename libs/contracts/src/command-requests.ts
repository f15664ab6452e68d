import { z } from 'zod';
import { COMMAND_NAME_PATTERN, paramsProblem } from './device-command.js';

const reason = z.string().trim().min(1).max(1000);

export const commandRequest = z.strictObject({
  command: z.string().regex(COMMAND_NAME_PATTERN, 'a letter, then letters, digits, _ . -, at most 64'),
  params: z
    .record(z.string(), z.unknown())
    .superRefine((params, context) => {
      const message = paramsProblem(params);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .default({}),
  /** Epoch ms; default one minute from now, at most a day ahead. The command is never handed over then or later. */
  expires: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  reason,
  /** How long after it was sent an answer is waited for. */
  replyTimeoutSeconds: z.number().int().min(1).max(3_600).default(30),
});
export const cancelRequest = z.strictObject({ reason });
