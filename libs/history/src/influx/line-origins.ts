import { IS_BOOLEAN, IS_NUMBER, type ReadingColumns } from '@watchfire/readings';
import { type HistoryAlarmEvent, type HistorySample } from '../history.js';
import { type Tier } from '../roll-up.js';
import { isStorable, QUALITIES } from '../sample-columns.js';

/** What a line was made of. */
export type LineOrigin =
  | { readonly kind: 'sample'; readonly sample: HistorySample }
  | { readonly kind: 'transition'; readonly event: HistoryAlarmEvent }
  | { readonly kind: 'roll-up'; readonly tier: Tier; readonly pointId: string; readonly start: number };

/** A line that the server will never take, and why. */
export interface RefusedLine {
  readonly line: string;
  readonly reason: string;
  readonly origin: LineOrigin;
}

/** Of the lines of samples, in the order of `ReadingLines` and `sampleLine`. */
export function* sampleOrigins(
  readings: readonly ReadingColumns[],
  samples: readonly HistorySample[],
): Generator<LineOrigin> {
  for (const columns of readings) {
    for (const sample of samplesOf(columns)) if (isStorable(sample)) yield { kind: 'sample', sample };
  }
  for (const sample of samples) if (isStorable(sample)) yield { kind: 'sample', sample };
}

function* samplesOf(columns: ReadingColumns): Generator<HistorySample> {
  let at = 0;
  for (let reading = 0; reading < columns.count; reading += 1) {
    const { deviceId, pointIds } = columns.sources[columns.source[reading]!]!;
    const times = { ts: columns.ts[reading]!, receivedAt: columns.receivedAt[reading]! };
    for (; at < columns.sampleEnd[reading]!; at += 1) {
      const pointId = pointIds[columns.point[at]!];
      if (pointId === undefined) continue;
      yield {
        pointId,
        deviceId,
        ...times,
        value: valueOf(columns, at),
        quality: QUALITIES[columns.quality[at]!]!,
      };
    }
  }
}

function valueOf({ type, value, texts }: ReadingColumns, at: number): HistorySample['value'] {
  const number = value[at]!;
  if (type[at] === IS_NUMBER) return number;
  return type[at] === IS_BOOLEAN ? number !== 0 : (texts[number] ?? '');
}
