import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@watchfire/testing';
import { Centre, PASSWORD } from '../testing/centre.js';

let centre: Centre;
beforeAll(async () => {
  centre = await Centre.open(new ManualClock());
});
afterAll(() => centre.close());

const login = (username: string, password: string) =>
  centre.post('auth/login', undefined, { username, password });

describe('a session', () => {
  test('begins with the right password, and its token opens the door', async () => {
    const answer = await login('operator', PASSWORD);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ user: { username: 'operator', role: 'operator' } });
    expect(answer.body.user).not.toHaveProperty('passwordHash');
    const session = await centre.get('auth/session', 'operator');
    expect(session.body.user.username).toBe('operator');
  });

  test('sets a cookie that no script reads and no other site sends', async () => {
    const cookie = (await login('operator', PASSWORD)).headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^watchfire_session=[\w-]{43};/);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect(cookie).not.toMatch(/Secure/);
  });

  test('by cookie acts only when the browser says that our own page asked', async () => {
    const cookie = (await login('supervisor', PASSWORD)).headers.get('set-cookie')?.split(';')[0] ?? '';
    const host = new URL(centre.url).host;
    const act = async (headers: Record<string, string>) => {
      const answer = await centre.request('POST', '/api/v1/alarms/none/comment', {
        body: { comment: 'seen' },
        headers: { cookie, ...headers },
      });
      return answer.body.code;
    };
    expect((await centre.request('GET', '/api/v1/auth/session', { headers: { cookie } })).status).toBe(200);
    expect(await act({})).toBe('cross_origin');
    expect(await act({ origin: 'https://evil.example' })).toBe('cross_origin');
    expect(await act({ origin: 'null' })).toBe('cross_origin');
    expect(await act({ origin: `http://${host}.evil.example` })).toBe('cross_origin');
    expect(await act({ origin: `http://${host}` })).toBe('alarm_unknown');
    expect(await act({ origin: 'https://wall.example' })).toBe('alarm_unknown');
  });

  test('ends at sign-out, and when it expires', async () => {
    await centre.signIn('dispatcher', 'leaving');
    expect((await centre.post('auth/logout', 'leaving')).status).toBe(204);
    expect((await centre.get('auth/session', 'leaving')).status).toBe(401);

    const expired = await Centre.open(new ManualClock(), { settings: { sessionLifetimeMs: 1_000 } });
    try {
      expect((await expired.get('auth/session', 'operator')).status).toBe(200);
      expired.clock.advance(1_001);
      expect((await expired.get('auth/session', 'operator')).status).toBe(401);
    } finally {
      await expired.close();
    }
  });

  test('ends for a person who is disabled or gets a new password, and not for the others', async () => {
    const users = (await centre.get('users', 'administrator')).body.items as {
      id: string;
      username: string;
    }[];
    const id = users.find(({ username }) => username === 'owner-b')?.id ?? '';
    expect((await centre.post(`users/${id}/disable`, 'administrator')).body).toMatchObject({
      disabled: true,
    });
    expect((await centre.get('auth/session', 'owner-b')).status).toBe(401);
    expect((await login('owner-b', PASSWORD)).body.code).toBe('wrong_credentials');
    expect((await centre.post(`users/${id}/enable`, 'administrator')).status).toBe(200);
    await centre.signIn('owner-b');
    expect(
      (await centre.put(`users/${id}/password`, 'administrator', { password: 'a very new password' })).status,
    ).toBe(204);
    expect((await centre.get('auth/session', 'owner-b')).status).toBe(401);
    expect((await login('owner-b', 'a very new password')).status).toBe(200);
    expect((await centre.get('auth/session', 'owner-a')).status).toBe(200);
  });

  test('of an administrator cannot be ended by disabling oneself', async () => {
    const { user } = (await centre.get('auth/session', 'administrator')).body;
    const answer = await centre.post(`users/${user.id}/disable`, 'administrator');
    expect([answer.status, answer.body.code]).toEqual([409, 'own_account']);
  });

  // Last: it locks this address out.
  test('does not begin with wrong passwords, and a name is locked for the address that guesses', async () => {
    for (const username of ['operator', 'operator', 'operator', 'operator', 'nobody']) {
      const answer = await login(username, 'wrong');
      expect([answer.status, answer.body.code]).toEqual([401, 'wrong_credentials']);
    }
    expect((await login('operator', 'wrong')).status).toBe(401);
    const locked = await login('operator', PASSWORD);
    expect([locked.status, locked.body.code]).toEqual([429, 'sign_in_locked']);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await login('dispatcher', PASSWORD)).status).toBe(200);
    centre.clock.advance(300_001);
    expect((await login('operator', PASSWORD)).status).toBe(200);
    const audit = await centre.get('audit?action=sign-in-refused', 'supervisor');
    expect(audit.body.total).toBeGreaterThan(5);
    expect(JSON.stringify(audit.body)).not.toContain('wrong"');
  });
});

describe('the first answer of a server', () => {
  test('shows demo accounts in a demo and nowhere else', async () => {
    expect((await centre.get('server/info')).body).toEqual({
      name: 'Watchfire',
      version: '1.2.3',
      mqttPort: 1883,
      demo: null,
    });
  });
});
