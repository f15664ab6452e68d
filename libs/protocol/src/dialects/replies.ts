import { boundedCopy } from '../device-event.js';
import { member, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { of, type Outcome } from './outcome.js';
import { type SentCommand } from './pending-commands.js';

export interface CommandResult {
  readonly ok: boolean;
  readonly data: unknown;
}

/** A reply to a command that is waited for, or its refusal. Data that cannot be kept do not cost the reply. */
export function addReply(
  outcome: Outcome,
  sent: SentCommand | undefined,
  { ok, data }: CommandResult,
  limits: DecodeLimits,
): Outcome {
  if (sent === undefined) {
    return outcome.refuse('unknown_command', 'a reply to a command that nobody waits for');
  }
  const kept = data === undefined ? undefined : boundedCopy(data, limits, outcome.refusals);
  return outcome.add({
    kind: 'command-reply',
    ...of(sent.child),
    commandId: sent.commandId,
    ok,
    ...(kept === undefined ? {} : { data: kept }),
  });
}

/** `{"id":"…","code":200,"data":{}}`: of anything but 200, the code and the text are what is told. */
export function codedResult(body: JsonObject, textField: string): CommandResult {
  const code = member(body, 'code');
  if (code === 200) return { ok: true, data: member(body, 'data') };
  return { ok: false, data: { code: code ?? null, message: member(body, textField) ?? null } };
}
