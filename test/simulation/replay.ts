import { createHash } from 'node:crypto';
import { AlarmEngine, type EngineRecord, type Transition } from '@watchfire/alarm';
import { HAS_DEVICE_TIME, HISTORICAL, QUALITIES, ReadingBuilder, ReadingSource } from '@watchfire/readings';

export interface Replayed {
  readonly engine: AlarmEngine;
  /** As `SimulationReport.history`. */
  readonly history: string;
}

/** The whole journal from its begin; readings in columns, as the server applies most of them, or one by one. */
export function replay(journal: readonly EngineRecord[], form: 'records' | 'columns'): Replayed {
  const engine = AlarmEngine.create();
  const hash = createHash('sha256');
  const told = (transitions: readonly Transition[]): void => {
    for (const transition of transitions) hash.update(JSON.stringify(transition));
  };
  if (form === 'records') for (const record of journal) told(engine.apply(record).transitions);
  else inColumns(engine, journal, told);
  return { engine, history: hash.digest('hex') };
}

/** Readings that follow each other at one journal time make one batch, as one commit would. */
function inColumns(
  engine: AlarmEngine,
  journal: readonly EngineRecord[],
  told: (transitions: readonly Transition[]) => void,
): void {
  const builder = new ReadingBuilder();
  let first: EngineRecord | undefined;
  const flush = (): void => {
    if (first !== undefined) told(engine.applyReadings(first.offset, first.at, builder.take()).transitions);
    first = undefined;
  };
  for (const record of journal) {
    if (record.input.kind !== 'reading' || record.at !== first?.at) flush();
    if (record.input.kind === 'reading') {
      first ??= record;
      add(builder, record.input);
    } else told(engine.apply(record).transitions);
  }
  flush();
}

function add(builder: ReadingBuilder, input: EngineRecord['input'] & { kind: 'reading' }): void {
  const { deviceId, samples, receivedAt, ts, deviceTime, historical } = input;
  const source = ReadingSource.of(
    deviceId,
    samples.map(({ pointId }) => pointId),
  );
  for (const [index, { value, quality }] of samples.entries()) {
    builder.sample(index, value, QUALITIES.indexOf(quality));
  }
  const flags = (historical ? HISTORICAL : 0) | (deviceTime === undefined ? 0 : HAS_DEVICE_TIME);
  builder.end(source, receivedAt, ts, flags);
  if (deviceTime !== undefined) builder.clockSaid(deviceTime);
}
