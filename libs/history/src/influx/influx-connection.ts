import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpError, InfluxDB, escape } from '@influxdata/influxdb-client';
import { HistoryError } from '../history-error.js';
import { influxError } from './influx-errors.js';
import { type InfluxServer } from './influx-server.js';
import { bucketOf, databaseOf, MEASUREMENTS, type Place } from './places.js';
import { readWriteAnswer, type Refusal } from './write-answer.js';

/** A row of an answer by column name. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

interface QueryAnswer {
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly tags?: Readonly<Record<string, string>>;
      readonly columns: readonly string[];
      readonly values?: readonly (readonly Row[string][])[];
    }[];
  }[];
}

const TIMEOUT_MS = 10_000;
/** Bytes above which lines are packed. Servers unpack them for writes only. */
const GZIP_ABOVE = 1_000;
const LINES = 'text/plain; charset=utf-8';
const NOTHING = new Uint8Array();

/** Requests to one server, each with a deadline and an answer that was seen. */
export class InfluxConnection {
  private readonly agent: HttpAgent;

  constructor(readonly server: InfluxServer) {
    const agentOptions = { keepAlive: true, maxSockets: 4 };
    this.agent = server.url.startsWith('https:') ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  }

  /**
   * Sends lines in one request. Resolves with undefined when the server has answered that every line is stored, else with what
   * it refused. Not by `WriteApi`, which takes any 201 for stored and shows nobody the answer's text.
   */
  async write(place: Place, lines: readonly string[]): Promise<Refusal | undefined> {
    const { status, body, error } = await this.send(this.writePath(place), lines.join('\n'), LINES);
    const answer = readWriteAnswer(status, body);
    if (answer === 'stored') return undefined;
    if (answer !== undefined) return answer;
    if (error !== undefined) throw influxError(error, this.server.url);
    throw new HistoryError('refused', `${this.server.url} answered ${status} to a write`, true);
  }

  /**
   * The rows of an InfluxQL statement; `time` is epoch ms. Text goes in as bound parameters only: `/query` of generations 1 and 2
   * takes them, of generation 3 it does not, where `/api/v3/query_influxql` does.
   */
  async query(
    place: Place,
    statement: string,
    params: Readonly<Record<string, string>> = {},
  ): Promise<readonly Row[]> {
    if (this.server.api !== 'v3') return (await this.queryAll(place, [statement], params))[0] ?? [];
    const { database: db } = databaseOf(this.server, place);
    const rows = await this.json('/api/v3/query_influxql', { db, q: statement, format: 'json', params });
    return (rows as readonly Row[]).map((row) => ({ ...row, time: millisecondsOf(row['time']) }));
  }

