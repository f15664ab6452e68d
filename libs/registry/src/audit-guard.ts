import { sql, type Kysely } from 'kysely';

/**
 * Makes the audit append-only in the store itself, below every query of this program. The one piece of SQL that belongs to
 * SQLite alone; on PostgreSQL, revoked rights do the same.
 */
export async function guardAudit<T>(db: Kysely<T>): Promise<void> {
  await sql`create trigger if not exists audit_never_changes before update on audit
    begin select raise(abort, 'the audit is append-only'); end`.execute(db);
  await sql`create trigger if not exists audit_never_forgets before delete on audit
    begin select raise(abort, 'the audit is append-only'); end`.execute(db);
}
