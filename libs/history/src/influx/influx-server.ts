export interface InfluxServer {
  /** Without path, for example `http://127.0.0.1:8086`. */
  readonly url: string;
  /** v1: `user:password`, or empty where the server asks for none; v2 and v3: a token. */
  readonly token: string;
  /** v2 only. */
  readonly org: string;
  /** v1: `database` or `database/retention-policy`; v2: a bucket; v3: a database. */
  readonly bucket: string;
  /**
   * `v1`: `/write`, InfluxDB 1.x and what speaks like it; `v2`: `/api/v2/write`, InfluxDB 1.8 and 2.x; `v3`: `/api/v3/write_lp`
   * and `/api/v3/query_influxql`, InfluxDB 3. The others query `/query`.
   */
  readonly api: 'v1' | 'v2' | 'v3';
  /** The whole of one request, 10,000 ms when left out. */
  readonly timeoutMs?: number;
}
