import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CamelCasePlugin, Kysely, sql } from 'kysely';
import { MIGRATIONS, migrate } from './migrate.js';
import { Registry } from './registry.js';
import { DeadLetterRepository } from './repositories/dead-letters.js';
import { type DeadLetterRow } from './rows.js';
import { type RegistrySchema } from './schema.js';
import { SqlThread } from './sql-thread.js';
import { SqliteThreadDialect } from './sqlite-dialect.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'registry-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (): Promise<Registry> => Registry.open({ directory, lockTimeoutMs: 50 });

/** The file without the repositories over it. */
async function withFile<T>(work: (db: Kysely<RegistrySchema>) => Promise<T>): Promise<T> {
  const thread = await SqlThread.open({ file: path.join(directory, 'registry.db'), lockTimeoutMs: 50 });
  const db = new Kysely<RegistrySchema>({
    dialect: new SqliteThreadDialect(thread),
    plugins: [new CamelCasePlugin()],
  });
  try {
    return await work(db);
  } finally {
    await db.destroy();
    await thread.close();
  }
}

describe('opening', () => {
  test('makes the folder and an empty schema; a second start finds what the first one wrote', async () => {
    directory = path.join(directory, 'deep', 'data');
    const first = await open();
    const enterprise = await first.enterprises.create({ name: '甲' });
    const site = await first.sites.create({
      enterpriseId: enterprise.id,
      name: '罐区',
      longitude: 120,
      latitude: 30,
    });
    await first.devices.create({
      id: 'dev-1',
      siteId: site.id,
      profile: 'lift',
      name: '一号',
    });
    await first.close();

    const second = await open();
    expect((await second.devices.all()).map((one) => [one.device.id, one.site, one.enterprise])).toEqual([
      ['dev-1', site, enterprise],
    ]);
    await second.close();
  });

  test('puts the file under WAL with every commit on disk, and checks references', async () => {
    const pragmas = await withFile(async (db) => {
      const read = async (name: string): Promise<unknown> =>
        Object.values(
          (await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(db)).rows[0] ?? {},
        )[0];
      return [await read('journal_mode'), await read('synchronous'), await read('foreign_keys')];
    });
    expect(pragmas).toEqual(['wal', 2, 1]);
  });

  test('is refused while another registry has the file, and works when that one has closed', async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({ name: 'RegistryError', code: 'locked' });
    await first.close();
    await (await open()).close();
  });

  test('of a file that is no database is refused and leaves it as it was', async () => {
    await writeFile(
      path.join(directory, 'registry.db'),
      'this is somebody’s letter and no database at all'.repeat(40),
    );
    await expect(open()).rejects.toMatchObject({ code: 'storage' });
  });

  test('where no folder can be is refused', async () => {
    await writeFile(path.join(directory, 'file'), '');
    await expect(Registry.open({ directory: path.join(directory, 'file', 'data') })).rejects.toThrow();
    await mkdir(path.join(directory, 'other', 'registry.db'), { recursive: true });
    await expect(Registry.open({ directory: path.join(directory, 'other') })).rejects.toMatchObject({
      code: 'storage',
    });
  });
});

describe('migration', () => {
  test('of a newer program is refused, and nothing is touched', async () => {
    await (await open()).close();
    await withFile((db) =>
      migrate(db, {
        ...MIGRATIONS,
        '9999-later': {
          up: (later: Kysely<unknown>) => later.schema.createTable('later').addColumn('a', 'text').execute(),
        },
      }),
    );
    await expect(open()).rejects.toMatchObject({
      code: 'schema_newer',
      message: expect.stringContaining('9999-later'),
    });
    // The newer program still works on its file.
    await withFile(async (db) => {
      await sql`insert into later values ('kept')`.execute(db);
    });
  });

  test('that fails half-way leaves nothing of itself', async () => {
    await (await open()).close();
    const failing = {
      ...MIGRATIONS,
      '9999-failing': {
        up: async (db: Kysely<unknown>) => {
          await db.schema.createTable('half').addColumn('a', 'text').execute();
          await sql`insert into nowhere values (1)`.execute(db);
        },
      },
    };
    await withFile(async (db) => {
      await expect(migrate(db, failing)).rejects.toMatchObject({ code: 'storage' });
      const tables = await db.introspection.getTables();
      expect(tables.map((table) => table.name)).not.toContain('half');
    });
    await (await open()).close();
  });

  test('runs once', async () => {
    await (await open()).close();
    await (await open()).close();
    const done = await withFile(
      async (db) => (await sql<{ name: string }>`select name from migration`.execute(db)).rows,
    );
    expect(done).toEqual(Object.keys(MIGRATIONS).map((name) => ({ name })));
  });
});

