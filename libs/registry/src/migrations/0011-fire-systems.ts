import { type Kysely } from 'kysely';

/** What fire systems said of themselves last, as components do. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('fireSystem')
    .addColumn('deviceId', 'text', (is) => is.notNull().references('device.id'))
    .addColumn('systemType', 'integer', (is) => is.notNull())
    .addColumn('systemAddress', 'integer', (is) => is.notNull())
    .addColumn('states', 'text', (is) => is.notNull())
    .addColumn('statesAt', 'bigint', (is) => is.notNull())
    .addColumn('lastOffset', 'bigint', (is) => is.notNull())
    .addPrimaryKeyConstraint('fireSystemKey', ['deviceId', 'systemType', 'systemAddress'])
    .execute();
}
