import { Inject, Injectable } from '@nestjs/common';
import { Registry } from '@watchfire/registry';
import { type Logger } from 'pino';
import { LOG } from '../dependencies.js';

export interface AuditEntry {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly address: string | null;
}

/**
 * The audit trail. An entry that cannot be written does not undo an act that has happened, nor hide it from the person who
 * did it: the entry goes to the log instead, and the server is not ready until the trail takes entries again.
 */
@Injectable()
export class AuditTrail {
  #failed = 0;
  #healthy = true;

  constructor(
    private readonly registry: Registry,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  async write(entry: AuditEntry): Promise<void> {
    try {
      await this.registry.audit.append(entry);
      this.#healthy = true;
    } catch (error) {
      this.#failed++;
      this.#healthy = false;
      this.log.error({ err: error, audit: entry }, 'audit entry was not written');
    }
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  get failed(): number {
    return this.#failed;
  }
}
