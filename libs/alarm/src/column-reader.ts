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

/** What a `ReadingSource` is to this engine. */
interface Binding {
  /** Undefined: no such device. */
  readonly device: DeviceState | undefined;
  /** By the numbers of the source; undefined: no such point. */
  readonly points: readonly (PointState | undefined)[];
}

export const NOTHING_READ: ReadingsOutcome = { transitions: [], causes: [] };

/**
 * Feeds readings in columns to the evaluator. Names are looked up once a source; a reading that changes nothing makes no
 * object.
 */
export class ColumnReader {
  /** By `ReadingSource.index`. */
  private readonly bindings: (Binding | undefined)[] = [];
  /** The sources of each device that are bound. */
  private readonly boundOf = new Map<string, number[]>();

  constructor(
    private readonly devices: ReadonlyMap<string, DeviceState>,
    private readonly evaluator: Evaluator,
    private readonly recorder: TransitionRecorder,
  ) {}

  /** To be called when the device has another configuration, is there for the first time, or is gone. */
  forget(deviceId: string): void {
    for (const index of this.boundOf.get(deviceId) ?? []) this.bindings[index] = undefined;
    this.boundOf.delete(deviceId);
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
    const { device, points } = this.bindings[source.index] ?? this.bind(source);
    if (device === undefined) return;
    const { evaluator } = this;
    const receivedAt = columns.receivedAt[reading]!;
    evaluator.receive(columns.ts[reading]!, receivedAt);
    evaluator.observeClock(device, receivedAt - columns.deviceTime[reading]!);
    const { point, quality, type, value } = columns;
    const end = columns.sampleEnd[reading]!;
    for (let sample = samplesBegin(columns, reading); sample < end; sample++) {
      const state = points[point[sample]!];
      if (state === undefined) continue;
      const said = QUALITIES[quality[sample]!]!;
      if (type[sample] === IS_NUMBER) evaluator.number(state, value[sample]!, said);
      else evaluator.sample(state, sampleValue(columns, sample), said);
    }
  }

  private bind(source: ReadingSource): Binding {
    const device = this.devices.get(source.deviceId);
    const points = source.pointIds.map((pointId) => device?.points.get(pointId));
    const binding = { device, points };
    while (this.bindings.length <= source.index) this.bindings.push(undefined);
    this.bindings[source.index] = binding;
    const bound = this.boundOf.get(source.deviceId);
    if (bound === undefined) this.boundOf.set(source.deviceId, [source.index]);
    else bound.push(source.index);
    return binding;
  }
}
