import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { InfluxDB, escape } from '@influxdata/influxdb-client';
import { HistoryError } from '../history-error.js';
import { type HistoryLog } from '../history-log.js';
import { influxError, isBeyondRetention } from './influx-errors.js';

export interface InfluxServer {
  /** Without path, for example `http://127.0.0.1:8086`. */
  readonly url: string;
  /** v1: `user:password`, or empty where the server asks for none; v2: a token. */
  readonly token: string;
  /** v2 only. */
  readonly org: string;
  /** v1: `database` or `database/retention-policy`; v2: a bucket. */
  readonly bucket: string;
  /** `v1`: `/write`, InfluxDB 1.x and what speaks like it; `v2`: `/api/v2/write`, InfluxDB 1.8 and 2.x. Both query `/query`. */
  readonly api: 'v1' | 'v2';
  /** The whole of one request, 10,000 ms when left out. */
  readonly timeoutMs?: number;
}

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

/** Requests to one server, each with a deadline and an answer that was seen. */
export class InfluxConnection {
  private readonly agent: HttpAgent;
  private readonly database: string;
  private readonly policy: string | undefined;

  constructor(
    private readonly server: InfluxServer,
    private readonly log: HistoryLog,
  ) {
    const agentOptions = { keepAlive: true, maxSockets: 4 };
    this.agent = server.url.startsWith('https:') ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
    const [database, ...policy] = server.bucket.split('/');
    this.database = database ?? '';
    this.policy = policy.length > 0 ? policy.join('/') : undefined;
  }

  /**
   * Resolves when the server has answered that every line is stored. One `WriteApi` a request, with room for all of its lines
   * and no retries: then `close` makes the only request and its promise is the answer. Shared or filled in parts, the same
   * class sends in the background and drops the outcome.
   */
  async write(lines: readonly string[]): Promise<void> {
    const { org, bucket } = this.server;
    const api = this.client().getWriteApi(org, bucket, 'ns', {
      batchSize: lines.length + 1,
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
      flushInterval: 0,
      maxRetries: 0,
      // Ours is the only report of a failure: the default writes to the console.
      writeFailed: (error) => Promise.reject(error),
    });
    if (this.server.api === 'v1') api.path = `/write?${this.target({ precision: 'ns' })}`;
    api.writeRecords([...lines]);
    try {
      await api.close();
    } catch (error) {
      if (!isBeyondRetention(error)) throw influxError(error, this.server.url);
      this.log.warn({ err: error }, 'the server has dropped points older than its retention');
    }
  }

  /** The rows of each statement of an InfluxQL query; times are epoch ms. Text goes in as bound parameters only. */
  async query(statements: string, params: Readonly<Record<string, string>> = {}): Promise<readonly Row[][]> {
    const body = new URLSearchParams({ q: statements, params: JSON.stringify(params) }).toString();
    const path = `/query?${this.target({ epoch: 'ms' })}`;
    const answer = (await this.request(path, body, 'application/x-www-form-urlencoded')) as QueryAnswer;
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

  /** Deletes all points of a measurement before a time (epoch ms). */
  async deleteBefore(measurement: string, before: number): Promise<void> {
    if (this.server.api === 'v1') {
      await this.query(`DELETE FROM ${escape.quoted(measurement)} WHERE time < ${before}ms`);
      return;
    }
    const path = `/api/v2/delete?${new URLSearchParams({ org: this.server.org, bucket: this.server.bucket }).toString()}`;
    // The last nanosecond before: servers differ in whether the end belongs to the range.
    const stop = new Date(before - 1).toISOString().replace('Z', '999999Z');
    const range = {
      start: '1970-01-01T00:00:00Z',
      stop,
      predicate: `_measurement=${escape.quoted(measurement)}`,
    };
    await this.request(path, JSON.stringify(range), 'application/json');
  }

  /** v1 only: makes the database where it does not exist. Needs the right to do so. */
  async createDatabase(): Promise<void> {
    const body = new URLSearchParams({ q: `CREATE DATABASE ${escape.quoted(this.database)}` }).toString();
    const answer = (await this.request('/query', body, 'application/x-www-form-urlencoded')) as QueryAnswer;
    const refused = answer.results?.[0]?.error;
    if (refused !== undefined) throw this.refusal(refused);
  }

  close(): void {
    this.agent.destroy();
  }

  private async request(path: string, body: string, contentType: string): Promise<unknown> {
    try {
      return await this.client().transport.request(path, body, {
        method: 'POST',
        headers: { 'content-type': contentType, accept: 'application/json' },
      });
    } catch (error) {
      throw influxError(error, this.server.url);
    }
  }

  /**
   * A client for one request: the signal ends the request as a whole, also one that drips or hangs, where the library's own
   * time-out only tells and leaves the socket open.
   */
  private client(): InfluxDB {
    const { url, token, api, timeoutMs = TIMEOUT_MS } = this.server;
    // Servers before 1.8 know user and password as Basic credentials only.
    const basic = api === 'v1' && token.includes(':');
    return new InfluxDB({
      url,
      timeout: timeoutMs,
      ...(token === '' || basic ? {} : { token }),
      ...(basic ? { headers: { authorization: `Basic ${Buffer.from(token).toString('base64')}` } } : {}),
      transportOptions: { agent: this.agent, signal: AbortSignal.timeout(timeoutMs) },
    });
  }

  private target(more: Readonly<Record<string, string>>): string {
    return new URLSearchParams({
      db: this.database,
      ...(this.policy === undefined ? {} : { rp: this.policy }),
      ...(this.server.api === 'v2' ? { org: this.server.org } : {}),
      ...more,
    }).toString();
  }

  private refusal(text: string): HistoryError {
    return new HistoryError('refused', `${this.server.url} refused the query: ${text}`, false);
  }
}
