import { type Kysely } from 'kysely';

/** When somebody pressed the key that answers a duty check. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('dutyAnswer')
    .addColumn('offset', 'bigint', (is) => is.primaryKey().notNull())
    .addColumn('deviceId', 'text', (is) => is.notNull())
    .addColumn('at', 'bigint', (is) => is.notNull())
    .addColumn('operator', 'integer', (is) => is.notNull())
    .execute();
  await db.schema.createIndex('dutyAnswerByDevice').on('dutyAnswer').columns(['deviceId', 'at']).execute();
}
