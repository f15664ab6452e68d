import { describe, expect, test } from '@jest/globals';
import { everyPage, newIdempotencyKey, RestClient, type RestError } from './rest-client.js';

interface Call {
  readonly url: string;
  readonly init: RequestInit;
}

function client(answer: (call: Call) => Response | Promise<Response>, limitMs = 1_000) {
  const calls: Call[] = [];
  let signedOut = 0;
  const fetcher = ((url: string, init: RequestInit) => {
    calls.push({ url, init });
    return Promise.resolve(answer({ url, init }));
  }) as unknown as typeof fetch;
  const rest = new RestClient(() => (signedOut += 1), fetcher, limitMs);
  return { rest, calls, signedOut: () => signedOut };
}
const failure = (promise: Promise<unknown>): Promise<RestError> =>
  promise.then(
    () => Promise.reject(new Error('did not fail')),
    (error: RestError) => error,
  );

describe('a request', () => {
  test('goes to our own origin with the cookie, the query, the body and the key of the act', async () => {
    const { rest, calls } = client(() => Response.json({ ok: 1 }));
    await rest.get('alarms', { state: 'all', cursor: undefined, q: 'a b' });
    await rest.post('alarms/a/acknowledge', { eventId: '1-0' }, 'key');
    expect(calls[0]?.url).toBe('/api/v1/alarms?state=all&q=a+b');
    expect(calls[1]?.init).toMatchObject({
      method: 'POST',
      credentials: 'same-origin',
      body: '{"eventId":"1-0"}',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'key' },
    });
  });

  test('that is refused carries the code and the fields of the problem', async () => {
    const problem = {
      status: 409,
      code: 'event_id_unknown',
      detail: 'moved on',
      errors: [{ path: 'a', message: 'b' }],
    };
    const { rest } = client(() => Response.json(problem, { status: 409 }));
    const error = await failure(rest.post('x', {}));
    expect(error).toMatchObject({
      status: 409,
      code: 'event_id_unknown',
      detail: 'moved on',
      unanswered: false,
    });
    expect(error.fields).toEqual([{ path: 'a', message: 'b' }]);
  });

  test('that the session does not cover is told to the session', async () => {
    const { rest, signedOut } = client(() => Response.json({}, { status: 401 }));
    await failure(rest.get('x'));
    expect(signedOut()).toBe(1);
  });

  test('that nobody answers fails in time, and so does one that cannot be sent', async () => {
    const hanging = client(
      ({ init }) =>
        new Promise<Response>((_, reject) => {
          init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
        }),
      20,
    );
    expect(await failure(hanging.rest.get('x'))).toMatchObject({ code: 'unanswered', unanswered: true });
    const cut = client(() => Promise.reject(new TypeError('network')));
    expect(await failure(cut.rest.get('x'))).toMatchObject({ code: 'unreachable', unanswered: true });
  });

  test('whose answer is no JSON (a proxy in the way) is an error and no empty list', async () => {
    const { rest } = client(() => new Response('<html>'));
    expect(await failure(rest.get('x'))).toMatchObject({ status: 200, code: 'http_200' });
  });
});

test('every page of a list is read, up to a bound', async () => {
  const pages = (cursor: string | undefined) =>
    Promise.resolve({ items: [Number(cursor ?? 0)], nextCursor: String(Number(cursor ?? 0) + 1) });
  expect(await everyPage(pages, 3)).toEqual([0, 1, 2]);
  expect(await everyPage(() => Promise.resolve({ items: [1], nextCursor: null }))).toEqual([1]);
});

test('keys of acts are long and never the same', () => {
  const keys = new Set(Array.from({ length: 100 }, newIdempotencyKey));
  expect(keys.size).toBe(100);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
});
