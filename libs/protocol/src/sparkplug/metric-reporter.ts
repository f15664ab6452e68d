import { isWireName, NAME_RULE } from '../dialects/names.js';
import { of, type Outcome } from '../dialects/outcome.js';
import { wireMap } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { quoted } from '../refusal.js';
import { type DeclaredQuality, type Scalar } from '../telemetry.js';
import { isScalarDatatype, readScalar } from './datatype.js';
import { type SparkplugLimits } from './limits.js';
import { type MetricDefinition, type MetricTable } from './metric-table.js';
import { type Metric, type SparkplugPayload } from './payload.js';
import { type ReadBack } from './read-back.js';
import { TelemetryGroups } from './telemetry-groups.js';

export const BD_SEQ = 'bdSeq';
/** What a device is, rather than what it measures: attributes. */
const DESCRIPTIONS = ['Properties/', 'Node Info/', 'Device Info/'];

const QUALITY_BAD = 0;
const QUALITY_GOOD = 192;
const QUALITY_STALE = 500;

/** `null`: nothing is known that could be told, not even as bad. */
interface Told {
  readonly value: Scalar | null;
  readonly quality: DeclaredQuality;
}

type OnUnfound = (code: 'metric_unknown' | 'metric_invalid', what: string) => void;

/** Turns the metrics of births and data into telemetry, attributes and refusals. */
export class MetricReporter {
  /** The last value told of each metric: what goes with `bad` when the metric becomes null. Outlives births. */
  private readonly last = new Map<string | undefined, Map<string, Scalar>>();
  private remembered = 0;

  constructor(
    private readonly table: MetricTable,
    private readonly readBack: ReadBack,
    private readonly decodeLimits: DecodeLimits,
    private readonly limits: SparkplugLimits,
  ) {}

  birth(device: string | undefined, payload: SparkplugPayload, outcome: Outcome): void {
    this.define(device, payload, outcome);
    // A metric that `define` took is found; what it did not take has been told.
    this.report(device, payload, outcome, () => undefined);
  }

  /** Whether every metric was known. What is not known is refused: another birth may tell. */
  data(device: string | undefined, payload: SparkplugPayload, outcome: Outcome): boolean {
    let known = true;
    this.report(device, payload, outcome, (code, what) => {
      outcome.refuse(code, what);
      known &&= code !== 'metric_unknown';
    });
    return known;
  }

  private define(device: string | undefined, payload: SparkplugPayload, outcome: Outcome): void {
    let beyond = 0;
    this.table.begin(device);
    for (const metric of payload.metrics) {
      if ('broken' in metric) continue; // Told by `report`.
      const { name, datatype, alias } = metric;
      if (!isWireName(name)) {
        outcome.refuse('key_invalid', `${quoted(name ?? '')} is no name of a metric: ${NAME_RULE}`);
      } else if (datatype === undefined) {
        outcome.refuse('datatype_unsupported', `${quoted(name)} has no datatype`);
      } else if (this.table.size >= this.limits.maxMetricsPerNode) {
        beyond++;
      } else {
        this.table.define({ name, device, datatype, inLong: metric.value?.kind === 'long' }, alias);
      }
    }
    if (beyond > 0) {
      const most = this.limits.maxMetricsPerNode;
      outcome.refuse('too_many_metrics', `${beyond} metrics beyond the ${most} of one node`);
    }
  }

