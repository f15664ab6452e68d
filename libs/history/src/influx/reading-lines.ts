import { escape } from '@influxdata/influxdb-client';
import { IS_BOOLEAN, IS_NUMBER, type ReadingColumns, type ReadingSource } from '@watchfire/readings';
import { QUALITIES, isTime } from '../sample-columns.js';
import { seriesKey } from './line-protocol.js';

const QUALITY_FIELDS = QUALITIES.map((_, index) => `q=${index}i`);

/** The lines of readings in columns: the same bytes as `sampleLine` gives for the same sample [HI19]. */
export class ReadingLines {
  /** By `ReadingSource.index`: measurement and tags of each of its points, which never change. */
  private readonly keys: (readonly string[] | undefined)[] = [];

  /** Appends a line for each sample that can be stored; returns how many cannot [HI5]. */
  append(columns: ReadingColumns, lines: string[]): number {
    const { sampleEnd, point, value, quality, type } = columns;
    const before = lines.length;
    let sample = 0;
    for (let reading = 0; reading < columns.count; reading += 1) {
      const end = sampleEnd[reading]!;
      const ts = columns.ts[reading]!;
      const receivedAt = columns.receivedAt[reading]!;
      if (!isTime(ts) || !isTime(receivedAt)) {
        sample = end;
        continue;
      }
      const keys = this.keysOf(columns.sources[columns.source[reading]!]!);
      const received = `,rx=${receivedAt}i`;
      const time = ` ${ts}000000`;
      for (; sample < end; sample += 1) {
        const key = keys[point[sample]!];
        const number = value[sample]!;
        const kind = type[sample]!;
        if (key === undefined || (kind === IS_NUMBER && !Number.isFinite(number))) continue;
        const said = QUALITY_FIELDS[quality[sample]!]! + received;
        if (kind === IS_NUMBER) lines.push(`${key} ${said},v=${number}${time}`);
        else if (kind === IS_BOOLEAN)
          lines.push(`${key} b=${number !== 0},${said},v=${number === 0 ? 0 : 1}${time}`);
        else lines.push(`${key} ${said},s=${escape.quoted(columns.texts[number] ?? '')}${time}`);
      }
    }
    return value.length - (lines.length - before);
  }

  private keysOf({ index, deviceId, pointIds }: ReadingSource): readonly string[] {
    return (this.keys[index] ??= pointIds.map((pointId) => seriesKey(deviceId, pointId)));
  }
}
