import { IS_BOOLEAN, IS_NUMBER, IS_TEXT, type ReadingSource } from '@watchfire/readings';
import { JsonKeyTable } from './json-key-table.js';
import { POINT_KEY } from './telemetry.js';

/** As much of a point as the scanner must know. */
export interface ShapePoint {
  readonly key: string;
  readonly type: 'number' | 'boolean' | 'string';
  /** Of what the device can represent, inclusive. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const TYPES = { number: IS_NUMBER, boolean: IS_BOOLEAN, string: IS_TEXT } as const;

/** The points of one profile; all its devices share it, and what it has learned of the order of their keys. */
class ShapePoints {
  private static readonly known = new Map<string, ShapePoints>();

  readonly values: JsonKeyTable;
  readonly quality: JsonKeyTable;
  /** `IS_NUMBER`, `IS_BOOLEAN` or `IS_TEXT`. */
  readonly type: Uint8Array;
  readonly min: Float64Array;
  readonly max: Float64Array;

  private constructor(points: readonly ShapePoint[]) {
    const keys = points.map(({ key }) => key);
    this.values = new JsonKeyTable(keys);
    this.quality = new JsonKeyTable(keys);
    this.type = Uint8Array.from(points, ({ type }) => TYPES[type]);
    this.min = Float64Array.from(points, ({ min }) => min ?? -Infinity);
    this.max = Float64Array.from(points, ({ max }) => max ?? Infinity);
  }

  static of(points: readonly ShapePoint[]): ShapePoints {
    const text = JSON.stringify(points.map(({ key, type, min, max }) => [key, type, min, max]));
    let known = this.known.get(text);
    if (known === undefined) this.known.set(text, (known = new ShapePoints(points)));
    return known;
  }
}

/** What one device may send, compiled once, and what it sent last where it sends the same again and again. */
export class TelemetryShape {
  readonly points: ShapePoints;
  /** The boot of the last message. */
  boot: string | undefined = undefined;
  /** The last text of each point, by its index. */
  readonly texts: string[] = [];

  /**
   * @param points in the order of `source.pointIds`.
   * @throws RangeError when they are not as many, or one of the keys is none that a device may send, or is there twice.
   */
  constructor(
    readonly source: ReadingSource,
    points: readonly ShapePoint[],
  ) {
    const keys = new Set(points.map(({ key }) => key));
    if (points.length !== source.pointIds.length || keys.size !== points.length) {
      throw new RangeError(`${source.deviceId}: ${keys.size} keys for ${source.pointIds.length} points`);
    }
    for (const key of keys) {
      if (!POINT_KEY.test(key))
        throw new RangeError(`${source.deviceId}: ${JSON.stringify(key)} is no point key`);
    }
    this.points = ShapePoints.of(points);
  }
}
