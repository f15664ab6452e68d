import { type HistorySample } from './history.js';
import { type Columns, QUALITIES, compactValues, isStorable } from './sample-columns.js';
import { type SampleRows } from './worker-protocol.js';

/** Packs samples for the way to the thread: a few arrays are cloned faster than thousands of objects. */
export function packRows(samples: readonly HistorySample[]): {
  rows: SampleRows | undefined;
  leftOut: number;
} {
  if (samples.length === 0) return { rows: undefined, leftOut: 0 };
  const kept = samples.every(isStorable) ? samples : samples.filter(isStorable);
  const indexes = new Map<string, number>();
  const points: (readonly [string, string])[] = [];
  const point = Uint32Array.from(kept, ({ pointId, deviceId }) => {
    const known = indexes.get(pointId);
    if (known !== undefined) return known;
    indexes.set(pointId, points.length);
    return points.push([pointId, deviceId]) - 1;
  });
  const rows = {
    points,
    point,
    ts: Float64Array.from(kept, (sample) => sample.ts),
    receivedAt: Float64Array.from(kept, (sample) => sample.receivedAt),
    quality: Uint8Array.from(kept, (sample) => QUALITIES.indexOf(sample.quality)),
    values: compactValues(kept.map((sample) => sample.value)),
  };
  return { rows, leftOut: samples.length - kept.length };
}

export function unpackRows(rows: SampleRows): HistorySample[] {
  return Array.from(rows.point, (index, row) => {
    const [pointId, deviceId] = rows.points[index]!;
    return sampleAt(rows, row, pointId, deviceId);
  });
}

export function toSamples(pointId: string, deviceId: string, columns: Columns): HistorySample[] {
  const samples = new Array<HistorySample>(columns.ts.length);
  for (let row = 0; row < samples.length; row += 1) samples[row] = sampleAt(columns, row, pointId, deviceId);
  return samples;
}

function sampleAt(columns: Columns, row: number, pointId: string, deviceId: string): HistorySample {
  return {
    pointId,
    ts: columns.ts[row]!,
    receivedAt: columns.receivedAt[row]!,
    value: columns.values[row]!,
    quality: QUALITIES[columns.quality[row]!]!,
    deviceId,
  };
}
