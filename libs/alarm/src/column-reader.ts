import {
  HISTORICAL,
  IS_BOOLEAN,
  IS_NUMBER,
  NONE,
  QUALITIES,
  samplesBegin,
  sampleValue,
  SourcePlaces,
  type ReadingColumns,
  type ReadingSource,
} from '@watchfire/readings';
import { type Evaluator } from './evaluator.js';
import { type ReadingsOutcome, type Transition } from './model.js';
import { type TransitionRecorder } from './recorder.js';
import { type DeviceState } from './watch.js';

export const NOTHING_READ: ReadingsOutcome = { transitions: [], causes: [] };

/**
 * Feeds readings in columns to the evaluator. Names are looked up once a source; a reading that changes nothing makes no
 * object.
 */
export class ColumnReader {
  /** Of each source the row of its device and those of its points. */
  private readonly places = new SourcePlaces();

  constructor(
    private readonly devices: ReadonlyMap<string, DeviceState>,
    private readonly evaluator: Evaluator,
    private readonly recorder: TransitionRecorder,
  ) {}

  /** To be called when the device gets another configuration, is there for the first time, or is gone. */
  forget(deviceId: string): void {
    this.places.forget(deviceId);
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
    const place = this.places.find(source);
    const at = place < 0 ? this.bind(source) : place;
    const { evaluator } = this;
    const { numbers } = this.places;
    const deviceRow = numbers[at]!;
    if (deviceRow === NONE) return;
    const receivedAt = columns.receivedAt[reading]!;
    evaluator.receive(columns.ts[reading]!, receivedAt);
    const delay = receivedAt - columns.deviceTime[reading]!;
    if (evaluator.mayTellTime(deviceRow, delay)) evaluator.observeClock(this.deviceOf(source), delay);
    const { point, quality, type, value } = columns;
    const end = columns.sampleEnd[reading]!;
    for (let sample = samplesBegin(columns, reading); sample < end; sample++) {
      const number = point[sample]!;
      const row = numbers[at + 1 + number]!;
      if (row === NONE) continue;
      if (type[sample] === IS_NUMBER) {
        if (evaluator.renewNumber(row, value[sample]!, quality[sample]!)) continue;
      } else if (type[sample] === IS_BOOLEAN) {
        if (evaluator.renewBoolean(row, value[sample]!, quality[sample]!)) continue;
      }
      const device = this.deviceOf(source);
      device.judgedAt = evaluator.time;
      const state = device.points.get(source.pointIds[number]!)!;
      evaluator.sample(state, sampleValue(columns, sample), QUALITIES[quality[sample]!]!);
    }
  }

  private deviceOf(source: ReadingSource): DeviceState {
    return this.devices.get(source.deviceId)!;
  }

  /** Finds out what the source is to this engine; returns its place. */
  private bind(source: ReadingSource): number {
    const device = this.devices.get(source.deviceId);
    const points = source.pointIds.map((pointId) => device?.points.get(pointId));
    return this.places.put(
      source,
      device?.row ?? NONE,
      points.map((point) => point?.row ?? NONE),
    );
  }
}
