import { type ProblemDetails } from '@watchfire/contracts';

/** An act or a question that the server has not answered for so long has failed, and the page says so. */
export const ANSWER_LIMIT_MS = 10_000;

/** The server itself ends a request after 30 s. */
const UPLOAD_LIMIT_MS = 30_000;

/** What the server, or the way to it, made of a request. `status` is 0 where there was no answer. */
export class RestError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: readonly { readonly path: string; readonly message: string }[] = [],
  ) {
    super(`${code}: ${detail}`);
    this.name = 'RestError';
  }

  /** Nobody knows whether the server has acted. */
  get unanswered(): boolean {
    return this.status === 0;
  }
}

export interface RestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** In the place of `body`: a file as it is, with the type that the server is told. */
  readonly file?: { readonly content: Blob; readonly type: string };
  /** The same for every attempt of one act: the server then acts once. */
  readonly idempotencyKey?: string;
  /** For what is known to take longer. */
  readonly limitMs?: number;
}

/**
 * JSON over fetch, to our own origin, with the session's cookie. Every call ends: with the answer, or after 10 s with an
 * error of status 0.
 */
export class RestClient {
  constructor(
    private readonly unauthenticated: () => void,
    private readonly fetcher: typeof fetch = (...request) => fetch(...request),
    private readonly limitMs: number = ANSWER_LIMIT_MS,
  ) {}

  get<T>(path: string, query: RestOptions['query'] = {}, limitMs = this.limitMs): Promise<T> {
    return this.call('GET', path, { query, limitMs });
  }

  post<T>(path: string, body: unknown, idempotencyKey?: string): Promise<T> {
    return this.call('POST', path, { body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) });
  }

  put<T>(path: string, body: unknown, idempotencyKey: string): Promise<T> {
    return this.call('PUT', path, { body, idempotencyKey });
  }

  patch<T>(path: string, body: unknown, idempotencyKey: string): Promise<T> {
    return this.call('PATCH', path, { body, idempotencyKey });
  }

  /** A file; the server reads it as it comes. */
  upload<T>(method: 'PUT' | 'POST', path: string, file: NonNullable<RestOptions['file']>): Promise<T> {
    return this.call(method, path, { file, limitMs: UPLOAD_LIMIT_MS });
  }

  private async call<T>(method: string, path: string, options: RestOptions): Promise<T> {
    let response: Response;
    let text: string;
    try {
      response = await this.fetcher(`/api/v1/${path}${queryOf(options.query)}`, {
        method,
        credentials: 'same-origin',
        cache: 'no-store',
        headers: headersOf(options),
        ...bodyOf(options),
        signal: AbortSignal.timeout(options.limitMs ?? this.limitMs),
      });
      text = await response.text();
    } catch (cause) {
      const late = cause instanceof DOMException && cause.name === 'TimeoutError';
      throw new RestError(0, late ? 'unanswered' : 'unreachable', '');
    }
    const answer = parse(text);
    if (response.ok && answer !== undefined) return answer as T;
    if (response.status === 401) this.unauthenticated();
    throw errorOf(response.status, answer);
  }
}

/** Reads a whole paged list, up to `most` items. */
export async function everyPage<T>(
  page: (
    cursor: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly nextCursor: string | null }>,
  most = 100_000,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const answer = await page(cursor);
    items.push(...answer.items);
    cursor = answer.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < most);
  return items;
}

/** Not crypto.randomUUID: a browser offers that only over HTTPS and on localhost. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bodyOf({ body, file }: RestOptions): { body?: BodyInit } {
  if (file !== undefined) return { body: file.content };
  return body === undefined ? {} : { body: JSON.stringify(body) };
}

function headersOf(options: RestOptions): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.file !== undefined) headers['content-type'] = options.file.type;
  if (options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey;
  return headers;
}

export function queryOf(query: RestOptions['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`;
}

function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function errorOf(status: number, answer: unknown): RestError {
  if (typeof answer !== 'object' || answer === null) return new RestError(status, `http_${status}`, '');
  const problem = answer as Partial<ProblemDetails>;
  return new RestError(
    status,
    problem.code ?? `http_${status}`,
    problem.detail ?? problem.title ?? '',
    problem.errors ?? [],
  );
}
