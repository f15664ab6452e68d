import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JournalError } from '@watchfire/journal';
import { ManualClock } from '@watchfire/testing';
import { PROBLEMS } from '../problem/problem.js';
import { toProblem } from '../problem/translate.js';
import { Centre } from '../testing/centre.js';

let centre: Centre;
beforeAll(async () => {
  centre = await Centre.open(new ManualClock());
});
afterAll(() => centre.close());

describe('a problem', () => {
  const send = (body: string, headers: Record<string, string> = {}) =>
    centre.request('POST', '/api/v1/enterprises', { as: 'administrator', body, headers });

  test.each([
    ['an unknown route', () => centre.get('nothing/here', 'operator'), 404, 'not_found'],
    ['a route outside of the API', () => centre.request('GET', '/nothing'), 404, 'not_found'],
    ['what is not JSON', () => send('{"name":'), 400, 'malformed_request'],
    [
      'an escape that is none',
      () => centre.request('GET', '/api/v1/devices/%FF', { as: 'operator' }),
      400,
      'malformed_request',
    ],
    ['too large a body', () => send(JSON.stringify({ name: 'x'.repeat(70_000) })), 413, 'body_too_large'],
    [
      'a body of another kind',
      () => send('name=x', { 'content-type': 'text/plain' }),
      422,
      'invalid_request',
    ],
    ['an unknown key', () => send('{"name":"x","colour":"red"}'), 422, 'invalid_request'],
    [
      'a key that reaches for the prototype',
      () => send('{"name":"x","__proto__":{"a":1}}'),
      400,
      'malformed_request',
    ],
    ['a wrong query', () => centre.get('devices?limit=0', 'operator'), 422, 'invalid_request'],
    ['a foreign cursor', () => centre.get('grid?cursor=%21%21', 'operator'), 422, 'invalid_request'],
    [
      'a range that ends before it begins',
      () => centre.get('points/dev-a.conc/history?from=9&to=1', 'operator'),
      422,
      'invalid_request',
    ],
    [
      'too many buckets',
      () => centre.get('points/dev-a.conc/history?from=0&to=99999999&every=1', 'operator'),
      422,
      'too_many_buckets',
    ],
    [
      'a reference to nothing',
      () => centre.post('sites', 'administrator', { enterpriseId: 'ent-x', name: 'x' }),
      422,
      'invalid_request',
    ],
    [
      'an unknown profile',
      () => centre.post('devices', 'administrator', { siteId: 'site-a', profile: 'x', name: 'x' }),
      422,
      'profile_unknown',
    ],
    [
      'an id that is taken',
      () =>
        centre.post('devices', 'administrator', {
          siteId: 'site-a',
          profile: 'lift',
          name: 'x',
          deviceId: 'dev-a',
        }),
      409,
      'conflict',
    ],
    [
      'an unknown rule',
      () => centre.put('devices/dev-a/rules/x', 'supervisor', { reason: 'x' }),
      404,
      'rule_unknown',
    ],
  ])('is told of %s', async (_, ask, status, code) => {
    const answer = await ask();
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      type: `urn:watchfire:problem:${code}`,
      title: expect.any(String),
      detail: expect.any(String),
      instance: expect.stringMatching(/^\//),
      status,
    });
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|at .*\(/);
  });

  test('names every path that is wrong, at once', async () => {
    const { body } = await centre.post('users', 'administrator', {
      username: 'X',
      role: 'king',
      password: 'short',
    });
    expect(body.errors.map(({ path }) => path).toSorted()).toEqual([
      'displayName',
      'password',
      'role',
      'username',
    ]);
  });

  test('that we did not foresee tells nothing of itself; a store that fails says "try again"', () => {
    expect(toProblem(new TypeError('secret path')).toDetails('/')).toMatchObject({
      code: 'internal',
      detail: PROBLEMS.internal.title,
    });
    expect(toProblem(new JournalError('disk_full', 'no space'))).toMatchObject({
      code: 'storage_unavailable',
      status: 503,
    });
  });

  test('has its code in docs/errors.md', async () => {
    const page = await readFile(resolve('docs/errors.md'), 'utf8');
    for (const code of Object.keys(PROBLEMS)) expect(page).toContain(`\`${code}\``);
  });
});

describe('an Idempotency-Key', () => {
  const create = (name: string, key: string, as = 'administrator') =>
    centre.post('enterprises', as, { name }, { 'idempotency-key': key });

  test('with the same request gets the first answer again, and the act is done once', async () => {
    const first = await create('Once', 'key-1');
    const second = await create('Once', 'key-1');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    const { items } = (await centre.get('enterprises', 'administrator')).body;
    expect(items.filter(({ name }) => name === 'Once')).toHaveLength(1);
    const audit = (await centre.get('audit?action=enterprise-created', 'supervisor')).body;
    expect(audit.items.filter(({ detail }) => (detail as { name?: string }).name === 'Once')).toHaveLength(1);
  });

  test('with another request is refused', async () => {
    const answer = await create('Another', 'key-1');
    expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  test('while the first is at work is told to wait, and at most one act is done', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => create('Racing', 'key-2')));
    const done = answers.filter(({ status }) => status === 201);
    expect(done.length).toBeGreaterThan(0);
    for (const { status, body } of answers) if (status !== 201) expect(body.code).toBe('request_running');
    const { items } = (await centre.get('enterprises', 'administrator')).body;
    expect(items.filter(({ name }) => name === 'Racing')).toHaveLength(1);
  });

  test('may be used again after a refusal', async () => {
    const site = (enterpriseId: string) =>
      centre.post('sites', 'administrator', { enterpriseId, name: 'Yard' }, { 'idempotency-key': 'key-3' });
    expect((await site('ent-none')).status).toBe(422);
    expect((await site('ent-none')).body.code).toBe('invalid_request');
  });

  test('keeps a secret that is shown once, and the file does not', async () => {
    const body = { siteId: 'site-a', profile: 'gas.lel.point', name: 'Sealed', deviceId: 'dev-sealed' };
    const create = () =>
      centre.post('devices', 'administrator', body, { 'idempotency-key': 'a-long-random-key' });
    const first = await create();
    expect(first.body.credential.password).toMatch(/^[\w-]{32}$/);
    expect((await create()).body.credential).toEqual(first.body.credential);
    const files = await Promise.all(
      ['registry.db', 'registry.db-wal'].map((name) =>
        readFile(resolve(centre.folder, 'registry', name)).catch(() => Buffer.alloc(0)),
      ),
    );
    const stored = Buffer.concat(files);
    expect(stored.includes('dev-sealed')).toBe(true);
    expect(stored.includes(first.body.credential.password)).toBe(false);
  });
});

describe('the audit trail', () => {
  test('has who did what, to what, from where and how it ended, without secrets', async () => {
    await centre.post('users', 'administrator', {
      username: 'newcomer',
      displayName: 'New',
      role: 'operator',
      password: 'a long enough password',
    });
    await centre.post('alarms/none/acknowledge', 'operator', { eventId: 'x' });
    const { items } = (await centre.get('audit?limit=5', 'administrator')).body;
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          actor: 'operator',
          action: 'alarm-acknowledged',
          subject: 'none',
          address: '127.0.0.1',
          detail: { eventId: 'x', outcome: 'alarm_unknown' },
        }),
        expect.objectContaining({
          actor: 'administrator',
          action: 'user-created',
          subject: expect.stringMatching(/^usr-/),
          detail: { username: 'newcomer', displayName: 'New', role: 'operator', outcome: 'done' },
        }),
      ]),
    );
    expect(JSON.stringify(items)).not.toContain('a long enough password');
  });
});
