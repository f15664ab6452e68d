import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventsTopic, telemetryTopic } from '@watchfire/contracts';
import fc from 'fast-check';
import { NOBODY, testDirectory } from '../spec/harness.js';
import { HeldJournal } from '../spec/held-journal.js';
import { GatewayCounters } from './counters.js';
import { directoryDevice } from './directory.js';
import { Intake, type IntakeResult } from './intake.js';
import { gatewayLimits } from './limits.js';
import { Repeats } from './repeats.js';
import { Speaker } from './speaker.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
let journal: HeldJournal;
let counters: GatewayCounters;
let directory: ReturnType<typeof testDirectory>;
let intake: Intake;
beforeEach(() => {
  journal = new HeldJournal();
  counters = new GatewayCounters();
  directory = testDirectory();
  intake = new Intake({
    journal,
    directory,
    clock: () => NOW + 5,
    limits: gatewayLimits,
    counters,
    repeats: new Repeats(() => undefined),
    ...NOBODY,
  });
});

const bytes = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const take = (deviceId: string, topic: string, value: unknown): Promise<IntakeResult> => {
  const device = directory.find(deviceId) ?? { ...directory.find('gas-1')!, deviceId };
  const speaker = new Speaker(device, gatewayLimits.decode);
  return intake.take(speaker, { topic, payload: bytes(value), receivedAt: NOW });
};
const telemetry = (value: unknown, deviceId = 'gas-1'): Promise<IntakeResult> =>
  take(deviceId, telemetryTopic(deviceId), value);
const event = (value: unknown): Promise<IntakeResult> => take('gas-1', eventsTopic('gas-1'), value);
const letter = (value: unknown, topic = telemetryTopic('gas-1'), deviceId: string | null = 'gas-1') => ({
  deviceId,
  topic,
  payload: bytes(value),
  at: NOW - HOUR,
});

