import { sql, type Kysely } from 'kysely';

/** What is written once and never again: who did what, and what was made of fire alarms. */
const APPEND_ONLY = ['audit', 'acceptance_record'];

/**
 * Makes them append-only in the store itself, below every query of this program. The one piece of SQL that belongs to
 * SQLite alone; on PostgreSQL, revoked rights do the same.
 */
export async function guardAudit<T>(db: Kysely<T>): Promise<void> {
  for (const table of APPEND_ONLY) {
    const refusal = sql.lit(`the ${table} is append-only`);
    await sql`create trigger if not exists ${sql.raw(table)}_never_changes before update on ${sql.raw(table)}
      begin select raise(abort, ${refusal}); end`.execute(db);
    await sql`create trigger if not exists ${sql.raw(table)}_never_forgets before delete on ${sql.raw(table)}
      begin select raise(abort, ${refusal}); end`.execute(db);
  }
}
