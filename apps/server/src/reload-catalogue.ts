import { CatalogueError } from '@watchfire/catalogue';
import { type Commissioning } from '@watchfire/commissioning';
import { type Registry } from '@watchfire/registry';
import { type Logger } from 'pino';

/** Who asks by a signal has the right to start and stop the server, and no name. */
const ACTOR = 'system';

/** SIGHUP: the catalogue is read again, and what came of it is in the log and in the audit trail. Never rejects. */
export async function reloadCatalogue({
  registry,
  commissioning,
  log,
}: {
  readonly registry: Registry;
  readonly commissioning: Commissioning;
  readonly log: Logger;
}): Promise<void> {
  const entry = { actor: ACTOR, action: 'catalogue-reloaded', subject: '', address: null };
  try {
    const change = await commissioning.catalogue.reload(ACTOR);
    log.info(change, 'the catalogue was read again');
    await registry.audit.append({ ...entry, detail: { ...change, outcome: 'done' } });
  } catch (error) {
    if (error instanceof CatalogueError) {
      log.error({ problems: error.problems }, 'the catalogue was not read again: nothing is changed');
    } else {
      log.error({ err: error }, 'the catalogue was not read again');
    }
    const outcome = error instanceof CatalogueError ? 'catalogue_invalid' : 'internal';
    await registry.audit.append({ ...entry, detail: { outcome } }).catch((failed: unknown) => {
      log.error({ err: failed }, 'the audit trail did not take an entry');
    });
  }
}
