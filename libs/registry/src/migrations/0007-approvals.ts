import { type Kysely } from 'kysely';

/** What one person has asked for and another must agree to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('approval')
    .addColumn('id', 'text', (is) => is.notNull().primaryKey())
    .addColumn('kind', 'text', (is) => is.notNull())
    .addColumn('subject', 'text', (is) => is.notNull())
    .addColumn('enterpriseId', 'text')
    .addColumn('body', 'text', (is) => is.notNull())
    .addColumn('reason', 'text', (is) => is.notNull())
    .addColumn('requestedBy', 'text', (is) => is.notNull())
    .addColumn('requestedAt', 'bigint', (is) => is.notNull())
    .addColumn('expiresAt', 'bigint', (is) => is.notNull())
    .addColumn('state', 'text', (is) => is.notNull())
    .addColumn('decidedBy', 'text')
    .addColumn('decidedAt', 'bigint')
    .addColumn('comment', 'text')
    .execute();
  await db.schema
    .createIndex('approvalByTime')
    .on('approval')
    .columns(['state', 'requestedAt', 'id'])
    .execute();
}
