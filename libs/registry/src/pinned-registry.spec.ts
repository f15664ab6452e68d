import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkRegistryCopy } from './pinned-registry.js';
import { Registry } from './registry.js';

let folder: string;
let registry: Registry;

const open = (directory: string): Promise<Registry> =>
  Registry.open({ directory, hashPassword: (password) => Promise.resolve(`plain ${password}`) });
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watchfire-registry-'));
  registry = await open(join(folder, 'registry'));
});
afterEach(async () => {
  await registry.close();
  await rm(folder, { recursive: true });
});

const note = async (count: number, characters = 10): Promise<void> => {
  for (let entry = 0; entry < count; entry += 1)
    await registry.audit.append({ actor: 'system', action: 'test', subject: 'x'.repeat(characters) });
};

describe('a pinned registry', () => {
  it('[BK4] does not change its file, and the copy is what it was when it was pinned', async () => {
    await note(3);
    const pinned = await registry.pin();
    const bytes = await readFile(pinned.file);
    await note(12, 500_000); // More than SQLite would keep in the log by itself.
    await registry.users.create({
      username: 'late',
      displayName: '',
      role: 'operator',
      password: 'of-a-test-only',
    });
    expect(Buffer.compare(bytes, await readFile(pinned.file))).toBe(0);
    const copy = join(folder, 'registry.db');
    await copyFile(pinned.file, copy);
    expect(pinned.beside.map((file) => basename(file))).toEqual(['device-secrets.key']);
    await copyFile(pinned.beside[0]!, join(folder, 'device-secrets.key'));
    expect(await pinned.release()).toBe(true);
    await checkRegistryCopy(copy);
    const restored = await open(folder);
    expect((await restored.audit.list({ limit: 10 })).total).toBe(3);
    expect(await restored.users.count()).toBe(0);
    await restored.close();
  });

  it('[BK4] says that its file was changed where it was closed meanwhile', async () => {
    const pinned = await registry.pin();
    await registry.close();
    expect(await pinned.release()).toBe(false);
  });

  it('[BK5] is refused where a page of the copy is damaged', async () => {
    const pinned = await registry.pin();
    const bytes = await readFile(pinned.file);
    await pinned.release();
    bytes.fill(0xff, 8_192, 12_288);
    const copy = join(folder, 'registry.db');
    await writeFile(copy, bytes);
    await expect(checkRegistryCopy(copy)).rejects.toThrow();
  });
});
