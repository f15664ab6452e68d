import { scryptSync } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { checkPassword, hashPassword } from './password.js';

// Every password costs a derivation that is slow by intention.
jest.setTimeout(30_000);

describe('a password', () => {
  test('is stored with its parameters, never twice the same', async () => {
    const [one, two] = await Promise.all([hashPassword('secret secret'), hashPassword('secret secret')]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
  });

  test('is right only where it is the same', async () => {
    const stored = await hashPassword('pässwort 密码');
    expect(await checkPassword('pässwort 密码', stored)).toBe('right');
    // The same characters composed in another way, as another keyboard sends them.
    expect(await checkPassword('pässwort 密码'.normalize('NFD'), stored)).toBe('right');
    expect(await checkPassword('passwort 密码', stored)).toBe('wrong');
    expect(await checkPassword('', stored)).toBe('wrong');
  });

  test('under weaker parameters than ours is right and says so', async () => {
    const salt = Buffer.alloc(16, 7);
    const key = scryptSync('old', salt, 32, { N: 1024, r: 8, p: 1 });
    const plain = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
    const stored = `$scrypt$ln=10,r=8,p=1$${plain(salt)}$${plain(key)}`;
    expect(await checkPassword('old', stored)).toBe('right-but-weakly-hashed');
    expect(await checkPassword('new', stored)).toBe('wrong');
  });

  test.each([
    undefined,
    '',
    'secret',
    '$scrypt$ln=15,r=8,p=1$short$short',
    `$scrypt$ln=30,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    `$scrypt$ln=15,r=99,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
    `$argon2id$ln=15,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
  ])('is wrong against %p, after the same work', async (stored) => {
    const began = process.cpuUsage();
    expect(await checkPassword('secret', stored)).toBe('wrong');
    const unreadable = process.cpuUsage(began);
    const again = process.cpuUsage();
    await checkPassword('secret', await REAL);
    const real = process.cpuUsage(again);
    // Not a stopwatch: the point is that the derivation was not left out, which would be a thousandth.
    expect(unreadable.user).toBeGreaterThan(real.user / 10);
  });
});

const REAL = hashPassword('something else');
