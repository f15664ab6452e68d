import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@watchfire/testing';
import { createControlRoom } from './control-room.js';
import { Centre } from './testing/centre.js';

let folder: string;
let centre: Centre;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watchfire-page-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<title>page</title>');
  await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'export {};');
  const demoAccounts = [{ username: 'demo', password: 'demo-password', role: 'operator' as const }];
  centre = await Centre.open(new ManualClock(), {
    settings: { pageDirectory: folder, demoAccounts, secureCookie: true },
  });
});
afterAll(async () => {
  await centre.close();
  await rm(folder, { recursive: true, force: true });
});

const browse = (path: string) => centre.request('GET', path, { headers: { accept: 'text/html' } });

describe('the page', () => {
  test('is served at the root to whoever asks, and asked for anew each time', async () => {
    for (const accept of ['text/html', '*/*']) {
      const answer = await centre.request('GET', '/', { headers: { accept } });
      expect([answer.status, answer.text]).toEqual([200, '<title>page</title>']);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    }
    expect((await browse('/devices')).status).toBe(404);
  });

  test('keeps its hashed files for a year, and a missing one is missing', async () => {
    const file = await browse('/assets/main-1a2b.js');
    expect(file.text).toBe('export {};');
    expect(file.headers.get('cache-control')).toMatch(/max-age=31536000, immutable/);
    expect((await browse('/assets/gone.js')).status).toBe(404);
    expect((await browse('/assets/..%2f..%2fetc/passwd')).status).toBe(403);
  });

  test('never takes the place of the API, the probes or the sockets', async () => {
    for (const path of ['/api/v1/nothing', '/api/v2', '/health/none', '/metrics/none', '/mqtt']) {
      const answer = await browse(path);
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'not_found']);
    }
    expect((await centre.request('POST', '/devices', { body: {} })).status).toBe(404);
  });

  test('may load and connect to this server only, and is framed by nobody', async () => {
    const { headers } = await browse('/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    expect(policy).toMatch(/connect-src 'self'(;|$)/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe|upgrade-insecure-requests|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('strict-transport-security')).toMatch(/max-age/);
  });

  test('learns the demo accounts in a demo; its cookie stays on TLS where that is configured', async () => {
    const info = (await centre.get('server/info')).body as unknown as { demo: unknown };
    expect(info.demo).toEqual({
      accounts: [{ username: 'demo', password: 'demo-password', role: 'operator' }],
    });
    const login = await centre.post('auth/login', undefined, {
      username: 'operator',
      password: 'correct horse battery',
    });
    expect(login.headers.get('set-cookie')).toMatch(/; Secure/);
  });
});

describe('a control room', () => {
  test('that could not listen says so, may try another port, and stops even when it never listened', async () => {
    const second = await createControlRoom(centre.deps);
    const taken = Number(new URL(centre.url).port);
    await expect(second.listen(taken, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await second.listen(0, '127.0.0.1')).toBeGreaterThan(0);
    await second.stop();
    const third = await createControlRoom(centre.deps);
    await third.stop();
  });
});
