import { type AlarmView, type FloodSource, type FloodSummary, type Transition } from './model.js';

/** How many sources a summary names. ISA-18.2 and EEMUA 191 look at the ten most frequent alarms. */
const TOP = 10;
/** How many sources it tells apart: a flood of a whole city must not fill the memory. default */
const MAX_SOURCES = 10_000;
const MINUTE_MS = 60_000;

/** An announcement, as a flood remembers it. */
export interface HeardAlarm extends Omit<FloodSource, 'announced'> {
  readonly at: number;
  readonly alarmId: string;
  readonly severity: number;
}

export function heardAlarm({ at, alarm }: Pick<Transition, 'at' | 'alarm'>): HeardAlarm {
  const { id, severity } = alarm;
  return { at, alarmId: id, severity, ...sourceOf(alarm) };
}

function sourceOf(alarm: AlarmView): Omit<FloodSource, 'announced'> {
  const { deviceId, deviceName, siteId, siteName, rule, message, messageEn } = alarm;
  return { deviceId, deviceName, siteId, siteName, rule, class: alarm.class, message, messageEn };
}

export interface FloodTallySnapshot {
  readonly from: number;
  readonly announced: number;
  readonly byClass: Readonly<Record<string, number>>;
  readonly bySeverity: Readonly<Record<number, number>>;
  /** In the order in which they came. */
  readonly sources: readonly FloodSource[];
  readonly firstOut: HeardAlarm;
  readonly minute: number;
  readonly inMinute: number;
  readonly peak: number;
  readonly peakAt: number;
}

/** What is counted of a flood while it lasts. */
export class FloodTally {
  private readonly sources: Map<string, FloodSource>;

  private constructor(private readonly counts: { -readonly [K in keyof Counts]: Counts[K] }) {
    this.sources = new Map(counts.sources.map((source) => [keyOf(source), source]));
  }

  /** `begun`: the announcements that made it a flood, at least one; the newest is its begin, the oldest came first. */
  static begin(begun: readonly HeardAlarm[]): FloodTally | undefined {
    const [firstOut] = begun;
    if (firstOut === undefined) return undefined;
    const tally = new FloodTally({
      from: begun.at(-1)?.at ?? firstOut.at,
      announced: 0,
      byClass: {},
      bySeverity: {},
      sources: [],
      firstOut,
      minute: -1,
      inMinute: 0,
      peak: 0,
      peakAt: firstOut.at,
    });
    for (const heard of begun) tally.add(heard);
    return tally;
  }

  static restore(snapshot: FloodTallySnapshot): FloodTally {
    const { byClass, bySeverity } = snapshot;
    return new FloodTally({ ...snapshot, byClass: { ...byClass }, bySeverity: { ...bySeverity } });
  }

  get from(): number {
    return this.counts.from;
  }

  add(heard: HeardAlarm): void {
    const { counts } = this;
    counts.announced += 1;
    count(counts.byClass, heard.class);
    count(counts.bySeverity, Math.floor(heard.severity / 100) * 100);
    this.countSource(heard);
    this.countMinute(heard.at);
  }

  summary(to: number | null): FloodSummary {
    const { from, announced, byClass, bySeverity, firstOut, peak, peakAt } = this.counts;
    return {
      from,
      to,
      announced,
      byClass: { ...byClass },
      bySeverity: { ...bySeverity },
      sources: this.sources.size,
      top: [...this.sources.values()]
        .sort((a, b) => b.announced - a.announced || (keyOf(a) < keyOf(b) ? -1 : 1))
        .slice(0, TOP),
      firstOut,
      peakPerMinute: peak,
      peakAt,
    };
  }

  snapshot(): FloodTallySnapshot {
    const { byClass, bySeverity } = this.counts;
    return {
      ...this.counts,
      byClass: { ...byClass },
      bySeverity: { ...bySeverity },
      sources: [...this.sources.values()],
    };
  }

  private countSource(heard: HeardAlarm): void {
    const key = keyOf(heard);
    const known = this.sources.get(key);
    if (known === undefined && this.sources.size >= MAX_SOURCES) return;
    const announced = (known?.announced ?? 0) + 1;
    const { deviceId, deviceName, siteId, siteName, rule, message, messageEn } = heard;
    const source = { deviceId, deviceName, siteId, siteName, rule, class: heard.class, message, messageEn };
    this.sources.set(key, { ...source, announced });
  }

  /** By minutes of the clock, which are the same for every reader. */
  private countMinute(at: number): void {
    const { counts } = this;
    const minute = Math.floor(at / MINUTE_MS);
    counts.inMinute = minute === counts.minute ? counts.inMinute + 1 : 1;
    counts.minute = minute;
    if (counts.inMinute <= counts.peak) return;
    counts.peak = counts.inMinute;
    counts.peakAt = minute * MINUTE_MS;
  }
}

type Counts = Omit<FloodTallySnapshot, 'byClass' | 'bySeverity'> & {
  readonly byClass: Record<string, number>;
  readonly bySeverity: Record<number, number>;
};

function count<K extends string | number>(counts: Record<K, number>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function keyOf({ deviceId, rule }: Pick<FloodSource, 'deviceId' | 'rule'>): string {
  return `${deviceId} ${rule}`;
}