test('credentials of the version before become the first credential of their device', async () => {
  await withFile(async (db) => {
    await migrate(db, { '0001-first': MIGRATIONS['0001-first']! });
    await sql`insert into enterprise values ('ent-1', 'x', 1)`.execute(db);
    await sql`insert into site (id, enterprise_id, name, created_at) values ('site-1', 'ent-1', 'x', 1)`.execute(
      db,
    );
    for (const [id, hash] of [
      ['dev-1', 'sha256$salt$hash'],
      ['dev-2', null],
    ]) {
      await sql`insert into device (id, site_id, profile, name, dialect, credential_hash, disabled, created_at)
        values (${id}, 'site-1', 'lift', 'x', 'standard', ${hash}, 0, 7)`.execute(db);
    }
  });
  const registry = await open();
  expect(await registry.credentials.all()).toMatchObject([
    { deviceId: 'dev-1', kind: 'password', secret: 'sha256$salt$hash', createdAt: 7, revokedAt: null },
  ]);
  expect(await registry.devices.find('dev-1')).toMatchObject({ gatewayId: null, wireName: null, keys: {} });
  await registry.close();
});

test('overrides of the version before become layers of their device, each value with who entered it first', async () => {
  await withFile(async (db) => {
    const before = Object.entries(MIGRATIONS).filter(([name]) => name < '0005');
    await migrate(db, Object.fromEntries(before));
    const add = (version: number, body: object, author: string) =>
      sql`insert into rule_override (device_id, rule_key, version, body, reason, author, at)
        values ('dev-1', 'level', ${version}, ${JSON.stringify(body)}, 'why', ${author}, ${version})`.execute(
        db,
      );
    await sql`pragma foreign_keys = off`.execute(db);
    await add(1, { enabled: false, limits: { H: 5 }, onDelayMs: 1_500 }, 'amy');
    await add(2, { limits: { H: 5, HH: 9 }, onDelayMs: 2_000 }, 'bob');
  });
  const registry = await open();
  const [newest, first] = await registry.rules.history({
    layer: 'device',
    subject: 'dev-1',
    part: '',
    ruleKey: 'level',
  });
  const entry = (value: unknown, by: string, at: number) => ({
    value,
    source: null,
    confidence: 'default',
    by,
    approvedBy: null,
    at,
    reason: 'why',
  });
  expect(first?.entries).toEqual({
    enabled: entry(false, 'amy', 1),
    'limits.H.limit': entry(5, 'amy', 1),
    onDelaySeconds: entry(1.5, 'amy', 1),
  });
  expect(newest).toMatchObject({ version: 2, by: 'bob', at: 2, reason: 'why', approvedBy: null });
  expect(newest?.entries).toEqual({
    'limits.H.limit': entry(5, 'amy', 1),
    'limits.HH.limit': entry(9, 'bob', 2),
    onDelaySeconds: entry(2, 'bob', 2),
  });
  await registry.close();
});

describe('writers at the same time', () => {
  test('come one after the other: no number twice, none missing', async () => {
    const registry = await open();
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        registry.audit.append({ actor: `user-${index}`, action: 'tested', subject: 'x' }),
      ),
    );
    const { items, total } = await registry.audit.list({ limit: 100 });
    expect(total).toBe(60);
    expect(items.map((entry) => entry.seq)).toEqual(Array.from({ length: 60 }, (_, index) => 60 - index));
    await registry.close();
  });

  test('a transaction that fails takes only its own with it', async () => {
    const registry = await open();
    const cells = [{ code: '1', name: '区', level: 'district' as const, parentCode: null }];
    const results = await Promise.allSettled([
      registry.grid.upsert([...cells, { code: '9', name: '街', level: 'street', parentCode: 'nowhere' }]),
      registry.enterprises.create({ id: 'ent-1', name: '甲' }),
      registry.enterprises.create({ id: 'ent-1', name: '乙' }),
      registry.enterprises.create({ id: 'ent-2', name: '丙' }),
    ]);
    expect(results.map((result) => result.status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await registry.grid.all()).toEqual([]);
    expect((await registry.enterprises.list({ limit: 10 })).items.map((one) => one.name)).toEqual([
      '甲',
      '丙',
    ]);
    await registry.close();
  });
});

