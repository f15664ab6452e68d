import { type ReadingSource } from './source.js';

/** In place of a number: there is none. */
export const NONE = -1;

const FIRST = 1_024;

/**
 * What a consumer of columns has found out about each source, as numbers: one for the device and one for each of its points,
 * side by side in one array with those of all other sources. A reading then finds its device and its points without an object
 * in between, which for many devices would not be in the processor's cache.
 */
export class SourcePlaces {
  /** At the place of a source the number of its device, and behind it those of its points. */
  numbers = new Int32Array(FIRST * 4).fill(NONE);
  /** By `ReadingSource.index`; -2 less the place where it was forgotten. */
  private placeOf = new Int32Array(FIRST).fill(NONE);
  private used = 0;
  private readonly sourcesOf = new Map<string, ReadingSource[]>();

  /** Where the source stands in `numbers`; negative before it was put, and after it was forgotten. */
  find(source: ReadingSource): number {
    return this.placeOf[source.index] ?? NONE;
  }

  /** What was found out about the sources of a device no longer holds. */
  forget(deviceId: string): void {
    for (const { index } of this.sourcesOf.get(deviceId) ?? [])
      this.placeOf[index] = -2 - this.placeOf[index]!;
    this.sourcesOf.delete(deviceId);
  }

  /** Puts the numbers of a source that is not there; returns its place. */
  put(source: ReadingSource, device: number, points: readonly number[]): number {
    const place = this.enter(source);
    this.numbers[place] = device;
    this.numbers.set(points, place + 1);
    const known = this.sourcesOf.get(source.deviceId);
    if (known === undefined) this.sourcesOf.set(source.deviceId, [source]);
    else known.push(source);
    return place;
  }

  private enter({ index, pointIds }: ReadingSource): number {
    if (index >= this.placeOf.length) this.placeOf = longer(this.placeOf, index + 1);
    const before = this.placeOf[index]!;
    // The same source has the same number of points: it gets its old place again.
    const place = before === NONE ? this.used : -2 - before;
    if (before === NONE) this.used += 1 + pointIds.length;
    if (this.used > this.numbers.length) this.numbers = longer(this.numbers, this.used);
    this.placeOf[index] = place;
    return place;
  }
}

/** The array with room for `length`, and as much again. */
function longer(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length * 2).fill(NONE);
  grown.set(array);
  return grown;
}
