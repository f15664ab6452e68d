import { sql, type Kysely } from 'kysely';

/** Several credentials a device, claim codes, devices behind gateways, and what gateways named that nobody knows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await credentials(db);
  await gateways(db);
  await claims(db);
  await quarantine(db);
}

async function credentials(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deviceCredential')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('deviceId', 'text', (is) => is.notNull().references('device.id'))
    .addColumn('kind', 'text', (is) => is.notNull())
    .addColumn('label', 'text', (is) => is.notNull())
    .addColumn('lookup', 'text')
    .addColumn('secret', 'text')
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .addColumn('createdBy', 'text', (is) => is.notNull())
    .addColumn('expiresAt', 'bigint')
    .addColumn('revokedAt', 'bigint')
    .addColumn('revokedBy', 'text')
    .addColumn('revokeReason', 'text')
    .addColumn('lastUsedAt', 'bigint')
    .addColumn('lastUsedFrom', 'text')
    .addUniqueConstraint('deviceCredentialLookup', ['kind', 'lookup'])
    .execute();
  await db.schema.createIndex('deviceCredentialByDevice').on('deviceCredential').column('deviceId').execute();
  // A device had one at most, so that its own id tells the credential apart.
  await sql`
    insert into device_credential (id, device_id, kind, label, secret, created_at, created_by)
    select 'cred-' || id, id, 'password', '', credential_hash, created_at, 'system'
    from device where credential_hash is not null`.execute(db);
  await db.schema.alterTable('device').dropColumn('credentialHash').execute();
}

async function gateways(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('device')
    .addColumn('gatewayId', 'text', (is) => is.references('device.id'))
    .execute();
  await db.schema.alterTable('device').addColumn('wireName', 'text').execute();
  await db.schema.alterTable('device').addColumn('keys', 'text').execute();
  await db.schema
    .createIndex('deviceBehindGateway')
    .on('device')
    .columns(['gatewayId', 'wireName'])
    .unique()
    .execute();
}

async function claims(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('claim')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('codeHash', 'text', (is) => is.notNull().unique())
    .addColumn('siteId', 'text', (is) => is.notNull().references('site.id'))
    .addColumn('profile', 'text', (is) => is.notNull())
    .addColumn('dialect', 'text', (is) => is.notNull())
    .addColumn('name', 'text')
    .addColumn('createdAt', 'bigint', (is) => is.notNull())
    .addColumn('createdBy', 'text', (is) => is.notNull())
    .addColumn('expiresAt', 'bigint', (is) => is.notNull())
    .addColumn('cancelledAt', 'bigint')
    .addColumn('redeemedAt', 'bigint')
    .addColumn('asked', 'text')
    .addColumn('deviceId', 'text', (is) => is.references('device.id'))
    .addColumn('credentialId', 'text', (is) => is.references('deviceCredential.id'))
    .execute();
  await db.schema.createIndex('claimByAge').on('claim').columns(['createdAt', 'id']).execute();
}

async function quarantine(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('quarantine')
    .addColumn('id', 'text', (is) => is.primaryKey().notNull())
    .addColumn('gatewayId', 'text', (is) => is.notNull())
    .addColumn('wireName', 'text', (is) => is.notNull())
    .addColumn('address', 'text')
    .addColumn('firstSeenAt', 'bigint', (is) => is.notNull())
    .addColumn('lastSeenAt', 'bigint', (is) => is.notNull())
    .addColumn('lastOffset', 'bigint', (is) => is.notNull())
    .addColumn('count', 'bigint', (is) => is.notNull())
    .addColumn('sample', 'blob', (is) => is.notNull())
    .addUniqueConstraint('quarantineName', ['gatewayId', 'wireName'])
    .execute();
  await db.schema.createIndex('quarantineByAge').on('quarantine').columns(['lastSeenAt', 'id']).execute();
}
