import { type FireDutyCheck } from '@watchfire/contracts';
import { DutyChecks, type DutyOutcome } from '@watchfire/protocol';
import { type DeviceCommandRow, type DutyAnswer } from '@watchfire/registry';

/** Where the command says nothing else; that of the command's own form. */
const DEFAULT_MINUTES = 10;
const UNDELIVERED = new Set<DeviceCommandRow['state']>([
  'failed',
  'timed-out',
  'refused',
  'expired',
  'cancelled',
]);

interface Step {
  readonly at: number;
  readonly take: (checks: DutyChecks) => readonly DutyOutcome[];
}

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
  // A stable sort: what is asked and answered at once is asked first.
  for (const { at, take } of steps.sort((a, b) => a.at - b.at)) {
    if (at > now) break;
    for (const one of [...checks.due(at), ...take(checks)]) outcomes.set(one.checkId, one);
    for (const { checkId, closesAt } of checks.checks()) closing.set(checkId, closesAt);
  }
  for (const one of checks.due(now)) outcomes.set(one.checkId, one);
  return commands.map((command) => viewOf(command, outcomes.get(command.id), closing.get(command.id)));
}

function stepsOf({ id: checkId, deviceId, params, sentAt, endedAt, state }: DeviceCommandRow): Step[] {
  if (sentAt === null) return [];
  const minutes = typeof params['minutes'] === 'number' ? params['minutes'] : DEFAULT_MINUTES;
  const steps: Step[] = [
    {
      at: sentAt,
      take: (checks) => {
        checks.ask({ checkId, deviceId, minutes }, sentAt);
        return [];
      },
    },
  ];
  if (endedAt === null) return steps;
  const take = (checks: DutyChecks): DutyOutcome[] => {
    if (state === 'succeeded') checks.delivered(checkId);
    const outcome = UNDELIVERED.has(state) ? checks.undelivered(checkId, endedAt) : undefined;
    return outcome === undefined ? [] : [outcome];
  };
  return [...steps, { at: endedAt, take }];
}

function stepOfAnswer({ deviceId, at, operator }: DutyAnswer): Step {
  return { at, take: (checks) => checks.answered(deviceId, at, operator).outcomes };
}

function viewOf(
  { id, deviceId, actor, reason, createdAt, sentAt, state }: DeviceCommandRow,
  outcome: DutyOutcome | undefined,
  closesAt: number | undefined,
): FireDutyCheck {
  const neverSent = sentAt === null && UNDELIVERED.has(state) ? 'undelivered' : null;
  const isPresent = outcome?.verdict === 'present';
  return {
    ...{ id, deviceId, reason, askedBy: actor, requestedAt: createdAt, askedAt: sentAt },
    closesAt: closesAt ?? null,
    verdict: outcome?.verdict ?? neverSent,
    answeredAt: isPresent ? outcome.closedAt : null,
    operator: outcome?.operator ?? null,
  };
}
