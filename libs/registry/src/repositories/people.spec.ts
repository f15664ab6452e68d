import { scryptSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { TemporaryRegistry } from '@watchfire/testing';
import { type UserRow } from '../rows.js';
import { SqlThread } from '../sql-thread.js';

// Every password costs a derivation that is slow by intention.
jest.setTimeout(30_000);

let temporary: TemporaryRegistry;
let amy: UserRow;
beforeEach(async () => {
  temporary = await TemporaryRegistry.open();
  amy = await temporary.registry.users.create({
    username: 'amy',
    displayName: '艾米',
    role: 'operator',
    password: 'correct horse battery',
  });
});
afterEach(() => temporary.remove());

const DAY_MS = 86_400_000;

describe('users', () => {
  test('sign in with their password and with nothing else', async () => {
    const { users } = temporary.registry;
    expect(await users.verify('amy', 'correct horse battery')).toEqual(amy);
    expect(await users.verify('amy', 'correct horse batterz')).toBeUndefined();
    expect(await users.verify('amy', '')).toBeUndefined();
    expect(await users.verify('bob', 'correct horse battery')).toBeUndefined();
    await users.setDisabled(amy.id, true);
    expect(await users.verify('amy', 'correct horse battery')).toBeUndefined();
  });

  test('are found by name and id, counted and listed by name', async () => {
    const { users } = temporary.registry;
    const bob = await users.create({
      username: 'bob',
      displayName: 'B',
      role: 'supervisor',
      password: 'x'.repeat(12),
    });
    expect(await users.findByUsername('amy')).toEqual(amy);
    expect(await users.find(bob.id)).toEqual(bob);
    expect(await users.count()).toBe(2);
    const page = await users.list({ limit: 1 });
    expect([page.items, page.total]).toEqual([[amy], 2]);
    expect((await users.list({ limit: 1, cursor: page.nextCursor ?? '' })).items).toEqual([bob]);
  });

  test('refuse a taken name, and an enterprise for anybody but its own people', async () => {
    const { users } = temporary.registry;
    const user = { username: 'eve', displayName: 'E', password: 'x'.repeat(12) };
    await expect(users.create({ ...user, username: 'amy', role: 'operator' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(users.create({ ...user, role: 'enterprise' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(users.create({ ...user, role: 'operator', enterpriseId: 'ent-1' })).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(users.create({ ...user, role: 'enterprise', enterpriseId: 'ent-9' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('change their password', async () => {
    const { users } = temporary.registry;
    await users.setPassword(amy.id, 'another password');
    expect(await users.verify('amy', 'correct horse battery')).toBeUndefined();
    expect(await users.verify('amy', 'another password')).toBeDefined();
    await expect(users.setPassword('usr-9', 'another password')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('with a weak hash of long ago get a strong one when they sign in', async () => {
    const salt = Buffer.alloc(16, 7);
    const key = scryptSync('long ago', salt, 32, { N: 1024, r: 8, p: 1 });
    const plain = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
    const weak = `$scrypt$ln=10,r=8,p=1$${plain(salt)}$${plain(key)}`;
    await temporary.registry.close();
    const file = path.join(temporary.directory, 'registry.db');
    const thread = await SqlThread.open({ file, lockTimeoutMs: 50 });
    await thread.run('update user set password_hash = ?', [weak]);
    await thread.close();

    const { users } = await temporary.reopen();
    expect(await users.verify('amy', 'of yesterday')).toBeUndefined();
    expect((await users.find(amy.id))?.passwordHash).toBe(weak);
    expect(await users.verify('amy', 'long ago')).toBeDefined();
    expect((await users.find(amy.id))?.passwordHash).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$/);
    expect(await users.verify('amy', 'long ago')).toBeDefined();
  });
});

describe('sessions', () => {
  test('are found by their token until they expire', async () => {
    const { sessions } = temporary.registry;
    const { token, session } = await sessions.create({
      userId: amy.id,
      address: '127.0.0.1',
      lifetimeMs: DAY_MS,
    });
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(session.expiresAt - session.createdAt).toBe(DAY_MS);
    expect(await sessions.find(token)).toEqual({ session, user: amy });
    expect(await sessions.find(`${token}x`)).toBeUndefined();
    expect(await sessions.find('')).toBeUndefined();
    temporary.clock.advance(DAY_MS - 1);
    expect(await sessions.find(token)).toBeDefined();
    temporary.clock.advance(1);
    expect(await sessions.find(token)).toBeUndefined();
    expect(await sessions.trim()).toBe(1);
  });

  test('survive a restart, and the file holds no token', async () => {
    const { token } = await temporary.registry.sessions.create({ userId: amy.id, lifetimeMs: DAY_MS });
    const { sessions } = await temporary.reopen();
    expect((await sessions.find(token))?.user.username).toBe('amy');
    const file = await readFile(path.join(temporary.directory, 'registry.db'), 'latin1');
    expect(file).toContain('amy');
    expect(file).not.toContain(token);
    expect(file).not.toContain('correct horse');
  });

  test.each([
    ['signing out', (token: string) => temporary.registry.sessions.revoke(token)],
    ['being signed out', () => temporary.registry.sessions.revokeUser(amy.id)],
    ['being disabled', () => temporary.registry.users.setDisabled(amy.id, true)],
    ['a new password', () => temporary.registry.users.setPassword(amy.id, 'a new password')],
  ])('end with %s', async (_, end) => {
    const { sessions, users } = temporary.registry;
    const bob = await users.create({
      username: 'bob',
      displayName: 'B',
      role: 'operator',
      password: 'x'.repeat(12),
    });
    const { token } = await sessions.create({ userId: amy.id, lifetimeMs: DAY_MS });
    const other = await sessions.create({ userId: bob.id, lifetimeMs: DAY_MS });
    await end(token);
    expect(await sessions.find(token)).toBeUndefined();
    expect(await sessions.find(other.token)).toBeDefined();
  });

  test('of an unknown user are refused', async () => {
    const created = temporary.registry.sessions.create({ userId: 'usr-9', lifetimeMs: 1 });
    await expect(created).rejects.toMatchObject({ code: 'not_found' });
  });
});
