import {
  HISTORICAL,
  IS_NUMBER,
  QUALITIES,
  samplesBegin,
  sampleValue,
  type ReadingColumns,
  type ReadingSource,
} from '@watchfire/readings';
import { type Evaluator } from './evaluator.js';
import { type ReadingsOutcome, type Transition } from './model.js';
import { type TransitionRecorder } from './recorder.js';
import { type DeviceState, type PointState } from './watch.js';

/** What a `ReadingSource` is to this engine: asked where a reading may change something. */
interface Binding {
  readonly device: DeviceState;
  /** By the numbers of the source; undefined: no such point. */
  readonly points: readonly (PointState | undefined)[];
}

/** In place of a row. */
const NONE = -1;

const FIRST_SOURCES = 1_024;

export const NOTHING_READ: ReadingsOutcome = { transitions: [], causes: [] };

/**
 * Feeds readings in columns to the evaluator. Names are looked up once a source; a reading that changes nothing makes no
 * object.
 */
export class ColumnReader {
  /** By `ReadingSource.index`: where in `rowsOf` it stands; it keeps its place for ever. */
  private placeOf = new Int32Array(FIRST_SOURCES).fill(NONE);
  /** Of each source the row of its device, and behind it those of its points. */
  private rowsOf = new Int32Array(FIRST_SOURCES * 4);
  private placed = 0;
  /** By `ReadingSource.index`. */
  private readonly bindings: (Binding | undefined)[] = [];
  /** The sources of each device. */
  private readonly boundOf = new Map<string, ReadingSource[]>();

  constructor(
    private readonly devices: ReadonlyMap<string, DeviceState>,
    private readonly evaluator: Evaluator,
    private readonly recorder: TransitionRecorder,
  ) {}

  /** To be called after the device has got another configuration, is there for the first time, or is gone. */
  bindAnew(deviceId: string): void {
    for (const source of this.boundOf.get(deviceId) ?? []) this.bind(source);
  }

  /** Applies the readings from `first` on, each as the record `offset` plus its number, at journal time `now`. */
  apply(columns: ReadingColumns, first: number, offset: number, now: number): ReadingsOutcome {
    const { evaluator, recorder } = this;
    const { count, flags } = columns;
    let transitions: Transition[] | undefined;
    let causes: number[] | undefined;
    evaluator.setTime(now);
    for (let reading = first; reading < count; reading++) {
      recorder.begin(offset + reading, now);
      if (evaluator.mayBeDue(now)) evaluator.advance(now);
      if ((flags[reading]! & HISTORICAL) === 0) this.read(columns, reading);
      if (!recorder.hasAny) continue;
      for (const transition of recorder.taken()) {
        (transitions ??= []).push(transition);
        (causes ??= []).push(offset + reading);
      }
    }
    return transitions === undefined || causes === undefined ? NOTHING_READ : { transitions, causes };
  }

  private read(columns: ReadingColumns, reading: number): void {
    const source = columns.sources[columns.source[reading]!]!;
    const place = this.placeOf[source.index] ?? NONE;
    const at = place === NONE ? this.enter(source) : place;
    const { rowsOf, evaluator } = this;
    const deviceRow = rowsOf[at]!;
    if (deviceRow === NONE) return;
    const receivedAt = columns.receivedAt[reading]!;
    evaluator.receive(columns.ts[reading]!, receivedAt);
    const delay = receivedAt - columns.deviceTime[reading]!;
    if (evaluator.mayTellTime(deviceRow, delay)) evaluator.observeClock(this.bound(source).device, delay);
    const { point, quality, type, value } = columns;
    const end = columns.sampleEnd[reading]!;
    for (let sample = samplesBegin(columns, reading); sample < end; sample++) {
      const number = point[sample]!;
      const row = rowsOf[at + 1 + number]!;
      if (row === NONE) continue;
      const isNumber = type[sample] === IS_NUMBER;
      if (isNumber && evaluator.renewNumber(row, value[sample]!, quality[sample]!)) continue;
      const state = this.bound(source).points[number]!;
      evaluator.sample(state, sampleValue(columns, sample), QUALITIES[quality[sample]!]!);
    }
  }

  private bound(source: ReadingSource): Binding {
    return this.bindings[source.index]!;
  }

  /** Meets a source for the first time; returns its place. */
  private enter(source: ReadingSource): number {
    const place = this.placed;
    this.placed += 1 + source.pointIds.length;
    if (source.index >= this.placeOf.length) this.placeOf = longer(this.placeOf, source.index + 1);
    if (this.placed > this.rowsOf.length) this.rowsOf = longer(this.rowsOf, this.placed);
    this.placeOf[source.index] = place;
    const known = this.boundOf.get(source.deviceId);
    if (known === undefined) this.boundOf.set(source.deviceId, [source]);
    else known.push(source);
    this.bind(source);
    return place;
  }

  private bind(source: ReadingSource): void {
    const device = this.devices.get(source.deviceId);
    const points = source.pointIds.map((pointId) => device?.points.get(pointId));
    const place = this.placeOf[source.index]!;
    this.rowsOf[place] = device?.row ?? NONE;
    for (const [number, point] of points.entries()) this.rowsOf[place + 1 + number] = point?.row ?? NONE;
    this.bindings[source.index] = device === undefined ? undefined : { device, points };
  }
}

/** The array with room for `length`, and as much again; what is new is `NONE`. */
function longer(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length * 2).fill(NONE);
  grown.set(array);
  return grown;
}
