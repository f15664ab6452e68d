import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SecretBox } from './secret-box.js';

let folder: string;
const file = (name = 'key'): string => path.join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'secret-box-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the key is made once, for this user only, and opens what was sealed before a restart', async () => {
  const sealed = (await SecretBox.open(file())).seal('s3cret', 'cred-1');
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect((await stat(file())).size).toBe(32);
  expect((await SecretBox.open(file())).open(sealed, 'cred-1')).toBe('s3cret');
  expect(sealed).not.toContain('s3cret');
});

test('what is sealed opens for its owner, with its key, unchanged, and otherwise not', async () => {
  const box = await SecretBox.open(file());
  const other = await SecretBox.open(file('other'));
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(), (text, owner, at) => {
      const sealed = box.seal(text, owner);
      expect(box.open(sealed, owner)).toBe(text);
      expect(box.seal(text, owner)).not.toBe(sealed);
      expect(box.open(sealed, `${owner}x`)).toBeUndefined();
      expect(other.open(sealed, owner)).toBeUndefined();
      const bytes = Buffer.from(sealed.slice('gcm1$'.length), 'base64url');
      bytes[at % bytes.length]! ^= 1;
      expect(box.open(`gcm1$${bytes.toString('base64url')}`, owner)).toBeUndefined();
    }),
  );
  for (const rubbish of ['', 'gcm1$', 'gcm1$AAAA', 'sha256$x$y']) {
    expect(box.open(rubbish, 'cred-1')).toBeUndefined();
  }
});

test('a file that is no key is refused and left as it is', async () => {
  await writeFile(file(), 'too short');
  await expect(SecretBox.open(file())).rejects.toMatchObject({ code: 'storage' });
  await expect(SecretBox.open(file('no/folder'))).rejects.toMatchObject({ code: 'storage' });
});
