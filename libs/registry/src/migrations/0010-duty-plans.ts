import { type Kysely, sql } from 'kysely';

/** What the alarm engine was told of duty checks, and when checks are made by themselves. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('dutyNote')
    .addColumn('checkId', 'text', (is) => is.notNull())
    .addColumn('what', 'text', (is) => is.notNull())
    .addColumn('deviceId', 'text', (is) => is.notNull())
    .addColumn('verdict', 'text')
    .addColumn('at', 'bigint', (is) => is.notNull())
    .addColumn('offset', 'bigint', (is) => is.notNull())
    .addPrimaryKeyConstraint('dutyNoteKey', ['checkId', 'what'])
    .execute();
  await db.schema.createIndex('dutyNoteByDevice').on('dutyNote').columns(['deviceId', 'at']).execute();
  await db.schema
    .createIndex('deviceCommandByName')
    .on('deviceCommand')
    .columns(['command', 'offset'])
    .execute();
  await db.schema
    .createIndex('deviceCommandByTime')
    .on('deviceCommand')
    .columns(['command', 'createdAt'])
    .execute();
  // Checks of an earlier version raise no alarm weeks later.
  await sql`insert into duty_note (check_id, what, device_id, verdict, at, "offset")
    select id, 'closed', device_id, null, created_at, "offset" from device_command
    where command = 'duty_check'`.execute(db);
  await db.schema
    .createTable('dutyPlan')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('name', 'text', (is) => is.notNull())
    .addColumn('body', 'text', (is) => is.notNull())
    .addColumn('enabled', 'integer', (is) => is.notNull())
    .addColumn('revision', 'integer', (is) => is.notNull())
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .addColumn('changedAt', 'bigint', (is) => is.notNull())
    .addColumn('changedBy', 'text', (is) => is.notNull())
    .addColumn('coveredTo', 'bigint', (is) => is.notNull())
    .addColumn('removedAt', 'bigint')
    .execute();
  await db.schema
    .createTable('dutyDay')
    .addColumn('planId', 'text', (is) => is.notNull().references('dutyPlan.id'))
    .addColumn('day', 'integer', (is) => is.notNull())
    .addColumn('seed', 'text', (is) => is.notNull())
    .addPrimaryKeyConstraint('dutyDayKey', ['planId', 'day'])
    .execute();
  await db.schema
    .createTable('dutyRun')
    .addColumn('planId', 'text', (is) => is.notNull().references('dutyPlan.id'))
    .addColumn('at', 'bigint', (is) => is.notNull())
    .addColumn('state', 'text', (is) => is.notNull())
    .addColumn('recordedAt', 'bigint', (is) => is.notNull())
    .addColumn('sent', 'integer', (is) => is.notNull())
    .addColumn('undelivered', 'integer', (is) => is.notNull())
    .addColumn('refused', 'integer', (is) => is.notNull())
    .addPrimaryKeyConstraint('dutyRunKey', ['planId', 'at'])
    .execute();
}
