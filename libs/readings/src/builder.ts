import {
  HAS_DEVICE_TIME,
  IS_BOOLEAN,
  IS_NUMBER,
  IS_TEXT,
  NO_BOOT,
  type ReadingColumns,
  type Value,
} from './columns.js';
import { type ReadingSource } from './source.js';

/** What a reading says of itself, for callers that have it as an object. */
export interface ReadingHeader {
  readonly receivedAt: number;
  readonly ts: number;
  readonly flags: number;
  readonly deviceTime?: number;
  readonly seq?: number;
  readonly boot?: string;
}

export interface SeenNumbers {
  isRepeated(boot: string, seq: number, deviceTime: number): boolean;
}

const FIRST_READINGS = 64;
const FIRST_SAMPLES = 128;

/**
 * Collects readings. A reading begins with its samples (`sample`, `number`) and is there with `end`; `discard` takes back the
 * samples since the last `end`, so that a decoder may give up in the middle. `take` hands over what was collected, in arrays
 * of its own, and begins anew. Reused for its whole life, so that a reading costs no object.
 */
export class ReadingBuilder {
  count = 0;
  private samples = 0;
  private ended = 0;
  private sources: ReadingSource[] = [];
  /** By `ReadingSource.index`: the local index, valid where `markOf` says so. */
  private localOf = new Uint32Array(1_024);
  private markOf = new Uint32Array(1_024);
  private mark = 1;
  private boots: string[] = [];
  private readonly bootIndex = new Map<string, number>();
  /** Devices that were started together often have the same one. */
  private lastBoot: string | undefined;
  private lastBootIndex = 0;
  private texts: string[] = [];

  private source = new Uint32Array(FIRST_READINGS);
  private flags = new Uint8Array(FIRST_READINGS);
  private receivedAt = new Float64Array(FIRST_READINGS);
  private ts = new Float64Array(FIRST_READINGS);
  private deviceTime = new Float64Array(FIRST_READINGS);
  private seq = new Float64Array(FIRST_READINGS);
  private boot = new Uint32Array(FIRST_READINGS);
  private sampleEnd = new Uint32Array(FIRST_READINGS);
  private point = new Uint16Array(FIRST_SAMPLES);
  private quality = new Uint8Array(FIRST_SAMPLES);
  private type = new Uint8Array(FIRST_SAMPLES);
  private value = new Float64Array(FIRST_SAMPLES);

  private keptCount = 0;
  private keptSources = 0;
  private keptBoots = 0;

  /** Samples since the last `end`. */
  get open(): number {
    return this.samples - this.ended;
  }

  number(point: number, value: number, quality: number): void {
    this.put(point, IS_NUMBER, value, quality);
  }

  boolean(point: number, value: boolean, quality: number): void {
    this.put(point, IS_BOOLEAN, value ? 1 : 0, quality);
  }

  text(point: number, value: string, quality: number): void {
    this.texts.push(value);
    this.put(point, IS_TEXT, this.texts.length - 1, quality);
  }

  sample(point: number, value: Value, quality: number): void {
    if (typeof value === 'number') this.number(point, value, quality);
    else if (typeof value === 'boolean') this.boolean(point, value, quality);
    else this.text(point, value, quality);
  }

  /** The quality of all samples since the last `end`, where it is worse than theirs. */
  degrade(quality: number): void {
    for (let i = this.ended; i < this.samples; i++) {
      if (this.quality[i]! < quality) this.quality[i] = quality;
    }
  }

  /** As `degrade`, for the samples of one point. */
  degradePoint(point: number, quality: number): void {
    for (let i = this.ended; i < this.samples; i++) {
      if (this.point[i] === point && this.quality[i]! < quality) this.quality[i] = quality;
    }
  }

  /** The samples since the last `end` are a reading of this source. `NaN` for a device time or a seq that is not there. */
  end(source: ReadingSource, receivedAt: number, ts: number, flags: number): void {
    const row = this.count;
    if (row === this.source.length) this.growReadings();
    this.source[row] = this.local(source);
    this.flags[row] = flags;
    this.receivedAt[row] = receivedAt;
    this.ts[row] = ts;
    this.deviceTime[row] = (flags & HAS_DEVICE_TIME) !== 0 ? ts : NaN;
    this.seq[row] = NaN;
    this.boot[row] = NO_BOOT;
    this.sampleEnd[row] = this.samples;
    this.ended = this.samples;
    this.count = row + 1;
  }

  /** Says more of the reading that `end` has just made. */
  identify(seq: number, boot: string | undefined): void {
    const row = this.count - 1;
    this.seq[row] = seq;
    if (boot === undefined) return;
    if (boot !== this.lastBoot) {
      this.lastBootIndex = this.indexOfBoot(boot);
      this.lastBoot = boot;
    }
    this.boot[row] = this.lastBootIndex;
  }

  /** What the clock of the device said, where `ts` of the reading that `end` has just made is something else. */
  clockSaid(deviceTime: number): void {
    this.deviceTime[this.count - 1] = deviceTime;
  }

  add(source: ReadingSource, header: ReadingHeader): void {
    this.end(source, header.receivedAt, header.ts, header.flags);
    if (header.deviceTime !== undefined) this.clockSaid(header.deviceTime);
    if (header.seq !== undefined || header.boot !== undefined) this.identify(header.seq ?? NaN, header.boot);
  }

  /** Takes back the samples since the last `end`. */
  discard(): void {
    this.cut(this.ended);
  }