test('a full file refuses the write as storage, keeps what it had, and works on when there is room', async () => {
  await (await open()).close();
  await withFile(async (db) => {
    const letters = new DeadLetterRepository(db);
    const letter = (id: number, bytes: number): DeadLetterRow => ({
      id,
      deviceId: null,
      topic: 't',
      code: 'c',
      message: 'm',
      at: 1,
      payload: new Uint8Array(bytes),
      replayedAt: null,
    });
    await letters.append([letter(1, 10)]);
    const { rows } = await sql<{ pageCount: number }>`pragma page_count`.execute(db);
    await sql`pragma max_page_count = ${sql.lit((rows[0]?.pageCount ?? 0) + 4)}`.execute(db);
    await expect(letters.append([letter(2, 10), letter(3, 1_000_000)])).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('full'),
    });
    expect((await letters.list({ limit: 10 })).items.map((one) => one.id)).toEqual([1]);
    await sql`pragma max_page_count = 100000`.execute(db);
    await letters.append([letter(2, 10), letter(3, 1_000_000)]);
    expect((await letters.list({ limit: 10 })).total).toBe(3);
  });
});

test('closing does first what was asked before, and refuses what comes after', async () => {
  const registry = await open();
  const asked = registry.enterprises.create({ id: 'ent-last', name: '末' });
  await asked;
  await registry.close();
  await expect(registry.enterprises.list({ limit: 1 })).rejects.toThrow();
  const again = await open();
  expect(await again.enterprises.find('ent-last')).toBeDefined();
  await again.close();
});

/**
 * A process that has committed one enterprise, has written another in a transaction that is still open, says so, and is then
 * killed. It runs the built storage thread, since Node cannot start a worker from TypeScript.
 */
const KILLED = `
  import { Worker } from 'node:worker_threads';
  const { registryWorkerEntry } = await import(process.argv[1]);
  const worker = new Worker(registryWorkerEntry, {
    workerData: { file: process.argv[2], lockTimeoutMs: 50 },
    execArgv: [],
  });
  const statements = [
    "insert into enterprise values ('ent-committed', 'a', 1)",
    'begin immediate',
    "insert into enterprise values ('ent-open', 'b', 2)",
  ];
  worker.on('message', (message) => {
    if ('error' in message || 'openFailed' in message) { console.log(JSON.stringify(message)); process.exit(1); }
    const sql = statements.shift();
    if (sql) worker.postMessage({ id: statements.length, sql, parameters: [] });
    else console.log('in transaction');
  });
`;

test('kill -9 in a transaction: what was committed is there, what was not is not, the lock is free', async () => {
  await (await open()).close();
  const entry = new URL('../../../dist/libs/registry/src/registry-worker-entry.js', import.meta.url).href;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', KILLED, entry, path.join(directory, 'registry.db')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_, signal) => resolve(signal)),
  );
  const said = await new Promise<string>((resolve) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString()));
    child.once('exit', () => resolve('ended'));
  });
  expect(said.trim()).toBe('in transaction');
  child.kill('SIGKILL');
  expect(await exited).toBe('SIGKILL');

  const registry = await open();
  expect((await registry.enterprises.list({ limit: 10 })).items.map((one) => one.id)).toEqual([
    'ent-committed',
  ]);
  await registry.close();
});

test('[FI27] duty checks of the version before are noted already: nobody is alarmed by what is over for weeks', async () => {
  await withFile(async (db) => {
    const before = Object.entries(MIGRATIONS).filter(([name]) => name < '0010');
    await migrate(db, Object.fromEntries(before));
    await sql`pragma foreign_keys = off`.execute(db);
    for (const [offset, command] of ['duty_check', 'read_state'].entries()) {
      await sql`insert into device_command (id, device_id, command, params, actor, reason, created_at, expires,
          reply_timeout_ms, state, sent_at, "offset", revision)
        values (${`cmd-${offset}`}, 'dev-1', ${command}, '{}', 'amy', 'x', 7, 8, 9, 'succeeded', 7, ${offset + 1}, 5)`.execute(
        db,
      );
    }
  });
  const registry = await open();
  expect(await registry.deviceCommands.unsettledDutyChecks(0)).toEqual([]);
  expect(await registry.dutyNotes.missed()).toEqual([]);
  const [row] = (await registry.deviceCommands.list({ deviceId: 'dev-1', limit: 5 })).items;
  const later = { ...row!, id: 'cmd-9', command: 'duty_check', offset: 9 };
  await registry.deviceCommands.put([later]);
  expect((await registry.deviceCommands.unsettledDutyChecks(0)).map(({ id }) => id)).toEqual(['cmd-9']);
  expect(await registry.deviceCommands.unsettledDutyChecks(9)).toEqual([]);
  await registry.close();
});