  /** The rows of each of several statements: at once, but for generation 3, which takes one a request. */
  async queryAll(
    place: Place,
    statements: readonly string[],
    params: Readonly<Record<string, string>> = {},
  ): Promise<readonly (readonly Row[])[]> {
    if (this.server.api === 'v3') {
      return Promise.all(statements.map((statement) => this.query(place, statement, params)));
    }
    const path = `/query?${this.target(place, { epoch: 'ms' })}`;
    const answer = await this.influxQl(path, statements.join('; '), { params: JSON.stringify(params) });
    return (answer.results ?? []).map((result) => {
      if (result.error !== undefined) throw this.refusal(result.error);
      return (result.series ?? []).flatMap(({ tags, columns, values }) =>
        (values ?? []).map((cells) => ({
          ...tags,
          ...Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? null])),
        })),
      );
    });
  }

  /** v1 only: a statement that needs rights. @returns why it was refused, undefined where it was done. */
  async manage(statement: string): Promise<string | undefined> {
    const answer = await this.influxQl('/query', statement);
    return answer.results?.[0]?.error;
  }

  /** Deletes all points of a place before a time (epoch ms). Generation 3 deletes by itself only. */
  async deleteBefore(place: Place, before: number): Promise<void> {
    const { api, org } = this.server;
    if (api === 'v3' || before <= 0) return;
    const measurement = escape.quoted(MEASUREMENTS[place]);
    if (api === 'v1') {
      await this.query(place, `DELETE FROM ${measurement} WHERE time < ${before}ms`);
      return;
    }
    const search = new URLSearchParams({ org, bucket: bucketOf(this.server, place) }).toString();
    // The last nanosecond before: servers differ in whether the end belongs to the range.
    const stop = new Date(before - 1).toISOString().replace('Z', '999999Z');
    const range = { start: '1970-01-01T00:00:00Z', stop, predicate: `_measurement=${measurement}` };
    await this.json(`/api/v2/delete?${search}`, range);
  }

  /** JSON there and back. Without a body it is a question. */
  async json(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<unknown> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const answer = await this.send(path, text, 'application/json', method);
    return this.parsed(answer);
  }

  close(): void {
    this.agent.destroy();
  }

  private async influxQl(
    path: string,
    statements: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<QueryAnswer> {
    const body = new URLSearchParams({ q: statements, ...more }).toString();
    return this.parsed(await this.send(path, body, 'application/x-www-form-urlencoded')) as QueryAnswer;
  }

  private parsed({ status, body, error }: Answer): unknown {
    const { url } = this.server;
    if (error !== undefined) throw influxError(error, url);
    if (body === '') return {};
    try {
      return JSON.parse(body);
    } catch (cause) {
      throw new HistoryError('refused', `${url} answered ${status} without JSON`, true, { cause });
    }
  }

  /** Resolves with whatever was answered; rejects where nothing was. */
  private send(path: string, body: string, contentType: string, method = 'POST'): Promise<Answer> {
    let [status, parts] = [0, NOTHING as Uint8Array];
    return new Promise((resolve, reject) => {
      this.client().transport.send(
        path,
        body,
        {
          method,
          headers: { 'content-type': contentType, ...this.credentials() },
          ...(contentType === LINES ? { gzipThreshold: GZIP_ABOVE } : {}),
        },
        {
          responseStarted: (_headers, code) => (status = code ?? 0),
          next: (part: Uint8Array) => void (parts = Buffer.concat([parts, part])),
          complete: () => resolve({ status, body: Buffer.from(parts).toString('utf8'), error: undefined }),
          error: (error) => {
            if (error instanceof HttpError)
              resolve({ status: error.statusCode, body: error.body ?? '', error });
            else reject(influxError(error, this.server.url));
          },
        },
      );
    });
  }

  /**
   * A client for one request: the signal ends the request as a whole, also one that drips or hangs, where the library's own
   * time-out only tells and leaves the socket open.
   */
  private client(): InfluxDB {
    const { url, timeoutMs = TIMEOUT_MS } = this.server;
    return new InfluxDB({
      url,
      timeout: timeoutMs,
      transportOptions: { agent: this.agent, signal: AbortSignal.timeout(timeoutMs) },
    });
  }

  private credentials(): Readonly<Record<string, string>> {
    const { api, token } = this.server;
    if (token === '') return {};
    // Servers before 1.8 know user and password as Basic credentials only.
    if (api === 'v1' && token.includes(':'))
      return { authorization: `Basic ${Buffer.from(token).toString('base64')}` };
    return { authorization: `${api === 'v3' ? 'Bearer' : 'Token'} ${token}` };
  }

  private writePath(place: Place): string {
    const { api, org } = this.server;
    switch (api) {
      case 'v1':
        return `/write?${this.target(place, { precision: 'ns' })}`;
      case 'v2': {
        const bucket = bucketOf(this.server, place);
        return `/api/v2/write?${new URLSearchParams({ org, bucket, precision: 'ns' }).toString()}`;
      }
      case 'v3': {
        const { database: db } = databaseOf(this.server, place);
        const how = { accept_partial: 'true', no_sync: 'false', precision: 'nanosecond' };
        return `/api/v3/write_lp?${new URLSearchParams({ db, ...how }).toString()}`;
      }
    }
  }

  private target(place: Place, more: Readonly<Record<string, string>>): string {
    const { database, policy } = databaseOf(this.server, place);
    const { api, org } = this.server;
    return new URLSearchParams({
      db: database,
      // Generation 2 maps several buckets to this database, and knows the one without a slash as `autogen`.
      ...(policy === undefined ? (api === 'v2' ? { rp: 'autogen' } : {}) : { rp: policy }),
      ...(api === 'v2' ? { org } : {}),
      ...more,
    }).toString();
  }

  private refusal(text: string): HistoryError {
    return new HistoryError('refused', `${this.server.url} refused the query: ${text}`, false);
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Of an answer that is not 2xx. */
  readonly error: HttpError | undefined;
}

/** Of a time as generation 3 writes it: UTC without saying so, with any number of digits behind the point. */
function millisecondsOf(time: unknown): number {
  const [, seconds = '', fraction = ''] = /^([^.Z]*)(?:\.(\d*))?/.exec(String(time)) ?? [];
  return Date.parse(`${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
}
