import { Injectable } from '@nestjs/common';
import { type Command } from '@watchfire/alarm';
import { type Alarm, type ApprovalView } from '@watchfire/contracts';
import { EngineHost } from '@watchfire/engine';
import { type ApprovalRow } from '@watchfire/registry';
import { Approvals } from '../approvals/approvals.js';
import { type Principal } from '../access/principal.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Problem } from '../problem/problem.js';
import { toAlarm } from '../views/alarm-view.js';

const ALARM_COMMAND = 'alarm-command';

type Done<T> = { readonly done: T } | { readonly waits: ApprovalView };
type AboutAlarm = Extract<Command, { readonly alarmId: string }>;
type AboutRule = Extract<Command, { readonly deviceId: string }>;

/** Gives acts of people to the engine. What needs a second person waits for one; the engine says which that is. */
@Injectable()
export class AlarmDesk {
  constructor(
    private readonly engine: EngineHost,
    private readonly objects: VisibleObjects,
    private readonly approvals: Approvals,
  ) {
    approvals.offer({
      kind: ALARM_COMMAND,
      roles: ['supervisor', 'administrator'],
      perform: (request, approvedBy) => this.#perform(request, approvedBy),
    });
  }

  async act(command: AboutAlarm, who: Principal, comment: string | null): Promise<Alarm> {
    const answer = await this.actOrAsk(command, who, comment);
    if ('waits' in answer) throw new Problem('approval_required');
    return answer.done;
  }

  async actOrAsk(command: AboutAlarm, who: Principal, comment: string | null): Promise<Done<Alarm>> {
    // Asked before the journal is: a person must not leave a trace in an alarm that they may not see.
    const { enterpriseId } = await this.objects.alarm(command.alarmId, who.visibility);
    const { alarm, refused } = await this.engine.submit(command, who.user.username, comment);
    if (refused?.code === 'approval_required') {
      return { waits: await this.#ask(command, command.alarmId, enterpriseId, comment, who) };
    }
    if (refused !== undefined) throw new Problem(refused.code, refused.message);
    return { done: toAlarm(alarm ?? (await this.objects.alarm(command.alarmId, who.visibility))) };
  }

  async actOnRule(command: AboutRule, who: Principal, comment: string | null): Promise<Done<null>> {
    const { deviceId, ruleKey } = command;
    const { enterprise } = await this.objects.device(deviceId, who.visibility);
    const { refused } = await this.engine.submit(command, who.user.username, comment);
    if (refused?.code === 'approval_required') {
      return { waits: await this.#ask(command, `${deviceId}/${ruleKey}`, enterprise.id, comment, who) };
    }
    if (refused !== undefined) throw new Problem(refused.code, refused.message);
    return { done: null };
  }

  #ask(
    command: Command,
    subject: string,
    enterpriseId: string,
    reason: string | null,
    who: Principal,
  ): Promise<ApprovalView> {
    const body = { ...command };
    return this.approvals.ask(
      { kind: ALARM_COMMAND, subject, enterpriseId, body, reason: reason ?? '' },
      who,
    );
  }

  async #perform({ body, requestedBy, reason }: ApprovalRow, approvedBy: string): Promise<void> {
    // Written by `#ask` and by nobody else.
    const command = { ...body, approvedBy } as unknown as Command;
    const { refused } = await this.engine.submit(command, requestedBy, reason);
    if (refused !== undefined) throw new Problem(refused.code, refused.message);
  }
}
