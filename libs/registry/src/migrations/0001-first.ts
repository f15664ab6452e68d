import { type Kysely, type SchemaModule } from 'kysely';

/** Column types that SQLite and PostgreSQL share; names are the ones in the file (CamelCasePlugin writes them so). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await places(db.schema);
  await devices(db.schema);
  await people(db.schema);
  await records(db.schema);
}

async function places(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('grid')
    .addColumn('code', 'text', (is) => is.primaryKey().notNull())
    .addColumn('name', 'text', (is) => is.notNull())
    .addColumn('level', 'text', (is) => is.notNull())
    .addColumn('parentCode', 'text', (is) => is.references('grid.code'))
    .execute();
  await schema
    .createTable('enterprise')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('name', 'text', (is) => is.notNull())
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .execute();
  await schema
    .createTable('site')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('enterpriseId', 'text', (is) => is.notNull().references('enterprise.id'))
    .addColumn('name', 'text', (is) => is.notNull())
    .addColumn('kind', 'text')
    .addColumn('gridCode', 'text', (is) => is.references('grid.code'))
    .addColumn('longitude', 'double precision')
    .addColumn('latitude', 'double precision')
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .execute();
  await schema.createIndex('siteByEnterprise').on('site').column('enterpriseId').execute();
}

async function devices(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('device')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('siteId', 'text', (is) => is.notNull().references('site.id'))
    .addColumn('profile', 'text', (is) => is.notNull())
    .addColumn('name', 'text', (is) => is.notNull())
    .addColumn('address', 'text')
    .addColumn('dialect', 'text', (is) => is.notNull())
    .addColumn('credentialHash', 'text')
    .addColumn('disabled', 'integer', (is) => is.notNull())
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .addUniqueConstraint('deviceAddress', ['profile', 'address'])
    .execute();
  await schema.createIndex('deviceBySite').on('device').column('siteId').execute();
  await schema
    .createTable('ruleOverride')
    .addColumn('deviceId', 'text', (is) => is.notNull().references('device.id'))
    .addColumn('ruleKey', 'text', (is) => is.notNull())
    .addColumn('version', 'integer', (is) => is.notNull())
    .addColumn('body', 'text', (is) => is.notNull())
    .addColumn('reason', 'text', (is) => is.notNull())
    .addColumn('author', 'text', (is) => is.notNull())
    .addColumn('at', 'bigint', (is) => is.notNull())
    .addPrimaryKeyConstraint('ruleOverrideKey', ['deviceId', 'ruleKey', 'version'])
    .execute();
}

async function people(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('user')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('username', 'text', (is) => is.notNull().unique())
    .addColumn('displayName', 'text', (is) => is.notNull())
    .addColumn('role', 'text', (is) => is.notNull())
    .addColumn('enterpriseId', 'text', (is) => is.references('enterprise.id'))
    .addColumn('passwordHash', 'text', (is) => is.notNull())
    .addColumn('disabled', 'integer', (is) => is.notNull())
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .execute();
  await schema
    .createTable('session')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('userId', 'text', (is) => is.notNull().references('user.id'))
    .addColumn('tokenHash', 'text', (is) => is.notNull().unique())
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .addColumn('expiresAt', 'bigint', (is) => is.notNull())
    .addColumn('address', 'text')
    .execute();
  await schema.createIndex('sessionByUser').on('session').column('userId').execute();
  await schema.createIndex('sessionByExpiry').on('session').column('expiresAt').execute();
}

async function records(schema: SchemaModule): Promise<void> {
  await schema
    .createTable('audit')
    .addColumn('seq', 'bigint', (is) => is.primaryKey().notNull())
    .addColumn('at', 'bigint', (is) => is.notNull())
    .addColumn('actor', 'text', (is) => is.notNull())
    .addColumn('action', 'text', (is) => is.notNull())
    .addColumn('subject', 'text', (is) => is.notNull())
    .addColumn('detail', 'text', (is) => is.notNull())
    .addColumn('address', 'text')
    .execute();
  await schema.createIndex('auditByActor').on('audit').columns(['actor', 'seq']).execute();
  await schema.createIndex('auditByAction').on('audit').columns(['action', 'seq']).execute();
  await schema
    .createTable('deadLetter')
    .addColumn('id', 'bigint', (is) => is.primaryKey().notNull())
    .addColumn('deviceId', 'text')
    .addColumn('topic', 'text', (is) => is.notNull())
    .addColumn('code', 'text', (is) => is.notNull())
    .addColumn('message', 'text', (is) => is.notNull())
    .addColumn('at', 'bigint', (is) => is.notNull())
    .addColumn('payload', 'blob', (is) => is.notNull())
    .addColumn('replayedAt', 'bigint')
    .execute();
  await schema.createIndex('deadLetterByDevice').on('deadLetter').columns(['deviceId', 'id']).execute();
  await schema
    .createTable('idempotency')
    .addColumn('actor', 'text', (is) => is.notNull())
    .addColumn('key', 'text', (is) => is.notNull())
    .addColumn('requestHash', 'text', (is) => is.notNull())
    .addColumn('status', 'integer')
    .addColumn('body', 'text')
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .addPrimaryKeyConstraint('idempotencyKey', ['actor', 'key'])
    .execute();
  await schema.createIndex('idempotencyByAge').on('idempotency').column('createdAt').execute();
}
