import { type RuleLayerName } from '@watchfire/contracts';
import { type Selectable } from 'kysely';
import { type Database, type Now, type Work } from '../database.js';
import { RegistryError } from '../errors.js';
import { type EnteredValue, type NewRuleLayer, type RuleLayerRow } from '../rows.js';
import { type RuleLayerTable } from '../schema.js';

/** Which layer of which rule. */
export type RuleLayerKey = Pick<RuleLayerRow, 'layer' | 'subject' | 'part' | 'ruleKey'>;

/** What sites, devices and points say of a rule in place of the catalogue. Every version is kept; the highest is in force. */
export class RuleLayerRepository {
  constructor(
    private readonly db: Database,
    private readonly now: Now,
  ) {}

  /**
   * Writes the next version. A value that was there before stays the entry of the person who made it.
   *
   * @throws RegistryError `not_found` for an unknown site or device.
   */
  async put(change: NewRuleLayer): Promise<RuleLayerRow> {
    return this.db.transaction().execute(async (work) => {
      await requireSubject(work, change);
      const latest = await ofRule(work, change).orderBy('version', 'desc').limit(1).executeTakeFirst();
      const before = latest === undefined ? undefined : toRow(latest);
      const { entries, ...rest } = change;
      const at = this.now();
      const row: RuleLayerRow = {
        ...rest,
        version: (before?.version ?? 0) + 1,
        at,
        entries: Object.fromEntries(
          Object.entries(entries).map(([path, entry]): [string, EnteredValue] => {
            const old = before?.entries[path];
            const same =
              old !== undefined &&
              JSON.stringify([old.value, old.source, old.confidence]) ===
                JSON.stringify([entry.value, entry.source, entry.confidence]);
            const { by, approvedBy, reason } = change;
            return [path, same ? old : { ...entry, by, approvedBy, at, reason }];
          }),
        ),
      };
      const { by, entries: stored, ...columns } = row;
      await work
        .insertInto('ruleLayer')
        .values({ ...columns, author: by, entries: JSON.stringify(stored) })
        .execute();
      return row;
    });
  }

  /** In force for one device: of its site and profile, of itself, and of its points. */
  async forDevice(device: {
    readonly id: string;
    readonly siteId: string;
    readonly profile: string;
  }): Promise<RuleLayerRow[]> {
    const rows = await this.inForce()
      .where((is) =>
        is.or([
          is.and({
            'ruleLayer.layer': 'site',
            'ruleLayer.subject': device.siteId,
            'ruleLayer.part': device.profile,
          }),
          is.and([is('ruleLayer.layer', '!=', 'site'), is('ruleLayer.subject', '=', device.id)]),
        ]),
      )
      .execute();
    return rows.map(toRow);
  }

  /** In force for a site as a whole, for all profiles. */
  async forSite(siteId: string): Promise<RuleLayerRow[]> {
    const rows = await this.inForce()
      .where('ruleLayer.layer', '=', 'site')
      .where('ruleLayer.subject', '=', siteId)
      .execute();
    return rows.map(toRow);
  }

  /** All that are in force. */
  async all(): Promise<RuleLayerRow[]> {
    return (await this.inForce().execute()).map(toRow);
  }

  /** Every version of one layer of a rule, newest first. */
  async history(key: RuleLayerKey): Promise<RuleLayerRow[]> {
    return (await ofRule(this.db, key).orderBy('version', 'desc').execute()).map(toRow);
  }

  private inForce() {
    return this.db
      .selectFrom('ruleLayer')
      .selectAll('ruleLayer')
      .where((is) =>
        is.not(
          is.exists(
            is
              .selectFrom('ruleLayer as newer')
              .select('newer.version')
              .whereRef('newer.layer', '=', 'ruleLayer.layer')
              .whereRef('newer.subject', '=', 'ruleLayer.subject')
              .whereRef('newer.part', '=', 'ruleLayer.part')
              .whereRef('newer.ruleKey', '=', 'ruleLayer.ruleKey')
              .whereRef('newer.version', '>', 'ruleLayer.version'),
          ),
        ),
      )
      .orderBy('ruleLayer.layer')
      .orderBy('ruleLayer.subject')
      .orderBy('ruleLayer.part')
      .orderBy('ruleLayer.ruleKey');
  }
}

function ofRule(db: Database | Work, { layer, subject, part, ruleKey }: RuleLayerKey) {
  return db
    .selectFrom('ruleLayer')
    .selectAll()
    .where('layer', '=', layer)
    .where('subject', '=', subject)
    .where('part', '=', part)
    .where('ruleKey', '=', ruleKey);
}

/** The subject is a site or a device, so that no foreign key can hold it. */
async function requireSubject(work: Work, { layer, subject }: RuleLayerKey): Promise<void> {
  const table = layer === 'site' ? 'site' : 'device';
  const found = await work.selectFrom(table).select('id').where('id', '=', subject).executeTakeFirst();
  if (found === undefined) throw new RegistryError('not_found', `${table} ${subject}`);
}

function toRow({ author, entries, layer, ...row }: Selectable<RuleLayerTable>): RuleLayerRow {
  return {
    ...row,
    layer: layer as RuleLayerName,
    by: author,
    entries: JSON.parse(entries) as RuleLayerRow['entries'],
  };
}
