import { wireMap } from '../json.js';
import { type Scalar, type TelemetryMessage } from '../telemetry.js';
import { type Unsigned64 } from './payload.js';

export interface MetricReading {
  readonly key: string;
  readonly value: Scalar;
  readonly quality: 'good' | 'uncertain' | 'bad';
  /** ms since 1970; undefined: the message carries no time. */
  readonly timestamp: Unsigned64 | undefined;
  readonly hist: boolean;
}

interface Group {
  readonly message: TelemetryMessage;
  readonly values: Record<string, Scalar>;
  readonly quality: Record<string, 'uncertain' | 'bad'>;
  size: number;
}

/** Readings of one device, of one payload, with equal times put into one message. */
export class TelemetryGroups {
  private readonly groups: Group[] = [];
  private readonly open = new Map<string, Group>();

  constructor(private readonly maxValues: number) {}

  add(reading: MetricReading): void {
    const at = `${reading.hist ? 'h' : ''}${reading.timestamp ?? ''}`;
    let group = this.open.get(at);
    // A metric twice at one time is two readings, in the order in which they came.
    if (group === undefined || group.size === this.maxValues || reading.key in group.values) {
      group = newGroup(reading);
      this.groups.push(group);
      this.open.set(at, group);
    }
    group.values[reading.key] = reading.value;
    if (reading.quality !== 'good') group.quality[reading.key] = reading.quality;
    group.size++;
  }

  /** Oldest first; those without a time are of now, and last. */
  messages(): TelemetryMessage[] {
    const at = (group: Group): number => group.message.ts ?? Infinity;
    // `Infinity - Infinity` is NaN, which a comparator must not answer.
    return this.groups.sort((a, b) => (at(a) === at(b) ? 0 : at(a) - at(b))).map((group) => group.message);
  }
}

function newGroup({ timestamp, hist }: MetricReading): Group {
  const values = wireMap<Scalar>();
  const quality = wireMap<'uncertain' | 'bad'>();
  const time =
    typeof timestamp === 'number'
      ? { ts: timestamp }
      : timestamp === undefined
        ? {}
        : { tsUnusable: true as const };
  return { message: { values, quality, hist, ...time }, values, quality, size: 0 };
}
