import { type Selectable } from 'kysely';
import { type Database, type Now } from '../database.js';
import { type RuleOverride, type RuleOverrideRow } from '../rows.js';
import { type RuleOverrideTable } from '../schema.js';

/** What sites changed in the rules of the catalogue. Every version is kept; the highest is in force. */
export class RuleOverrideRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  /** @throws RegistryError `not_found` for an unknown device. */
  async put(override: Omit<RuleOverrideRow, 'version' | 'at'>): Promise<RuleOverrideRow> {
    return this.db.transaction().execute(async (work) => {
      const latest = await work
        .selectFrom('ruleOverride')
        .select((is) => is.fn.max('version').as('version'))
        .where('deviceId', '=', override.deviceId)
        .where('ruleKey', '=', override.ruleKey)
        .executeTakeFirst();
      const row: RuleOverrideRow = { ...override, version: (latest?.version ?? 0) + 1, at: this.now() };
      await work
        .insertInto('ruleOverride')
        .values({
          deviceId: row.deviceId,
          ruleKey: row.ruleKey,
          version: row.version,
          body: JSON.stringify(row.body),
          reason: row.reason,
          author: row.by,
          at: row.at,
        })
        .execute();
      return row;
    });
  }

  /** The overrides in force, by rule key. */
  async forDevice(deviceId: string): Promise<RuleOverrideRow[]> {
    const rows = await this.inForce().where('ruleOverride.deviceId', '=', deviceId).execute();
    return rows.map(toOverride);
  }

  /** The overrides in force of all devices, by device and rule key. */
  async all(): Promise<RuleOverrideRow[]> {
    return (await this.inForce().execute()).map(toOverride);
  }

  /** Every version of one rule, newest first. */
  async history(deviceId: string, ruleKey: string): Promise<RuleOverrideRow[]> {
    const rows = await this.db
      .selectFrom('ruleOverride')
      .selectAll()
      .where('deviceId', '=', deviceId)
      .where('ruleKey', '=', ruleKey)
      .orderBy('version', 'desc')
      .execute();
    return rows.map(toOverride);
  }

  private inForce() {
    return this.db
      .selectFrom('ruleOverride')
      .selectAll('ruleOverride')
      .where((is) =>
        is.not(
          is.exists(
            is
              .selectFrom('ruleOverride as newer')
              .select('newer.version')
              .whereRef('newer.deviceId', '=', 'ruleOverride.deviceId')
              .whereRef('newer.ruleKey', '=', 'ruleOverride.ruleKey')
              .whereRef('newer.version', '>', 'ruleOverride.version'),
          ),
        ),
      )
      .orderBy('ruleOverride.deviceId')
      .orderBy('ruleOverride.ruleKey');
  }
}

function toOverride(row: Selectable<RuleOverrideTable>): RuleOverrideRow {
  return {
    deviceId: row.deviceId,
    ruleKey: row.ruleKey,
    version: row.version,
    body: JSON.parse(row.body) as RuleOverride,
    reason: row.reason,
    by: row.author,
    at: row.at,
  };
}
