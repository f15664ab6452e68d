import { type Kysely } from 'kysely';

/** Sites under fire supervision: their people, buildings, floors, fire zones, components, and what came of their fire alarms. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await units(db);
  await places(db);
  await components(db);
  await acceptance(db);
}

async function units(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('fireUnit')
    .addColumn('siteId', 'text', (is) => is.primaryKey().notNull().references('site.id'))
    .addColumn('kind', 'text', (is) => is.notNull())
    .addColumn('address', 'text')
    .addColumn('note', 'text')
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .execute();
  await db.schema
    .createTable('fireContact')
    .addColumn('siteId', 'text', (is) => is.notNull().references('fireUnit.siteId'))
    .addColumn('position', 'integer', (is) => is.notNull())
    .addColumn('duty', 'text', (is) => is.notNull())
    .addColumn('name', 'text')
    .addColumn('phone', 'text', (is) => is.notNull())
    .addPrimaryKeyConstraint('fireContactPlace', ['siteId', 'position'])
    .execute();
}

async function places(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('firePlace')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('siteId', 'text', (is) => is.notNull().references('fireUnit.siteId'))
    .addColumn('kind', 'text', (is) => is.notNull())
    .addColumn('parentId', 'text', (is) => is.references('firePlace.id'))
    .addColumn('name', 'text', (is) => is.notNull())
    .addColumn('level', 'integer')
    .addColumn('use', 'text')
    .addColumn('area', 'double precision')
    .addColumn('height', 'double precision')
    .addColumn('planHash', 'text')
    .addColumn('planType', 'text')
    .addColumn('planBytes', 'integer')
    .addColumn('planWidth', 'integer')
    .addColumn('planHeight', 'integer')
    .addColumn('planAt', 'bigint')
    .execute();
  await db.schema.createIndex('firePlaceBySite').on('firePlace').columns(['siteId', 'parentId']).execute();
}

async function components(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('fireComponent')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('deviceId', 'text', (is) => is.notNull().references('device.id'))
    .addColumn('systemType', 'integer', (is) => is.notNull())
    .addColumn('systemAddress', 'integer', (is) => is.notNull())
    .addColumn('address', 'bigint', (is) => is.notNull())
    .addColumn('addressText', 'text', (is) => is.notNull())
    .addColumn('componentType', 'integer')
    .addColumn('description', 'text')
    .addColumn('label', 'text')
    .addColumn('pointId', 'text')
    .addColumn('floorId', 'text', (is) => is.references('firePlace.id'))
    .addColumn('zoneId', 'text', (is) => is.references('firePlace.id'))
    .addColumn('x', 'double precision')
    .addColumn('y', 'double precision')
    .addColumn('states', 'text')
    .addColumn('statesAt', 'bigint')
    .addColumn('fireAt', 'bigint')
    .addColumn('lastOffset', 'bigint', (is) => is.notNull())
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .addUniqueConstraint('fireComponentAddress', ['deviceId', 'systemType', 'systemAddress', 'address'])
    .execute();
  await db.schema.createIndex('fireComponentByPoint').on('fireComponent').column('pointId').execute();
}

async function acceptance(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('acceptanceRecord')
    .addColumn('seq', 'bigint', (is) => is.primaryKey().notNull())
    .addColumn('alarmId', 'text', (is) => is.notNull())
    .addColumn('eventId', 'text', (is) => is.notNull())
    .addColumn('siteId', 'text', (is) => is.notNull())
    .addColumn('enterpriseId', 'text', (is) => is.notNull())
    .addColumn('confirmation', 'text', (is) => is.notNull())
    .addColumn('drill', 'integer', (is) => is.notNull())
    .addColumn('firstAlarmAt', 'bigint', (is) => is.notNull())
    .addColumn('recordedAt', 'bigint', (is) => is.notNull())
    .addColumn('recordedBy', 'text', (is) => is.notNull())
    .addColumn('body', 'text', (is) => is.notNull())
    .execute();
  await db.schema
    .createIndex('acceptanceByOccurrence')
    .on('acceptanceRecord')
    .columns(['alarmId', 'eventId', 'seq'])
    .execute();
  await db.schema
    .createIndex('acceptanceBySite')
    .on('acceptanceRecord')
    .columns(['siteId', 'firstAlarmAt'])
    .execute();
}
