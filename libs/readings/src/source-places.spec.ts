import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NONE, SourcePlaces } from './source-places.js';
import { ReadingSource } from './source.js';

const numbersOf = (places: SourcePlaces, source: ReadingSource): number[] | undefined => {
  const place = places.find(source);
  if (place < 0) return undefined;
  return [...places.numbers.subarray(place, place + 1 + source.pointIds.length)];
};

describe('places of sources', () => {
  it('gives a source that was forgotten its old place', () => {
    const places = new SourcePlaces();
    const [a, b] = ['a', 'b'].map((id) => ReadingSource.of(`places-${id}`, ['p', 'q']));
    if (a === undefined || b === undefined) throw new Error('no sources');
    const place = places.put(a, 1, [2, NONE]);
    places.put(b, 3, [4, 5]);
    places.forget('places-a');
    expect(numbersOf(places, a)).toBeUndefined();
    expect(numbersOf(places, b)).toEqual([3, 4, 5]);
    expect(places.put(a, 6, [7, 8])).toBe(place);
    expect(numbersOf(places, a)).toEqual([6, 7, 8]);
  });

  it('agrees with a map, whatever is put and forgotten', () => {
    const act = fc.record({
      device: fc.nat(400),
      points: fc.nat(12),
      number: fc.nat(1_000),
      forgets: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 300 }), (acts) => {
        const places = new SourcePlaces();
        const expected = new Map<ReadingSource, number[]>();
        for (const { device, points, number, forgets } of acts) {
          const deviceId = `places-${device}`;
          const source = ReadingSource.of(
            deviceId,
            Array.from({ length: points }, (_, at) => `p${at}`),
          );
          if (forgets) {
            places.forget(deviceId);
            for (const other of expected.keys()) if (other.deviceId === deviceId) expected.delete(other);
          } else if (!expected.has(source)) {
            const numbers = source.pointIds.map((_, at) => number + at);
            places.put(source, number, numbers);
            expected.set(source, [number, ...numbers]);
          }
        }
        for (const [source, numbers] of expected) expect(numbersOf(places, source)).toEqual(numbers);
      }),
    );
  });
});
