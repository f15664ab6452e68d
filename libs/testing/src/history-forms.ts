import { type HistorySample } from '@watchfire/history';
import { QUALITIES, type ReadingColumns, ReadingBuilder, ReadingSource, slice } from '@watchfire/readings';

/** How samples are given to a history. */
export const SAMPLE_FORMS = ['objects', 'columns', 'columns and objects'] as const;
export type SampleForm = (typeof SAMPLE_FORMS)[number];

/** The same samples, in the same order, in a form: columns come before objects. */
export function inForm(
  samples: readonly HistorySample[],
  form: SampleForm,
): { readonly readings: readonly ReadingColumns[]; readonly samples: readonly HistorySample[] } {
  if (form === 'objects') return { readings: [], samples };
  const inColumns = form === 'columns' ? samples.length : Math.ceil(samples.length / 2);
  const half = Math.ceil(inColumns / 2);
  const first = toReadings(samples.slice(0, half));
  const second = toReadings(samples.slice(half, inColumns));
  // As a journal gives them: several, and some of them views on others.
  const cut = Math.floor(first.count / 2);
  return { readings: [slice(first, 0, cut), slice(first, cut), second], samples: samples.slice(inColumns) };
}

/** Neighbours of one device with the same times become one reading. */
function toReadings(samples: readonly HistorySample[]): ReadingColumns {
  const points = new Map<string, Set<string>>();
  for (const { deviceId, pointId } of samples) {
    points.set(deviceId, (points.get(deviceId) ?? new Set()).add(pointId));
  }
  const builder = new ReadingBuilder();
  samples.forEach((sample, index) => {
    const { deviceId, pointId, value, quality, ts, receivedAt } = sample;
    const own = [...points.get(deviceId)!];
    // A device whose points change is another source, and its series stay the same.
    const pointIds = receivedAt % 2 === 0 ? own : [`${deviceId}.spare`, ...own.reverse()];
    builder.sample(pointIds.indexOf(pointId), value, QUALITIES.indexOf(quality));
    const next = samples[index + 1];
    if (next?.deviceId === deviceId && next.ts === ts && next.receivedAt === receivedAt) return;
    builder.end(ReadingSource.of(deviceId, pointIds), receivedAt, ts, 0);
  });
  return builder.take();
}
