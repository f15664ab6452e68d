import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JournalError } from '@watchfire/journal';
import { ManualClock } from '@watchfire/testing';
import { type Answer, Centre } from '../testing/centre.js';

const SECRET = 'secret-of-the-platform';
const own = { secret: SECRET, gatewayId: 'platform', requestsPerSecond: 100 };
const clock = new ManualClock();
let centre: Centre;
let takes = true;

beforeAll(async () => {
  centre = await Centre.open(clock, {
    callbacks: [
      { id: 'own', format: 'watchfire', ...own },
      { id: 'onenet', format: 'onenet', ...own },
      { id: 'ctwing', format: 'ctwing', ...own },
      { id: 'early', format: 'ctwing', ...own, gatewayId: 'not-yet' },
    ],
    deps: (real) => ({
      ...real,
      callbacks: {
        tryOut: (id, request) => real.callbacks.tryOut(id, request),
        take: (id, request) =>
          takes
            ? real.callbacks.take(id, request)
            : Promise.reject(new JournalError('disk_full', 'no space')),
      },
    }),
  });
  const { commissioning } = centre.deps;
  const device = { siteId: 'site-a', profile: 'gas.lel.point' };
  await commissioning.createDevice({ ...device, name: '平台', deviceId: 'platform' });
  await commissioning.createDevice({
    ...device,
    name: '十七号',
    deviceId: 'gas-17',
    gatewayId: 'platform',
    wireName: 'nb-17',
  });
});
afterAll(() => centre.close());

const post = (path: string, body: string, headers = {}): Promise<Answer> =>
  centre.request('POST', `/api/v1/callbacks/${path}`, { body, headers });
function push(body: unknown, secret = SECRET): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const timestamp = String(clock.now());
  const signature = createHmac('sha256', secret).update(`${timestamp}.${text}`).digest('hex');
  return post('own', text, {
    'x-watchfire-timestamp': timestamp,
    'x-watchfire-signature': signature,
    // Whatever it says of itself.
    'content-type': 'text/plain',
  });
}
const report = (eventId: string, conc = 1) => ({
  eventId,
  deviceId: 'nb-17',
  telemetry: { values: { conc } },
});
const code = ({ status, body }: Answer): unknown => [status, body.code];

describe('the callback address', () => {
  test('[CB7] answers 200 for what is on disk, and for what has come before', async () => {
    const before = centre.deps.journal.head();
    expect(await push(report('e1'))).toMatchObject({
      status: 200,
      body: { reports: 1, repeated: 0, refused: 0 },
    });
    const after = centre.deps.journal.head();
    expect(after).toBeGreaterThan(before);
    expect((await push(report('e1'))).body).toEqual({ reports: 1, repeated: 1, refused: 0 });
    expect(centre.deps.journal.head()).toBe(after);
  });

  test('[CB2] refuses what is not signed, over the bytes as they came', async () => {
    const before = centre.deps.journal.head();
    expect(code(await push(report('e2'), 'of-somebody-else'))).toEqual([401, 'callback_distrusted']);
    expect(code(await post('own', JSON.stringify(report('e2'))))).toEqual([401, 'callback_distrusted']);
    expect(code(await post('ctwing?token=wrong', '{}'))).toEqual([401, 'callback_distrusted']);
    expect(code(await post('ctwing?token=wrong&token=' + SECRET, '{}'))).toEqual([
      401,
      'callback_distrusted',
    ]);
    expect(code(await post('nobody', '{}'))).toEqual([404, 'callback_unknown']);
    expect(code(await post(`early?token=${SECRET}`, '{}'))).toEqual([403, 'callback_disabled']);
    expect(centre.deps.journal.head()).toBe(before);
    // A blank in the body is part of what is signed.
    expect((await push(`${JSON.stringify(report('e2'))} `)).status).toBe(200);
  });

  test('[CB9] answers 422 for what cannot be read, and keeps it', async () => {
    expect(code(await push('no JSON'))).toEqual([422, 'callback_undecodable']);
    expect(code(await post(`ctwing?token=${SECRET}`, '[]'))).toEqual([422, 'callback_undecodable']);
    const last = await centre.deps.journal.read(centre.deps.journal.head(), 1);
    expect(last).toMatchObject([{ record: { kind: 'dead-letter', topic: 'callbacks/ctwing/ctwing' } }]);
  });

  test('[CB8] answers 503 when the journal does not take it, with when to come again', async () => {
    takes = false;
    const answer = await push(report('e3'));
    takes = true;
    expect(code(answer)).toEqual([503, 'storage_unavailable']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await push(report('e3'))).body).toMatchObject({ repeated: 0 });
  });

  test('[CB10] takes 256 kB and no more, and nothing compressed', async () => {
    const padded = (bytes: number): string => {
      const text = JSON.stringify(report(`e-${bytes}`));
      return text + ' '.repeat(bytes - text.length);
    };
    expect((await push(padded(262_144))).status).toBe(200);
    expect(code(await push(padded(262_145)))).toEqual([413, 'body_too_large']);
    expect(code(await post('own', '{}', { 'content-encoding': 'gzip' }))).toEqual([
      415,
      'unsupported_media_type',
    ]);
  });

  test('[CB4] answers the trial of an address with what it asks for, as text', async () => {
    const msg = '<script>';
    const signature = createHash('md5').update(`${SECRET}n${msg}`).digest('base64');
    const query = new URLSearchParams({ msg, nonce: 'n', signature }).toString();
    const answer = await centre.request('GET', `/api/v1/callbacks/onenet?${query}`);
    expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([
      200,
      msg,
      'text/plain; charset=utf-8',
    ]);
    expect(code(await centre.get('callbacks/onenet?msg=a&nonce=n&signature=x'))).toEqual([
      401,
      'callback_distrusted',
    ]);
    expect(code(await centre.get('callbacks/own'))).toEqual([405, 'method_not_allowed']);
    expect(code(await centre.get('callbacks/nobody'))).toEqual([404, 'callback_unknown']);
  });

  test('leaves every other body to the JSON parser', async () => {
    const answer = await centre.post('auth/login', undefined, '{"username":');
    expect(code(answer)).toEqual([400, 'malformed_request']);
  });
});
