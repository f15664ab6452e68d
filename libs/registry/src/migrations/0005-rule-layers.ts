import { sql, type Kysely } from 'kysely';

/** Overrides of a site and of a point beside those of a device, value by value; and what the catalogue said when. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ruleLayer')
    .addColumn('layer', 'text', (is) => is.notNull())
    .addColumn('subject', 'text', (is) => is.notNull())
    .addColumn('part', 'text', (is) => is.notNull())
    .addColumn('ruleKey', 'text', (is) => is.notNull())
    .addColumn('version', 'integer', (is) => is.notNull())
    .addColumn('entries', 'text', (is) => is.notNull())
    .addColumn('reason', 'text', (is) => is.notNull())
    .addColumn('author', 'text', (is) => is.notNull())
    .addColumn('approvedBy', 'text')
    .addColumn('at', 'bigint', (is) => is.notNull())
    .addPrimaryKeyConstraint('ruleLayerKey', ['layer', 'subject', 'part', 'ruleKey', 'version'])
    .execute();
  await db.schema
    .createTable('catalogueVersion')
    .addColumn('profile', 'text', (is) => is.notNull())
    .addColumn('version', 'integer', (is) => is.notNull())
    .addColumn('at', 'bigint', (is) => is.notNull())
    .addColumn('body', 'text', (is) => is.notNull())
    .addPrimaryKeyConstraint('catalogueVersionKey', ['profile', 'version'])
    .execute();
  await takeOver(db);
  await db.schema.dropTable('ruleOverride').execute();
}

interface OldRow {
  readonly deviceId: string;
  readonly ruleKey: string;
  readonly version: number;
  readonly body: string;
  readonly reason: string;
  readonly author: string;
  readonly at: number;
}

interface OldBody {
  readonly enabled?: boolean;
  readonly limits?: Readonly<Record<string, number>>;
  readonly deadband?: number;
  readonly onDelayMs?: number;
  readonly offDelayMs?: number;
  readonly afterMs?: number;
}

interface Entry {
  readonly value: unknown;
  readonly at: number;
}

/** Each value keeps the name of who entered it first and was never contradicted since. */
async function takeOver(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<OldRow>`
    select device_id, rule_key, version, body, reason, author, at
    from rule_override order by device_id, rule_key, version`.execute(db);
  let before: { readonly of: string; readonly entries: Readonly<Record<string, Entry>> } | undefined;
  for (const { deviceId, ruleKey, version, body, reason, author, at } of rows) {
    const of = `${deviceId} ${ruleKey}`;
    const known = before?.of === of ? before.entries : {};
    const mine = { by: author, approvedBy: null, at, reason, source: null, confidence: 'default' };
    const entries = Object.fromEntries(
      valuesOf(JSON.parse(body) as OldBody).map(([path, value]): [string, Entry] => {
        const old = known[path];
        return [path, old !== undefined && old.value === value ? old : { value, ...mine }];
      }),
    );
    await sql`
      insert into rule_layer (layer, subject, part, rule_key, version, entries, reason, author, at)
      values ('device', ${deviceId}, '', ${ruleKey}, ${version}, ${JSON.stringify(entries)}, ${reason}, ${author}, ${at})
    `.execute(db);
    before = { of, entries };
  }
}

function valuesOf(body: OldBody): [string, unknown][] {
  const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
  const all: [string, unknown][] = [
    ['enabled', body.enabled],
    ...Object.entries(body.limits ?? {}).map(([level, limit]): [string, unknown] => [
      `limits.${level}.limit`,
      limit,
    ]),
    ['deadband', body.deadband],
    ['onDelaySeconds', seconds(body.onDelayMs)],
    ['offDelaySeconds', seconds(body.offDelayMs)],
    ['afterSeconds', seconds(body.afterMs)],
  ];
  return all.filter(([, value]) => value !== undefined);
}
