import { describe, expect, it } from '@jest/globals';
import { callbackFormats } from './all.js';
import { callbackFormatOfTopic, callbackResult, callbackTopic } from './reports.js';

describe('reports of a platform', () => {
  it('[CB9] are filed under a topic that says how they are read', () => {
    for (const [name, format] of callbackFormats) {
      expect(callbackFormatOfTopic(callbackTopic(name, 'nb-gas'))).toBe(format);
    }
    for (const topic of ['', 'callbacks', 'callbacks/onenet', 'callbacks/x/y', 'callbacks/onenet/a/b']) {
      expect([topic, callbackFormatOfTopic(topic)]).toEqual([topic, undefined]);
    }
  });

  it('[CB9] are those of a gateway about the devices behind it, by product and name', () => {
    const message = { values: { ch4: 1 }, hist: false, quality: {} };
    const item = { eventId: 'e', uplinks: [{ kind: 'telemetry', message }], refusals: [] } as const;
    const bad = { code: 'key_invalid', message: 'x' } as const;
    expect(
      callbackResult(
        [
          { ...item, deviceName: 'gas' },
          { ...item, deviceName: 'gas', product: 'A', refusals: [bad] },
          { ...item, deviceName: 'b', uplinks: [{ kind: 'ignored', what: 'x' }] },
        ],
        [bad],
      ),
    ).toEqual({
      uplinks: [
        { kind: 'telemetry', child: 'gas', message },
        { kind: 'telemetry', child: 'A.gas', message },
        { kind: 'ignored', what: 'x' },
      ],
      refusals: [bad, { code: 'key_invalid', message: 'A.gas: x' }],
      answers: [],
    });
  });
});
