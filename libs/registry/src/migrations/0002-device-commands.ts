import { type Kysely } from 'kysely';

/** No reference to the device: what the journal tells is kept, whatever became of the device since. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deviceCommand')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('deviceId', 'text', (is) => is.notNull())
    .addColumn('command', 'text', (is) => is.notNull())
    .addColumn('params', 'text', (is) => is.notNull())
    .addColumn('actor', 'text', (is) => is.notNull())
    .addColumn('reason', 'text', (is) => is.notNull())
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .addColumn('expires', 'bigint', (is) => is.notNull())
    .addColumn('replyTimeoutMs', 'integer', (is) => is.notNull())
    .addColumn('offset', 'bigint', (is) => is.notNull())
    .addColumn('state', 'text', (is) => is.notNull())
    .addColumn('sentAt', 'bigint')
    .addColumn('endedAt', 'bigint')
    .addColumn('cancelledBy', 'text')
    .addColumn('message', 'text')
    .addColumn('reply', 'text')
    .addColumn('revision', 'bigint', (is) => is.notNull())
    .execute();
  await db.schema
    .createIndex('deviceCommandByDevice')
    .on('deviceCommand')
    .columns(['deviceId', 'offset'])
    .execute();
  await db.schema.createIndex('deviceCommandByState').on('deviceCommand').column('state').execute();
}
