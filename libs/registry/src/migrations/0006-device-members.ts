import { type Kysely } from 'kysely';

/** The points that the rules of a device of logic (a voting group, a fire zone, a risk area) read from other devices. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('device').addColumn('members', 'text').execute();
}
