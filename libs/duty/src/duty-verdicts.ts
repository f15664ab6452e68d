import { type FireDutyCheck } from '@watchfire/contracts';
import { type DutyAnswer as Answered, DutyChecks, type DutyOutcome } from '@watchfire/protocol';
import { type DeviceCommandRow, type DutyAnswer } from '@watchfire/registry';

/** Where the command says nothing else; that of the command's own form. */
const DEFAULT_MINUTES = 10;
/** Not a byte of it went out. One that nobody confirmed did go out: somebody may press the key. */
const UNDELIVERED = new Set<DeviceCommandRow['state']>(['refused', 'expired', 'cancelled']);

interface Step {
  readonly at: number;
  readonly take: (checks: DutyChecks) => Answered;
}

interface Late {
  readonly at: number;
  readonly operator: number;
}

const NOTHING: Answered = { outcomes: [] };

/**
 * What became of duty checks: the commands and the keys that were pressed, in the order of their times, given to the matcher. Judged when
 * somebody looks, from what is on record: the same for everybody, and after a restart. [FI24]
 */
export function dutyVerdicts(
  commands: readonly DeviceCommandRow[],
  answers: readonly DutyAnswer[],
  now: number,
): FireDutyCheck[] {
  const checks = new DutyChecks();
  const steps = [...commands.flatMap((command) => stepsOf(command)), ...answers.map(stepOfAnswer)];
  const closing = new Map<string, number>();
  const outcomes = new Map<string, DutyOutcome>();
  const lates = new Map<string, Late>();
  // A stable sort: what is asked and answered at once is asked first.
  for (const { at, take } of steps.sort((a, b) => a.at - b.at)) {
    if (at > now) break;
    for (const one of checks.due(at)) outcomes.set(one.checkId, one);
    const { outcomes: taken, late } = take(checks);
    for (const one of taken) outcomes.set(one.checkId, one);
    if (late !== undefined) lates.set(late.checkId, { at, operator: late.operator });
    for (const { checkId, closesAt } of checks.checks()) closing.set(checkId, closesAt);
  }
  for (const one of checks.due(now)) outcomes.set(one.checkId, one);
  return commands.map((command) => ({
    ...viewOf(command, outcomes.get(command.id), lates.get(command.id)),
    closesAt: closing.get(command.id) ?? null,
  }));
}

function stepsOf(command: DeviceCommandRow): Step[] {
  const { id: checkId, deviceId, sentAt, endedAt, state } = command;
  if (sentAt === null) return [];
  const ask = (checks: DutyChecks): Answered => {
    checks.ask({ checkId, deviceId, minutes: minutesOf(command) }, sentAt);
    return NOTHING;
  };
  const end = (checks: DutyChecks): Answered => {
    if (state === 'succeeded') checks.delivered(checkId);
    const outcome = UNDELIVERED.has(state) ? checks.undelivered(checkId, endedAt ?? sentAt) : undefined;
    return outcome === undefined ? NOTHING : { outcomes: [outcome] };
  };
  return [{ at: sentAt, take: ask }, ...(endedAt === null ? [] : [{ at: endedAt, take: end }])];
}

function minutesOf({ params }: DeviceCommandRow): number {
  return typeof params['minutes'] === 'number' ? params['minutes'] : DEFAULT_MINUTES;
}

function stepOfAnswer({ deviceId, at, operator }: DutyAnswer): Step {
  return { at, take: (checks) => checks.answered(deviceId, at, operator) };
}

function viewOf(
  command: DeviceCommandRow,
  outcome: DutyOutcome | undefined,
  late: Late | undefined,
): Omit<FireDutyCheck, 'closesAt'> {
  const { id, deviceId, actor, reason, createdAt, sentAt, state } = command;
  const neverSent = sentAt === null && UNDELIVERED.has(state) ? 'undelivered' : null;
  return {
    ...{ id, deviceId, reason, askedBy: actor, requestedAt: createdAt, askedAt: sentAt },
    minutes: minutesOf(command),
    verdict: outcome?.verdict ?? neverSent,
    answeredAt: outcome?.verdict === 'present' ? outcome.closedAt : null,
    lateAt: late?.at ?? null,
    operator: outcome?.operator ?? late?.operator ?? null,
  };
}
