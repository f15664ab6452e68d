import { type Metric, type Unsigned64 } from './payload.js';

/** What the births of a node say of one metric; `device` is undefined for a metric of the node itself. */
export interface MetricDefinition {
  readonly name: string;
  readonly device: string | undefined;
  readonly datatype: number;
  /** The node puts its integers into `long_value`, whatever their width: so it will look for ours there. */
  readonly inLong: boolean;
}

export type Lookup =
  | { readonly found: MetricDefinition }
  /** A birth would tell. */
  | { readonly missing: string }
  /** No birth would tell: the births contradict each other. */
  | { readonly ambiguous: string };

/** Names, aliases and datatypes of one edge node and its devices, as their last births gave them. */
export class MetricTable {
  private readonly owners = new Map<string | undefined, Map<string, MetricDefinition>>();
  /** `undefined`: given to two metrics. An alias is one for the whole node (Sparkplug 3.0, chapter 6, Metric). */
  private readonly aliases = new Map<Unsigned64, MetricDefinition | undefined>();
  private metrics = 0;

  get size(): number {
    return this.metrics;
  }

  get deviceCount(): number {
    return this.owners.size - (this.owners.has(undefined) ? 1 : 0);
  }

  clear(): void {
    this.owners.clear();
    this.aliases.clear();
    this.metrics = 0;
  }

  /** Forgets the device (or the metrics of the node itself) with its aliases. */
  forget(device: string | undefined): void {
    const metrics = this.owners.get(device);
    if (metrics === undefined) return;
    this.owners.delete(device);
    this.metrics -= metrics.size;
    for (const [alias, definition] of this.aliases) {
      if (definition !== undefined && definition.device === device) this.aliases.delete(alias);
    }
  }

  begin(device: string | undefined): void {
    this.forget(device);
    this.owners.set(device, new Map());
  }

  isBorn(device: string | undefined): boolean {
    return this.owners.has(device);
  }

  /** After `begin`. Of two definitions of a name in one birth the last counts. */
  define(definition: MetricDefinition, alias: Unsigned64 | undefined): void {
    const metrics = this.owners.get(definition.device);
    if (metrics === undefined) return;
    if (!metrics.has(definition.name)) this.metrics++;
    metrics.set(definition.name, definition);
    if (alias === undefined) return;
    const other = this.aliases.get(alias);
    const same = other?.device === definition.device && other?.name === definition.name;
    const taken = this.aliases.has(alias) && !same;
    this.aliases.set(alias, taken ? undefined : definition);
  }

  byName(device: string | undefined, name: string): MetricDefinition | undefined {
    return this.owners.get(device)?.get(name);
  }

  /** Whose value a metric of a data message is: by name, by alias, and where both are given they must agree. */
  find(device: string | undefined, metric: Metric): Lookup {
    // With an alias the name may be left out, and some encoders send it empty.
    const name = metric.name === '' && metric.alias !== undefined ? undefined : metric.name;
    if (name === undefined && metric.alias === undefined) {
      return { ambiguous: 'a metric has neither name nor alias' };
    }
    const byName = name === undefined ? undefined : this.byName(device, name);
    if (name !== undefined && byName === undefined) return { missing: JSON.stringify(name) };
    const { alias } = metric;
    if (alias === undefined || !this.aliases.has(alias)) {
      return byName === undefined ? { missing: `alias ${alias}` } : { found: byName };
    }
    const byAlias = this.aliases.get(alias);
    if (byAlias === undefined) {
      return byName === undefined
        ? { ambiguous: `alias ${alias} was given to two metrics` }
        : { found: byName };
    }
    if (byName !== undefined && byName !== byAlias) {
      return { missing: `alias ${alias} of ${JSON.stringify(name)}` };
    }
    return byAlias.device === device ? { found: byAlias } : { missing: `alias ${alias} of this device` };
  }
}
