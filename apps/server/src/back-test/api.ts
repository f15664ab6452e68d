import { type BackTestView, type LoginReply, type ProblemDetails } from '@watchfire/contracts';

/** The server refused, or could not be reached; the message says which and why. */
export class RefusedError extends Error {}

/** The three calls of a back-test. */
export class BackTestApi {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Signs in, or takes the session that there is. */
  static async open(
    url: string,
    access: { user: string; password: string } | { token: string },
  ): Promise<BackTestApi> {
    if ('token' in access) return new BackTestApi(url, access.token);
    const { user: username, password } = access;
    const reply = (await call(url, 'POST', 'auth/login', undefined, { username, password })) as LoginReply;
    return new BackTestApi(url, reply.accessToken);
  }

  async start(asked: Readonly<Record<string, unknown>>): Promise<BackTestView> {
    return (await call(this.url, 'POST', 'back-tests', this.token, asked)) as BackTestView;
  }

  async find(id: string): Promise<BackTestView> {
    return (await call(this.url, 'GET', `back-tests/${encodeURIComponent(id)}`, this.token)) as BackTestView;
  }

  async cancel(id: string): Promise<void> {
    await call(this.url, 'POST', `back-tests/${encodeURIComponent(id)}/cancel`, this.token, {});
  }
}

async function call(
  url: string,
  method: string,
  path: string,
  token: string | undefined,
  body?: object,
): Promise<unknown> {
  const response = await fetch(new URL(`/api/v1/${path}`, url), {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    const { cause, message } = error as Error;
    throw new RefusedError(`${url} cannot be reached: ${cause instanceof Error ? cause.message : message}`);
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const {
    code = String(response.status),
    detail = '',
    errors = [],
  } = (answer ?? {}) as Partial<ProblemDetails>;
  const where = errors.map((each) => `\n  ${each.path}: ${each.message}`).join('');
  throw new RefusedError(`${code}: ${detail}${where}`);
}