  private report(
    device: string | undefined,
    payload: SparkplugPayload,
    outcome: Outcome,
    onUnfound: OnUnfound,
  ): void {
    const groups = new TelemetryGroups(this.decodeLimits.maxValues);
    const attributes = wireMap<Scalar>();
    let nulls = 0;
    for (const metric of payload.metrics) {
      if ('broken' in metric) {
        outcome.refuse('metric_invalid', metric.broken);
        continue;
      }
      const definition = this.definitionOf(device, metric, onUnfound);
      if (definition === undefined || definition.name === BD_SEQ) continue;
      const told = this.tell(definition, metric, outcome);
      if (told === undefined) continue;
      const { value, quality } = told;
      if (value === null) {
        nulls++;
        continue;
      }
      const { name } = definition;
      const hist = metric.isHistorical === true;
      if (!hist && quality === 'good') this.readBack.sawValue(device, name, value);
      if (isControl(name)) continue;
      if (startsWithAny(name, DESCRIPTIONS)) {
        if (quality !== 'bad') attributes[name] = value;
        continue;
      }
      if (!hist) this.remember(device, name, value);
      groups.add({ key: name, value, quality, hist, timestamp: metric.timestamp ?? payload.timestamp });
    }
    for (const message of groups.messages()) outcome.add({ kind: 'telemetry', ...of(device), message });
    if (Object.keys(attributes).length > 0) outcome.add({ kind: 'attributes', ...of(device), attributes });
    if (nulls > 0) outcome.add({ kind: 'ignored', what: 'metric without a value' });
  }

  private definitionOf(
    device: string | undefined,
    metric: Metric,
    onUnfound: OnUnfound,
  ): MetricDefinition | undefined {
    const lookup = this.table.find(device, metric);
    if ('missing' in lookup) {
      onUnfound('metric_unknown', `${lookup.missing} is not in the last birth`);
      return undefined;
    }
    if ('ambiguous' in lookup) {
      onUnfound('metric_invalid', lookup.ambiguous);
      return undefined;
    }
    // Only births must carry it; 0 is what encoders write for "not said".
    if (metric.datatype !== undefined && metric.datatype !== 0 && metric.datatype !== lookup.found.datatype) {
      onUnfound('metric_unknown', `${quoted(lookup.found.name)} was born with another datatype`);
      return undefined;
    }
    return lookup.found;
  }

  /** `undefined`: refused. */
  private tell(definition: MetricDefinition, metric: Metric, outcome: Outcome): Told | undefined {
    const { name, device, datatype } = definition;
    if (!isScalarDatatype(datatype)) {
      outcome.refuse('datatype_unsupported', `${quoted(name)} has datatype ${datatype}`);
      return undefined;
    }
    const unknown: Told = { value: this.last.get(device)?.get(name) ?? null, quality: 'bad' };
    if (metric.isNull === true) return unknown;
    if (metric.value === undefined) {
      outcome.refuse('value_type', `${quoted(name)} has no value and is not null`);
      return undefined;
    }
    const reading = readScalar(datatype, metric.value);
    if (reading.kind === 'mismatch') {
      outcome.refuse('value_type', `${quoted(name)} ${reading.reason}`);
      return undefined;
    }
    if (reading.kind === 'not-finite') {
      outcome.refuse('number_not_finite', `${quoted(name)} is no finite number`);
      return unknown;
    }
    const declared = declaredQuality(name, metric, outcome);
    return { value: reading.value, quality: declared === 'good' && !reading.exact ? 'uncertain' : declared };
  }

  private remember(device: string | undefined, name: string, value: Scalar): void {
    let values = this.last.get(device);
    if (values === undefined) {
      values = new Map();
      this.last.set(device, values);
    }
    if (!values.has(name)) {
      if (this.remembered >= this.limits.maxMetricsPerNode) return;
      this.remembered++;
    }
    values.set(name, value);
  }
}

/** Sparkplug 3.0, chapter 6, Quality Codes. A quality that cannot be read makes its value uncertain: the device meant to say something about it. */
function declaredQuality(name: string, metric: Metric, outcome: Outcome): DeclaredQuality {
  switch (metric.quality) {
    case undefined:
    case QUALITY_GOOD:
      return 'good';
    case QUALITY_BAD:
      return 'bad';
    case QUALITY_STALE:
      return 'uncertain';
    default:
      outcome.refuse('quality_invalid', `Quality of ${quoted(name)} must be 0, 192 or 500`);
      return 'uncertain';
  }
}

/** A button rather than a value: pressing it is not reported back. */
export function isControl(name: string): boolean {
  return name.startsWith('Node Control/') || name.startsWith('Device Control/');
}

function startsWithAny(name: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => name.startsWith(prefix));
}
