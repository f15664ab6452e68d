import { describe, expect, it } from '@jest/globals';
import tahu from 'sparkplug-payload';
import { type DialectResult } from '../dialect.js';
import { decodeLimits } from '../limits.js';
import { openSparkplugNode } from './sparkplug.js';

const T = 1_735_689_600_000;
const codec = tahu.get('spBv1.0');
if (codec === null) throw new Error('no codec');
const { encodePayload, decodePayload } = codec;
type TahuMetric = NonNullable<Parameters<typeof encodePayload>[0]['metrics']>[number];

/** Sparkplug 3.0 requires a time in every metric. */
const at = (metric: Omit<TahuMetric, 'timestamp'>): TahuMetric => ({ timestamp: T, ...metric });

/** What the npm client of Eclipse Tahu sends, into a session. */
describe('payloads of sparkplug-payload', () => {
  const open = () => {
    const session = openSparkplugNode('edge-1', decodeLimits);
    let seq = 0;
    const say = (type: string, metrics: TahuMetric[]): DialectResult => {
      if (type === 'NBIRTH') seq = 0;
      const [kind, device] = type.split(' ');
      const payload = encodePayload({ timestamp: T, metrics, ...(kind === 'NDEATH' ? {} : { seq: seq++ }) });
      const topic = `spBv1.0/plant/${kind}/edge-1${device === undefined ? '' : `/${device}`}`;
      const result = session.receive(topic, payload, T);
      if (result === undefined) throw new Error(topic);
      return result;
    };
    return { session, say };
  };

  it('[SB1] every scalar datatype arrives as what it was', () => {
    const { say } = open();
    const result = say('NBIRTH', [
      at({ name: 'int8', type: 'Int8', value: -5 }),
      at({ name: 'int16', type: 'Int16', value: -3_000 }),
      at({ name: 'int32', type: 'Int32', value: -2_147_483_648 }),
      at({ name: 'int64', type: 'Int64', value: -5 }),
      at({ name: 'uint8', type: 'UInt8', value: 255 }),
      at({ name: 'uint32', type: 'UInt32', value: 4_294_967_295 }),
      at({ name: 'uint64', type: 'UInt64', value: { low: -1, high: -1, unsigned: true } as never }),
      at({ name: 'float', type: 'Float', value: 0.5 }),
      at({ name: 'double', type: 'Double', value: 0.1 }),
      at({ name: 'boolean', type: 'Boolean', value: false }),
      at({ name: 'string', type: 'String', value: '液位' }),
      at({ name: 'time', type: 'DateTime', value: T }),
      at({ name: 'uuid', type: 'UUID', value: 'u-1' }),
    ]);
    expect(result.refusals).toEqual([]);
    expect(result.uplinks).toHaveLength(1);
    expect(result.uplinks[0]).toMatchObject({
      message: {
        ts: T,
        quality: { uint64: 'uncertain' },
        values: {
          int8: -5,
          int16: -3_000,
          int32: -2_147_483_648,
          int64: -5,
          uint8: 255,
          uint32: 4_294_967_295,
          uint64: 2 ** 64,
          float: 0.5,
          double: 0.1,
          boolean: false,
          string: '液位',
          time: T,
          uuid: 'u-1',
        },
      },
    });
  });

  it('[SB8] what cannot be a point is refused and costs its neighbours nothing', () => {
    const result = open().say('NBIRTH', [
      at({ name: 'bytes', type: 'Bytes', value: Uint8Array.of(1, 2) }),
      at({
        name: 'table',
        type: 'DataSet',
        value: { numOfColumns: 1, types: ['Int32'], columns: ['a'], rows: [[1]] },
      }),
      at({
        name: 'template',
        type: 'Template',
        value: { isDefinition: true, version: '1', metrics: [at({ name: 'm', type: 'Int32', value: 1 })] },
      }),
      at({ name: 'ok', type: 'Int32', value: 1 }),
    ]);
    expect(result.refusals.map(({ code }) => code)).toEqual(Array(3).fill('datatype_unsupported'));
    expect(result.uplinks).toMatchObject([{ kind: 'telemetry', message: { values: { ok: 1 } } }]);
  });

  it('[SB7] properties, null and history are read', () => {
    const { say } = open();
    say('NBIRTH', [at({ name: 'a', type: 'Double', value: 1 })]);
    const quality = (value: number): TahuMetric =>
      at({
        name: 'a',
        type: 'Double',
        value: 2,
        properties: { engUnit: { type: 'String', value: 'ppm' }, Quality: { type: 'Int32', value } },
      });
    const told = [quality(0), quality(192), quality(500)].map((metric) => {
      const [uplink] = say('NDATA', [metric]).uplinks;
      return uplink?.kind === 'telemetry' ? uplink.message.quality['a'] : uplink;
    });
    expect(told).toEqual(['bad', undefined, 'uncertain']);
    expect(say('NDATA', [at({ name: 'a', type: 'Double', value: null })]).uplinks).toMatchObject([
      { message: { values: { a: 2 }, quality: { a: 'bad' } } },
    ]);
    expect(
      say('NDATA', [at({ name: 'a', type: 'Double', value: 3, isHistorical: true })]).uplinks,
    ).toMatchObject([{ message: { values: { a: 3 }, hist: true } }]);
  });

  it('[SB6] the last will of the client fits the birth of the client', () => {
    const { say } = open();
    const bdSeq = { name: 'bdSeq', type: 'UInt64', value: 0 } as unknown as TahuMetric;
    say('NBIRTH', [bdSeq]);
    say('DBIRTH d1', [at({ name: 'a', type: 'Boolean', value: true })]);
    expect(say('NDEATH', [{ ...bdSeq, type: 'uint64' } as unknown as TahuMetric]).uplinks).toMatchObject([
      { kind: 'presence', child: 'd1', connected: false },
    ]);
  });

  it('[SB10] the client reads our commands', () => {
    const { session, say } = open();
    say('NBIRTH', [
      at({ name: 'limit', type: 'Int32', value: 1 }),
      at({ name: 'count', type: 'UInt32', value: 1 }),
    ]);
    const command = (name: string, params: Record<string, unknown>) => {
      const downlink = session.command({ commandId: 'c', command: name, params, expires: T + 1 });
      if ('refused' in downlink) throw new Error(downlink.refused);
      return decodePayload(downlink.payload).metrics;
    };
    expect(command('write_attributes', { limit: -5 })).toMatchObject([
      { name: 'limit', type: 'Int32', value: -5 },
    ]);
    // The client has UInt32 in `long_value`, and looks for it nowhere else.
    const [count] = command('write_attributes', { count: 4_294_967_295 }) ?? [];
    expect(Number(count?.value) >>> 0).toBe(4_294_967_295);
    expect(command('rebirth', {})).toMatchObject([
      { name: 'Node Control/Rebirth', type: 'Boolean', value: true },
    ]);
  });
});
