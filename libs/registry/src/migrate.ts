import { Migrator, sql, type Kysely, type Migration } from 'kysely';
import { RegistryError } from './errors.js';
import * as first from './migrations/0001-first.js';
import * as deviceCommands from './migrations/0002-device-commands.js';
import * as deviceLife from './migrations/0003-device-life.js';
import * as callbackEvents from './migrations/0004-callback-events.js';
import * as ruleLayers from './migrations/0005-rule-layers.js';
import * as deviceMembers from './migrations/0006-device-members.js';
import * as approvals from './migrations/0007-approvals.js';
import * as fireUnits from './migrations/0008-fire-units.js';
import * as dutyAnswers from './migrations/0009-duty-answers.js';
import * as dutyPlans from './migrations/0010-duty-plans.js';
import * as fireSystems from './migrations/0011-fire-systems.js';

/** In order of their names; what has been released is never edited, and there is no way back but a backup. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-device-commands': deviceCommands,
  '0003-device-life': deviceLife,
  '0004-callback-events': callbackEvents,
  '0005-rule-layers': ruleLayers,
  '0006-device-members': deviceMembers,
  '0007-approvals': approvals,
  '0008-fire-units': fireUnits,
  '0009-duty-answers': dutyAnswers,
  '0010-duty-plans': dutyPlans,
  '0011-fire-systems': fireSystems,
};

const MIGRATION_TABLE = 'migration';

/**
 * Brings the schema up to `migrations`, each in its own transaction.
 *
 * @throws RegistryError `schema_newer` before anything is changed, where the file knows a migration that this program does not.
 */
export async function migrate<T>(
  db: Kysely<T>,
  migrations: Readonly<Record<string, Migration>> = MIGRATIONS,
): Promise<void> {
  const newer = (await applied(db)).filter((name) => !(name in migrations));
  if (newer.length > 0) {
    throw new RegistryError(
      'schema_newer',
      `the registry was written by a newer version (${newer.join(', ')}): start that version, or restore a backup`,
    );
  }
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: `${MIGRATION_TABLE}_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  if (error instanceof RegistryError) throw error;
  if (error !== undefined)
    throw new RegistryError('storage', 'the registry could not be migrated', { cause: error });
}

async function applied<T>(db: Kysely<T>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === MIGRATION_TABLE)) return [];
  const found = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)}`.execute(db);
  return found.rows.map((row) => row.name);
}