  /** `rollback` comes back to here; to be called where no samples are open. */
  checkpoint(): void {
    this.keptCount = this.count;
    this.keptSources = this.sources.length;
    this.keptBoots = this.boots.length;
  }

  /** Takes back all that came since `checkpoint`, readings and open samples. `take` makes a checkpoint of its own. */
  rollback(): void {
    const row = this.keptCount;
    this.ended = row === 0 ? 0 : this.sampleEnd[row - 1]!;
    this.cut(this.ended);
    this.count = row;
    for (let i = this.keptSources; i < this.sources.length; i++) this.markOf[this.sources[i]!.index] = 0;
    this.sources.length = this.keptSources;
    for (let i = this.keptBoots; i < this.boots.length; i++) this.bootIndex.delete(this.boots[i]!);
    this.boots.length = this.keptBoots;
    this.lastBoot = undefined;
  }

  /**
   * Takes back those of the newest `count` readings that have a boot and a number and of which `seen` says so, in their order.
   * Answers how many. To be called where no samples are open; `rollback` comes back no further than here.
   */
  dropNewest(count: number, seen: SeenNumbers): number {
    const first = this.count - count;
    let kept = first;
    let samples = first === 0 ? 0 : this.sampleEnd[first - 1]!;
    let from = samples;
    for (let row = first; row < first + count; row++) {
      const to = this.sampleEnd[row]!;
      const boot = this.boots[this.boot[row]! - 1];
      const seq = this.seq[row]!;
      if (boot === undefined || Number.isNaN(seq) || !seen.isRepeated(boot, seq, this.deviceTime[row]!)) {
        if (kept !== row) this.moveRow(row, kept, from, to, samples);
        samples += to - from;
        this.sampleEnd[kept++] = samples;
      }
      from = to;
    }
    this.count = kept;
    this.samples = samples;
    this.ended = samples;
    this.checkpoint();
    return first + count - kept;
  }

  take(): ReadingColumns {
    this.discard();
    const { count, samples } = this;
    const columns: ReadingColumns = {
      count,
      sources: this.sources,
      source: this.source.slice(0, count),
      flags: this.flags.slice(0, count),
      receivedAt: this.receivedAt.slice(0, count),
      ts: this.ts.slice(0, count),
      deviceTime: this.deviceTime.slice(0, count),
      seq: this.seq.slice(0, count),
      boot: this.boot.slice(0, count),
      boots: this.boots,
      sampleEnd: this.sampleEnd.slice(0, count),
      point: this.point.slice(0, samples),
      quality: this.quality.slice(0, samples),
      type: this.type.slice(0, samples),
      value: this.value.slice(0, samples),
      texts: this.texts,
    };
    this.count = 0;
    this.samples = 0;
    this.ended = 0;
    this.sources = [];
    this.boots = [];
    this.lastBoot = undefined;
    if (this.bootIndex.size > 0) this.bootIndex.clear();
    this.texts = [];
    this.mark++;
    this.checkpoint();
    return columns;
  }

  /** Leaves the first `samples`, and of the texts what they name. */
  private cut(samples: number): void {
    for (let i = samples; i < this.samples; i++) {
      if (this.type[i] === IS_TEXT) this.texts.pop();
    }
    this.samples = samples;
  }

  private moveRow(row: number, to: number, from: number, end: number, samples: number): void {
    const { source, flags, receivedAt, ts, deviceTime, seq, boot, point, quality, type, value } = this;
    for (const column of [source, flags, receivedAt, ts, deviceTime, seq, boot]) column[to] = column[row]!;
    for (const column of [point, quality, type, value]) column.copyWithin(samples, from, end);
  }

  private put(point: number, type: number, value: number, quality: number): void {
    const row = this.samples;
    if (row === this.point.length) this.growSamples();
    this.point[row] = point;
    this.type[row] = type;
    this.value[row] = value;
    this.quality[row] = quality;
    this.samples = row + 1;
  }

  private indexOfBoot(boot: string): number {
    let index = this.bootIndex.get(boot);
    if (index === undefined) {
      this.boots.push(boot);
      index = this.boots.length;
      this.bootIndex.set(boot, index);
    }
    return index;
  }

  private local(source: ReadingSource): number {
    const { index } = source;
    if (index >= this.localOf.length) {
      this.localOf = grown(this.localOf, Uint32Array, index + 1);
      this.markOf = grown(this.markOf, Uint32Array, index + 1);
    }
    if (this.markOf[index] === this.mark) return this.localOf[index]!;
    this.sources.push(source);
    this.markOf[index] = this.mark;
    return (this.localOf[index] = this.sources.length - 1);
  }

  private growReadings(): void {
    this.source = grown(this.source, Uint32Array);
    this.flags = grown(this.flags, Uint8Array);
    this.receivedAt = grown(this.receivedAt, Float64Array);
    this.ts = grown(this.ts, Float64Array);
    this.deviceTime = grown(this.deviceTime, Float64Array);
    this.seq = grown(this.seq, Float64Array);
    this.boot = grown(this.boot, Uint32Array);
    this.sampleEnd = grown(this.sampleEnd, Uint32Array);
  }

  private growSamples(): void {
    this.point = grown(this.point, Uint16Array);
    this.quality = grown(this.quality, Uint8Array);
    this.type = grown(this.type, Uint8Array);
    this.value = grown(this.value, Float64Array);
  }
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(
  from: T,
  type: new (length: number) => T,
  least = 0,
): T {
  const into = new type(Math.max(from.length * 2, least));
  into.set(from);
  return into;
}
