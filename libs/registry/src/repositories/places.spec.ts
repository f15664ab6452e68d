import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { type GridCellRow, type Paged, type PageRequest } from '../rows.js';

let temporary: TemporaryRegistry;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
});
afterEach(() => temporary.remove());

const DISTRICT: GridCellRow = { code: '1', name: '区', level: 'district', parentCode: null };
const STREET: GridCellRow = { code: '11', name: '街', level: 'street', parentCode: '1' };
const COMMUNITY: GridCellRow = { code: '111', name: '社区', level: 'community', parentCode: '11' };

/** Walks a list by its cursors; bounded, so that a cursor that stands still fails instead of hanging. */
async function walk<T>(list: (page: PageRequest) => Promise<Paged<T>>, limit: number): Promise<T[][]> {
  const pages: T[][] = [];
  let cursor: string | null | undefined;
  while (cursor !== null && pages.length < 50) {
    const page: Paged<T> = await list({ limit, ...(cursor !== undefined && { cursor }) });
    pages.push(page.items);
    cursor = page.nextCursor;
  }
  return pages;
}

describe('the grid', () => {
  test('takes cells in any order, and renames those that it has', async () => {
    const { grid } = temporary.registry;
    await grid.upsert([COMMUNITY, STREET, DISTRICT]);
    await grid.upsert([{ ...STREET, name: '新街' }]);
    expect(await grid.all()).toEqual([DISTRICT, { ...STREET, name: '新街' }, COMMUNITY]);
  });

  test('refuses a cell whose parent is missing or of the wrong level, and then takes none', async () => {
    const { grid } = temporary.registry;
    for (const wrong of [
      { ...COMMUNITY, parentCode: '1' },
      { ...STREET, parentCode: null },
      { ...DISTRICT, code: '2', parentCode: '1' },
      { ...STREET, code: '22', parentCode: '99' },
    ]) {
      await expect(grid.upsert([DISTRICT, wrong])).rejects.toMatchObject({ code: 'invalid' });
    }
    expect(await grid.all()).toEqual([]);
  });
});

describe('enterprises', () => {
  test('get an id that a topic can carry, and the time of the clock', async () => {
    const created = await temporary.registry.enterprises.create({ name: '澜屿储运' });
    expect(created).toEqual({
      id: expect.stringMatching(/^ent-[0-9a-hjkmnp-tv-z]{12}$/),
      name: '澜屿储运',
      createdAt: temporary.clock.now(),
    });
    expect(await temporary.registry.enterprises.find(created.id)).toEqual(created);
    expect(await temporary.registry.enterprises.find('ent-nobody')).toBeUndefined();
  });

  test('keep their ids apart', async () => {
    await temporary.registry.enterprises.create({ id: 'ent-1', name: '甲' });
    await expect(temporary.registry.enterprises.create({ id: 'ent-1', name: '乙' })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('page by key: every one once, in order, with the total, also while others are added', async () => {
    const { enterprises } = temporary.registry;
    for (const id of ['e', 'b', 'd', 'a', 'c']) await enterprises.create({ id, name: id });
    const pages = await walk((page) => enterprises.list(page), 2);
    expect(pages.map((page) => page.map((one) => one.id))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);

    const first = await enterprises.list({ limit: 2 });
    expect(first.total).toBe(5);
    await enterprises.create({ id: 'aa', name: 'behind the cursor' });
    const second = await enterprises.list({ limit: 2, cursor: first.nextCursor ?? '' });
    expect(second.items.map((one) => one.id)).toEqual(['c', 'd']);
  });

  test('narrow to one', async () => {
    const { enterprises } = temporary.registry;
    for (const id of ['a', 'b']) await enterprises.create({ id, name: id });
    const page = await enterprises.list({ limit: 10, enterpriseId: 'b' });
    expect([page.total, page.items.map((one) => one.id)]).toEqual([1, ['b']]);
  });

  test('refuse a cursor that is none, one of another list, and a limit out of range', async () => {
    const { enterprises, audit } = temporary.registry;
    const foreign = Buffer.from('17').toString('base64url');
    for (const page of [
      { limit: 5, cursor: '%%%' },
      { limit: 5, cursor: foreign },
      { limit: 0 },
      { limit: 1001 },
    ]) {
      await expect(enterprises.list(page)).rejects.toMatchObject({ code: 'invalid' });
    }
    await expect(
      audit.list({ limit: 5, cursor: Buffer.from('"a"').toString('base64url') }),
    ).rejects.toMatchObject({
      code: 'invalid',
    });
  });
});

describe('sites', () => {
  test('belong to an enterprise and a cell that exist', async () => {
    const { enterprises, grid, sites } = temporary.registry;
    await grid.upsert([DISTRICT, STREET, COMMUNITY]);
    await enterprises.create({ id: 'ent-1', name: '甲' });
    const created = await sites.create({
      enterpriseId: 'ent-1',
      name: '罐区',
      kind: 'tank-farm',
      gridCode: '111',
      longitude: 120.25,
      latitude: 29.5,
    });
    expect(await sites.find(created.id)).toEqual(created);
    await expect(sites.create({ enterpriseId: 'ent-2', name: 'x' })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('ent-2'),
    });
    await expect(sites.create({ enterpriseId: 'ent-1', name: 'x', gridCode: '999' })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('999'),
    });
    await expect(sites.create({ enterpriseId: 'ent-1', name: 'x', latitude: 1 })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  test('are listed by enterprise', async () => {
    const { enterprises, sites } = temporary.registry;
    for (const key of ['1', '2']) {
      await enterprises.create({ id: `ent-${key}`, name: key });
      await sites.create({ id: `site-${key}a`, enterpriseId: `ent-${key}`, name: 'a' });
      await sites.create({ id: `site-${key}b`, enterpriseId: `ent-${key}`, name: 'b' });
    }
    const page = await sites.list({ limit: 10, enterpriseId: 'ent-2' });
    expect([page.total, page.items.map((site) => site.id)]).toEqual([2, ['site-2a', 'site-2b']]);
    expect((await sites.list({ limit: 10, siteId: 'site-1b' })).items.map((site) => site.id)).toEqual([
      'site-1b',
    ]);
  });
});
