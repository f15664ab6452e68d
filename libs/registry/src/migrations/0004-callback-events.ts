import { type Kysely } from 'kysely';

/** Which reports of platforms have come. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('callbackEvent')
    .addColumn('integration', 'text', (is) => is.notNull())
    .addColumn('eventId', 'text', (is) => is.notNull())
    .addColumn('at', 'bigint', (is) => is.notNull())
    .addPrimaryKeyConstraint('callbackEventKey', ['integration', 'eventId'])
    .execute();
  await db.schema.createIndex('callbackEventByAge').on('callbackEvent').column('at').execute();
}