describe('the intake', () => {
  it('makes a reading of a message, by the points of the device', async () => {
    const message = {
      values: { conc: 1.5, fault: false, mode: 'test' },
      ts: NOW - 10,
      seq: 3,
      boot: 17,
      quality: { conc: 'bad' },
    };
    expect(await telemetry(message)).toEqual({ records: 1, readings: 1, refusals: [], downlinks: [] });
    expect(journal.records).toEqual([
      {
        kind: 'reading',
        deviceId: 'gas-1',
        receivedAt: NOW,
        ts: NOW - 10,
        seq: 3,
        boot: '17',
        samples: [
          ['gas-1.conc', 1.5, 'bad'],
          ['gas-1.fault', false],
          ['gas-1.mode', 'test'],
        ],
      },
    ]);
    expect(counters).toMatchObject({ received: 1, journalled: 1, deadLettered: {} });
  });

  it('[IN26] believes a device time within its window, and never loses a value to a clock', async () => {
    const late = gatewayLimits.maxLateMs;
    const ahead = gatewayLimits.maxAheadMs;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.integer({ min: NOW - late - 10, max: NOW + ahead + 10 }), fc.maxSafeNat()),
        async (ts) => {
          await telemetry({ values: { conc: 1 }, ts });
          const believed = ts >= NOW - late && ts <= NOW + ahead;
          expect(journal.of('reading').at(-1)).toMatchObject({
            ts: believed ? ts : NOW,
            samples: [believed ? ['gas-1.conc', 1] : ['gas-1.conc', 1, 'uncertain']],
          });
        },
      ),
    );
  });

  it('[IN26] reaches further back for historical messages, and keeps a declared quality', async () => {
    const ts = NOW - 30 * 24 * HOUR;
    await telemetry({ values: { conc: 1 }, ts, hist: true });
    expect(journal.records[0]).toMatchObject({ ts, hist: true, samples: [['gas-1.conc', 1]] });
    await telemetry({ values: { conc: 1, fault: true }, ts, quality: { conc: 'bad' } });
    expect(journal.records[1]).toMatchObject({
      ts: NOW,
      samples: [
        ['gas-1.conc', 1, 'bad'],
        ['gas-1.fault', true, 'uncertain'],
      ],
    });
    expect(counters.clockRefused).toBe(1);
  });

  it('[IN3] keeps the usable and makes one dead letter of the rest', async () => {
    const payload = { values: { conc: 1, ch5: 2, fault: 1, mode: null } };
    const result = await telemetry(payload);
    expect(result.records).toBe(1);
    expect(result.refusals.map(({ code }) => code)).toEqual(['value_type', 'unknown_point', 'wrong_type']);
    expect(journal.of('reading')).toMatchObject([{ samples: [['gas-1.conc', 1]] }]);
    expect(journal.of('dead-letter')).toEqual([
      {
        kind: 'dead-letter',
        deviceId: 'gas-1',
        topic: telemetryTopic('gas-1'),
        code: 'value_type',
        message: expect.stringContaining('no point ch5') as unknown as string,
        payload: Buffer.from(bytes(payload)).toString('base64'),
      },
    ]);
    expect(result.answer).toMatchObject({
      code: 'value_type',
      at: NOW + 5,
      payload: JSON.stringify(payload),
    });
  });

  it('[IN27] makes a record of each message of an array, and answers after the last', async () => {
    journal.hold();
    let answered = false;
    const work = telemetry([1, 2, 3].map((conc) => ({ values: { conc }, ts: NOW - conc }))).then((result) => {
      answered = true;
      return result;
    });
    expect(journal.waitingRecords.map((record) => (record as { ts: number }).ts)).toEqual([
      NOW - 1,
      NOW - 2,
      NOW - 3,
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    journal.release();
    expect((await work).records).toBe(3);
  });

  it('[IN30] takes a number within what the device can represent, its ends included', async () => {
    for (const [conc, records] of [
      [-1_000, 1],
      [1_000, 1],
      [1_000.1, 0],
      [-1_001, 0],
    ] as const) {
      expect(await telemetry({ values: { conc } })).toMatchObject({ records });
    }
    expect(counters.deadLettered).toEqual({ out_of_range: 2 });
  });

  it('[IN30] names of prototypes are unknown points', async () => {
    expect((await telemetry('{"values":{"constructor":1,"toString":2}}')).refusals).toMatchObject([
      { code: 'unknown_point' },
      { code: 'unknown_point' },
    ]);
  });

  it('[IN31] makes of an event what the profile says of it', async () => {
    expect(await event({ event: 'alarm_button', ts: NOW - 1, data: { floor: 7 } })).toMatchObject({
      records: 1,
    });
    expect(JSON.parse(JSON.stringify(journal.records))).toEqual([
      {
        kind: 'event',
        deviceId: 'gas-1',
        receivedAt: NOW,
        ts: NOW - 1,
        event: 'alarm_button',
        data: { floor: 7 },
        samples: [['gas-1.fault', true]],
      },
    ]);
    expect(await event({ event: 'toString' })).toMatchObject({
      records: 0,
      answer: { code: 'unknown_event' },
    });
    expect(await event('{"event":"alarm_button","ts":"x","data":1}')).toMatchObject({ records: 1 });
    expect(journal.of('event')[1]).toMatchObject({ ts: NOW, samples: [['gas-1.fault', true, 'uncertain']] });
  });

  it('keeps what comes for a device that was removed or disabled', async () => {
    expect(await telemetry({ values: { conc: 1 } }, 'nobody')).toMatchObject({
      answer: { code: 'unknown_device' },
    });
    expect(await telemetry({ values: { conc: 1 } }, 'off-1')).toMatchObject({
      answer: { code: 'device_disabled' },
    });
    expect(journal.of('dead-letter').map(({ deviceId }) => deviceId)).toEqual(['nobody', 'off-1']);
  });

  it('[IN6] rejects when the journal takes only the reading and not its dead letter', async () => {
    journal.hold();
    const work = telemetry({ values: { conc: 1, ch5: 2 } });
    journal.release();
    await expect(work).resolves.toMatchObject({ records: 1 });
    journal.fail(new Error('no space'));
    await expect(telemetry({ values: { conc: 1, ch5: 2 } })).rejects.toThrow('no space');
    expect(counters.journalled).toBe(1);
  });

  it('[IN25] whatever the bytes, every message is a record or a dead letter', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), fc.boolean(), async (text, asEvent) => {
        const before = journal.records.length;
        await (asEvent ? event(text) : telemetry(text));
        expect(journal.records.length).toBeGreaterThan(before);
      }),
      { numRuns: 500 },
    );
  });
});

describe('[IN28] a dead letter tried again', () => {
  it('gives historical readings with the time at which they came, after the profile was corrected', async () => {
    const before = await intake.replay(letter({ values: { ch5: 2 } }));
    expect(before).toMatchObject({ records: 0, refusals: [{ code: 'unknown_point' }] });
    const device = { id: 'gas-1', disabled: false, credentials: [] };
    directory.upsert(directoryDevice(device, { points: [{ key: 'ch5', type: 'number' }], events: {} }));
    expect(await intake.replay(letter({ values: { ch5: 2 } }))).toEqual({
      records: 1,
      refusals: [],
      downlinks: [],
    });
    expect(journal.records).toEqual([
      {
        kind: 'reading',
        deviceId: 'gas-1',
        receivedAt: NOW - HOUR,
        ts: NOW - HOUR,
        hist: true,
        samples: [['gas-1.ch5', 2]],
      },
    ]);
  });

  it('gives an event as it was', async () => {
    await intake.replay(letter({ event: 'alarm_button' }, eventsTopic('gas-1')));
    expect(journal.records[0]).toMatchObject({ kind: 'event', ts: NOW - HOUR });
  });

  it.each([
    [letter({ values: { conc: 1 } }, telemetryTopic('gas-2')), 'topic_forbidden'],
    [letter({ values: { conc: 1 } }, telemetryTopic('gas-1'), 'nobody'), 'unknown_device'],
    [letter({ values: { conc: 1 } }, telemetryTopic('gas-1'), null), 'unknown_device'],
    [letter('x'), 'malformed_json'],
  ])('says what is still wrong, and keeps no second letter', async (again, code) => {
    expect(await intake.replay(again)).toMatchObject({ records: 0, refusals: [{ code }] });
    expect(journal.records).toEqual([]);
  });
});
