import { type DeviceCommands } from '@watchfire/commands';
import {
  type Clock,
  type DeadLetterProjection,
  type EngineHost,
  type FireComponentProjection,
  type HistoryOutbox,
} from '@watchfire/engine';
import { type History } from '@watchfire/history';
import { type Journal } from '@watchfire/journal';
import { type Registry } from '@watchfire/registry';
import { type Settings } from '@watchfire/settings';
import { type Logger } from 'pino';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Codes that ended unused, so that their maker can still see what became of them. */
const CLAIMS_KEPT_DAYS = 30;

export interface MaintenanceDependencies {
  readonly settings: Settings;
  readonly journal: Journal;
  readonly history: History;
  readonly registry: Registry;
  readonly engine: EngineHost;
  readonly deadLetters: DeadLetterProjection;
  readonly fireComponents: FireComponentProjection;
  readonly outbox: HistoryOutbox | undefined;
  readonly commands: DeviceCommands;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Gives back, once an hour, what no longer has to be kept. */
export class Maintenance {
  readonly #deps: MaintenanceDependencies;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: MaintenanceDependencies) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.run().catch((error: unknown) => this.#deps.log.error({ err: error }, 'maintenance failed'));
    }, HOUR_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async run(): Promise<void> {
    const {
      settings,
      journal,
      history,
      registry,
      engine,
      deadLetters,
      fireComponents,
      outbox,
      commands,
      clock,
    } = this.#deps;
    const now = clock.now();
    // Nothing that a store, or a restart from the last snapshot, still needs may go.
    const sent = outbox?.offset ?? Infinity;
    const letters = Math.min(deadLetters.offset, fireComponents.offset);
    const projected = Math.min(await history.cursor(), letters, commands.offset, sent);
    const needed = Math.min(engine.status().snapshotOffset, projected) + 1;
    await journal.retain(needed, now - settings.journal.retentionDays * DAY_MS);
    const { telemetryDays, minuteDays, hourDays, alarmDays } = settings.history;
    await history.retain({
      samples: now - telemetryDays * DAY_MS,
      minutes: now - minuteDays * DAY_MS,
      hours: now - hourDays * DAY_MS,
      events: now - alarmDays * DAY_MS,
    });
    await registry.idempotency.trim(now - DAY_MS);
    await registry.callbackEvents.trim();
    await registry.sessions.trim();
    await registry.claims.trim(now - CLAIMS_KEPT_DAYS * DAY_MS);
  }
}
