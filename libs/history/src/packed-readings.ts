import {
  type IS_BOOLEAN,
  type IS_NUMBER,
  type IS_TEXT,
  type ReadingColumns,
  type ReadingSource,
} from '@watchfire/readings';

/** Kinds of values, as in libs/readings; of its own here, because what the thread loads imports nothing by alias. */
export const NUMBER: typeof IS_NUMBER = 0;
export const BOOLEAN: typeof IS_BOOLEAN = 1;
export const TEXT: typeof IS_TEXT = 2;

/** A source by its index in the process, told once: afterwards its index names it. */
export type NamedSource = readonly [index: number, deviceId: string, pointIds: readonly string[]];

/**
 * The readings of a batch on their way to the thread: what the history keeps of them, in one buffer of their own, since the
 * columns are shared. Per reading f64 `ts` and `receivedAt`, u32 `source` and `sampleEnd`; per sample f64 `value`, u16 `point`,
 * u8 `quality` and `type`; widest first.
 */
export interface PackedReadings {
  readonly count: number;
  readonly samples: number;
  readonly buffer: ArrayBuffer;
  readonly texts: readonly string[];
  readonly sources: readonly NamedSource[];
}

const READING_BYTES = 8 + 8 + 4 + 4;
const SAMPLE_BYTES = 8 + 2 + 1 + 1;

/** The columns in the buffer. */
export class PackedColumns {
  readonly ts: Float64Array;
  readonly receivedAt: Float64Array;
  readonly value: Float64Array;
  /** `ReadingSource.index` of the process. */
  readonly source: Uint32Array;
  readonly sampleEnd: Uint32Array;
  readonly point: Uint16Array;
  readonly quality: Uint8Array;
  readonly type: Uint8Array;

  constructor(buffer: ArrayBuffer, count: number, samples: number) {
    this.ts = new Float64Array(buffer, 0, count);
    this.receivedAt = new Float64Array(buffer, 8 * count, count);
    this.value = new Float64Array(buffer, 16 * count, samples);
    const words = 16 * count + 8 * samples;
    this.source = new Uint32Array(buffer, words, count);
    this.sampleEnd = new Uint32Array(buffer, words + 4 * count, count);
    const rest = words + 8 * count;
    this.point = new Uint16Array(buffer, rest, samples);
    this.quality = new Uint8Array(buffer, rest + 2 * samples, samples);
    this.type = new Uint8Array(buffer, rest + 3 * samples, samples);
  }
}

/** Packs readings for one thread, and knows which sources that thread has been told of. */
export class ReadingPacker {
  private told = new Uint8Array(1_024);

  /** Undefined where there is nothing to send. The parts are only read. */
  pack(parts: readonly ReadingColumns[]): PackedReadings | undefined {
    let count = 0;
    let samples = 0;
    for (const part of parts) {
      count += part.count;
      samples += part.value.length;
    }
    if (samples === 0) return undefined;
    const buffer = new ArrayBuffer(count * READING_BYTES + samples * SAMPLE_BYTES);
    const packed = new PackedColumns(buffer, count, samples);
    const texts: string[] = [];
    const sources: NamedSource[] = [];
    let reading = 0;
    let sample = 0;
    for (const part of parts) {
      for (const source of part.sources) if (this.isNew(source)) sources.push(named(source));
      copy(part, packed, reading, sample);
      if (part.texts.length > 0) {
        shiftTexts(part, packed, sample, texts.length);
        for (const text of part.texts) texts.push(text);
      }
      reading += part.count;
      sample += part.value.length;
    }
    return { count, samples, buffer, texts, sources };
  }

  private isNew({ index }: ReadingSource): boolean {
    if (index >= this.told.length) {
      const larger = new Uint8Array(Math.max(this.told.length * 2, index + 1));
      larger.set(this.told);
      this.told = larger;
    }
    if (this.told[index] === 1) return false;
    this.told[index] = 1;
    return true;
  }
}

function named({ index, deviceId, pointIds }: ReadingSource): NamedSource {
  return [index, deviceId, pointIds];
}

function copy(part: ReadingColumns, into: PackedColumns, reading: number, sample: number): void {
  into.ts.set(part.ts, reading);
  into.receivedAt.set(part.receivedAt, reading);
  into.value.set(part.value, sample);
  into.point.set(part.point, sample);
  into.quality.set(part.quality, sample);
  into.type.set(part.type, sample);
  for (let i = 0; i < part.count; i += 1) {
    into.source[reading + i] = part.sources[part.source[i]!]!.index;
    into.sampleEnd[reading + i] = part.sampleEnd[i]! + sample;
  }
}

/** Texts of several parts become one list: the later ones begin further back in it. */
function shiftTexts(part: ReadingColumns, into: PackedColumns, sample: number, by: number): void {
  if (by === 0) return;
  for (let i = 0; i < part.type.length; i += 1) if (part.type[i] === TEXT) into.value[sample + i]! += by;
}
