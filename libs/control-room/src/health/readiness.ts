import { Inject, Injectable } from '@nestjs/common';
import { EngineHost } from '@watchfire/engine';
import { History } from '@watchfire/history';
import { Journal } from '@watchfire/journal';
import { AuditTrail } from '../conduct/audit-trail.js';
import { READINESS } from '../dependencies.js';

/** Why the server cannot do its whole work now; empty when it can. */
@Injectable()
export class Readiness {
  constructor(
    private readonly journal: Journal,
    private readonly history: History,
    private readonly engine: EngineHost,
    private readonly trail: AuditTrail,
    @Inject(READINESS) private readonly others: () => readonly string[],
  ) {}

  async reasons(): Promise<readonly string[]> {
    const reasons: string[] = [];
    const journal = this.journal.health();
    if (!journal.ok) reasons.push(`journal: ${journal.code ?? 'failed'}${textOf(journal.reason)}`);
    if (this.journal.saturated()) reasons.push('journal: saturated, devices are made to wait');
    const history = await this.history.health();
    if (!history.ok) reasons.push(`history:${textOf(history.reason)}`);
    if (this.engine.status().replaying) reasons.push('engine: replaying the journal');
    if (!this.trail.healthy) reasons.push('audit: the last entry was not written');
    return [...reasons, ...this.others()];
  }
}

function textOf(reason: string | undefined): string {
  return reason === undefined ? '' : ` ${reason}`;
}
