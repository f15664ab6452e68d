import { describe, expect, it } from '@jest/globals';
import { inForm } from '@watchfire/testing';
import fc from 'fast-check';
import { type HistorySample } from '../history.js';
import { isStorable } from '../sample-columns.js';
import { sampleLine } from './line-protocol.js';
import { sampleOrigins } from './line-origins.js';
import { ReadingLines } from './reading-lines.js';

const marks = [',', '=', ' ', '\\', '"', 'a', '气'] as const;
const text = fc.string({ unit: fc.constantFrom(...marks, '\n'), maxLength: 5 });
/** Ids have no line breaks: `ReadingSource` tells them apart by those. */
const wild = fc.string({ unit: fc.constantFrom(...marks), maxLength: 5 });
const time = fc.oneof(
  fc.integer({ min: 0, max: 4_000_000_000_000 }),
  fc.constantFrom(-1, 0.5, 1e300, NaN, 7),
);
const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 1e21, 1e-7), fc.boolean(), text);
const sample: fc.Arbitrary<HistorySample> = fc.record({
  deviceId: fc.oneof(fc.constantFrom('gas-1', 'gas-2', ''), wild),
  pointId: fc.oneof(fc.constantFrom('gas-1.conc', 'gas-2.conc', 'gas-1.fault'), wild),
  ts: time,
  receivedAt: time,
  value,
  quality: fc.constantFrom('good', 'uncertain', 'bad'),
});

describe('lines of readings in columns', () => {
  it('[HI19] are those of the same samples one by one, and leave out the same', () => {
    const writer = new ReadingLines();
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
        const lines: string[] = [];
        let leftOut = 0;
        for (const columns of inForm(samples, 'columns').readings) leftOut += writer.append(columns, lines);
        const storable = samples.filter(isStorable);
        expect(lines).toEqual(storable.map(sampleLine));
        expect(leftOut).toBe(samples.length - storable.length);
      }),
      { numRuns: 500 },
    );
  });

  it('[HI30] can be told from each line what it was made of', () => {
    const writer = new ReadingLines();
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
        const { readings, samples: alone } = inForm(samples, 'columns and objects');
        const lines: string[] = [];
        for (const columns of readings) writer.append(columns, lines);
        lines.push(...alone.filter(isStorable).map(sampleLine));
        const made = [...sampleOrigins(readings, alone)].map((origin) =>
          origin.kind === 'sample' ? sampleLine(origin.sample) : '',
        );
        expect(made).toEqual(lines);
      }),
      { numRuns: 200 },
    );
  });
});
