import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry as MetricRegistry } from 'prom-client';

/** One figure of another part, read at each scrape. */
export interface MetricSource {
  /** Prometheus name, with its unit: `watchfire_journal_records_total`. */
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  /** Names of the labels; they must be known before the first reading. */
  readonly labels?: readonly string[];
  readonly read: () => number | readonly MetricReading[];
}

export interface MetricReading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The server's figures in the text format of Prometheus. */
export class Metrics {
  readonly #registry = new MetricRegistry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;

  constructor(sources: readonly MetricSource[]) {
    // The default wakes the process a hundred times a second to measure how late it wakes.
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 100 });
    this.#requests = new Histogram({
      name: 'watchfire_http_request_seconds',
      help: 'Time to answer an HTTP request.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [this.#registry],
    });
    for (const source of sources) this.add(source);
  }

  add({ name, help, kind, labels = [], read }: MetricSource): void {
    const registers = [this.#registry];
    const labelNames = [...labels];
    if (kind === 'gauge') {
      const collect = (): void => each(read(), (labels, value) => gauge.set(labels, value));
      const gauge: Gauge = new Gauge({ name, help, labelNames, registers, collect });
      return;
    }
    const collect = (): void => {
      counter.reset();
      each(read(), (labels, value) => counter.inc(labels, value));
    };
    const counter: Counter = new Counter({ name, help, labelNames, registers, collect });
  }

  answered(request: { method: string; route: string; status: number; seconds: number }): void {
    const { method, route, status, seconds } = request;
    this.#requests.observe({ method, route, status: String(status) }, seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

function each(
  read: number | readonly MetricReading[],
  take: (labels: Record<string, string>, value: number) => void,
): void {
  if (typeof read === 'number') take({}, read);
  else for (const { labels, value } of read) take({ ...labels }, value);
}
