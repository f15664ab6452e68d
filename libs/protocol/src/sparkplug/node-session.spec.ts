import { describe, expect, it } from '@jest/globals';
import { type DialectResult, type Downlink } from '../dialect.js';
import { decodeLimits } from '../limits.js';
import { Datatype } from './datatype.js';
import { hostState } from './host-state.js';
import { sparkplugLimits } from './limits.js';
import { type NodeSession } from './node-session.js';
import { decodePayload, encodePayload, type Metric } from './payload.js';
import { valuesOf, vectors } from './sparkplug-fixtures.js';
import { openSparkplugNode, sparkplug } from './sparkplug.js';

const T = 1_735_689_600_000;
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const REBIRTH = 'spBv1.0/plant/NCMD/edge-1';

/** An edge node that speaks to a session, with its own sequence and clock. */
class Edge {
  seq = 0;
  at = T;

  constructor(readonly session: NodeSession = openSparkplugNode('edge-1', decodeLimits)) {}

  say(
    type: string,
    metrics: readonly Metric[],
    options: { seq?: number | null; after?: number } = {},
  ): DialectResult {
    this.at += options.after ?? 1_000;
    const [kind, device] = type.split(' ');
    const seq = options.seq === undefined ? this.seq : options.seq;
    if (kind === 'NBIRTH' && options.seq === undefined) this.seq = 0;
    const payload = encodePayload({
      timestamp: this.at,
      metrics,
      ...(kind === 'NDEATH' || seq === null
        ? {}
        : { seq: kind === 'NBIRTH' && options.seq === undefined ? 0 : seq }),
    });
    if (kind !== 'NDEATH')
      this.seq = ((kind === 'NBIRTH' && options.seq === undefined ? 0 : (seq ?? this.seq)) + 1) % 256;
    const topic = `spBv1.0/plant/${kind}/edge-1${device === undefined ? '' : `/${device}`}`;
    const result = this.session.receive(topic, payload, this.at);
    if (result === undefined) throw new Error(`${topic} is not a topic of the node`);
    return result;
  }

  /** The birth of a node with `gas/ppm`, and of the device `d1` with `valve`. */
  born(): this {
    this.say('NBIRTH', [bdSeq(0), float('gas/ppm', 0, { alias: 1 })]);
    this.say('DBIRTH d1', [bool('valve', false, { alias: 2 }), int('count', 7, { alias: 3 })]);
    return this;
  }
}

const bdSeq = (value: number): Metric => ({
  name: 'bdSeq',
  datatype: Datatype.Int64,
  value: { kind: 'long', value },
});
const float = (name: string, value: number, more: Partial<Metric> = {}): Metric => ({
  name,
  datatype: Datatype.Float,
  value: { kind: 'float', value },
  ...more,
});
const bool = (name: string, value: boolean, more: Partial<Metric> = {}): Metric => ({
  name,
  datatype: Datatype.Boolean,
  value: { kind: 'boolean', value },
  ...more,
});
const int = (name: string, value: number, more: Partial<Metric> = {}): Metric => ({
  name,
  datatype: Datatype.Int32,
  value: { kind: 'int', value },
  ...more,
});
const ppm = (value: number, more: Partial<Metric> = {}): Metric => ({
  alias: 1,
  value: { kind: 'float', value },
  ...more,
});

const codes = (result: DialectResult): string[] => result.refusals.map(({ code }) => code);
const asksForRebirth = (result: DialectResult): boolean =>
  result.answers.some(({ topic }) => topic === REBIRTH);
const telemetry = (result: DialectResult) => result.uplinks.filter((uplink) => uplink.kind === 'telemetry');
function sent(command: Downlink | { refused: string }): { topic: string; metrics: unknown } {
  if ('refused' in command) throw new Error(command.refused);
  const payload = decodePayload(command.payload, { maxMetrics: 100, maxStringLength: 100 });
  return { topic: command.topic, metrics: payload?.metrics };
}

describe('the session of an edge node', () => {
  it('[SB4] takes datatypes and aliases from the birth, and data by alias', () => {
    const session = openSparkplugNode('edge-1', decodeLimits);
    const birth = session.receive('spBv1.0/plant/NBIRTH/edge-1', bytes(vectors.nbirth), T);
    expect(birth).toEqual({
      uplinks: [
        { kind: 'telemetry', message: { values: { 'gas/ppm': 0 }, quality: {}, hist: false, ts: T } },
      ],
      refusals: [],
      answers: [],
      ready: [undefined],
    });
    const data = session.receive('spBv1.0/plant/NDATA/edge-1', bytes(vectors.ndata), T);
    expect(data).toEqual({
      uplinks: [
        {
          kind: 'telemetry',
          message: { values: { 'gas/ppm': 42.5 }, quality: {}, hist: false, ts: T + 1_000 },
        },
      ],
      refusals: [],
      answers: [],
    });
  });

  it('[SB4] speaks for devices as children, and tells when they come and go', () => {
    const edge = new Edge();
    edge.say('NBIRTH', [bdSeq(0)]);
    const birth = edge.say('DBIRTH d1', [bool('valve', true, { alias: 2 })]);
    expect(birth.uplinks).toMatchObject([
      { kind: 'presence', child: 'd1', connected: true },
      { kind: 'telemetry', child: 'd1', message: { values: { valve: true } } },
    ]);
    const death = edge.say('DDEATH d1', []);
    expect(death.uplinks).toEqual([
      { kind: 'presence', child: 'd1', connected: false, reason: 'device_death' },
    ]);
    const late = edge.say('DDATA d1', [{ alias: 2, value: { kind: 'boolean', value: true } }]);
    expect(telemetry(late)).toEqual([]);
    expect(asksForRebirth(late)).toBe(true);
  });

  it('[SB4] keeps controls and bdSeq out of telemetry, and makes descriptions attributes', () => {
    const result = new Edge().say('NBIRTH', [
      bdSeq(0),
      bool('Node Control/Rebirth', false),
      {
        name: 'Properties/Hardware Make',
        datatype: Datatype.String,
        value: { kind: 'string', value: 'ACME' },
      },
    ]);
    expect(result.uplinks).toEqual([
      { kind: 'attributes', attributes: { 'Properties/Hardware Make': 'ACME' } },
    ]);
  });

  it('[SB4] puts metrics of one time into one message, oldest first, and history apart', () => {
    const result = new Edge()
      .born()
      .say('NDATA', [
        ppm(3, { timestamp: T + 3 }),
        ppm(1, { timestamp: T + 1, isHistorical: true }),
        ppm(2, { timestamp: T + 3 }),
        ppm(0, { timestamp: T + 1 }),
      ]);
    expect(
      telemetry(result).map(({ message: { values, hist, ts } }) => [values['gas/ppm'], hist, ts]),
    ).toEqual([
      [1, true, T + 1],
      [0, false, T + 1],
      [3, false, T + 3],
      [2, false, T + 3],
    ]);
  });

  it('[SB5] begins with any number, goes on from 255 to 0, and asks for a rebirth at the first gap', () => {
    const edge = new Edge();
    edge.say('NBIRTH', [float('gas/ppm', 0, { alias: 1 })], { seq: 254 });
    expect(valuesOf(edge.say('NDATA', [ppm(1)]).uplinks)).toEqual({ 'gas/ppm': 1 });
    expect(valuesOf(edge.say('NDATA', [ppm(2)]).uplinks)).toEqual({ 'gas/ppm': 2 });
    expect(edge.seq).toBe(1);
    const gap = edge.say('NDATA', [ppm(3)], { seq: 2 });
    expect(codes(gap)).toEqual(['out_of_sequence']);
    expect(gap.answers).toHaveLength(1);
    expect(sent(gap.answers[0]!)).toMatchObject({
      topic: REBIRTH,
      metrics: [{ name: 'Node Control/Rebirth', value: { kind: 'boolean', value: true } }],
    });
  });

  it('[SB5] believes nothing after a gap until the node is born again, and asks once', () => {
    const edge = new Edge().born();
    edge.say('NDATA', [ppm(1)], { seq: 9 });
    for (const type of ['NDATA', 'DDATA d1', 'DBIRTH d1']) {
      const result = edge.say(type, [float('gas/ppm', 5)]);
      expect(result.uplinks).toEqual([]);
      expect(codes(result)).toEqual(['out_of_sequence']);
      expect(result.answers).toEqual([]);
    }
    expect(asksForRebirth(edge.say('NDATA', [ppm(1)], { after: 10_000 }))).toBe(true);
    edge.born();
    expect(valuesOf(edge.say('NDATA', [ppm(8)]).uplinks)).toEqual({ 'gas/ppm': 8 });
  });

  it('[SB5] is not driven to a rebirth a message by a node that does not count', () => {
    const edge = new Edge();
    let asked = 0;
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 5; i++) {
        const birth = edge.say('NBIRTH', [float('gas/ppm', 0)], { seq: 0, after: 100 });
        const data = edge.say('NDATA', [float('gas/ppm', 1)], { seq: 0, after: 100 });
        asked += birth.answers.length + data.answers.length;
      }
    }
    expect(asked).toBeGreaterThan(30);
    expect(asked).toBeLessThanOrEqual(60);
  });

  it.each([
    ['before any birth', 'NDATA', [ppm(1)], 'birth_missing'],
    ['of a device before any birth', 'DDATA d1', [ppm(1)], 'birth_missing'],
    ['a device birth before that of the node', 'DBIRTH d1', [bool('valve', true)], 'birth_missing'],
  ])('[SB5] data %s is refused and asks for a rebirth', (_, type, metrics, code) => {
    const result = new Edge().say(type, metrics);
    expect([codes(result), result.uplinks, asksForRebirth(result)]).toEqual([[code], [], true]);
  });

  it.each([
    ['an unknown alias', 'NDATA', { alias: 99, value: { kind: 'float', value: 1 } }],
    ['an unknown name', 'NDATA', float('nothing', 1)],
    ['the alias of another device', 'DDATA d1', ppm(1)],
    ['an alias with the name of another metric', 'DDATA d1', bool('valve', true, { alias: 3 })],
    ['another datatype than that of the birth', 'NDATA', int('gas/ppm', 1)],
  ] as [string, string, Metric][])(
    '[SB5] %s costs its metric and asks for a rebirth, not twice',
    (_, type, metric) => {
      const edge = new Edge().born();
      const known = type === 'NDATA' ? ppm(4) : bool('valve', true);
      const result = edge.say(type, [metric, known]);
      expect(codes(result)).toEqual(['metric_unknown']);
      expect(Object.keys(valuesOf(result.uplinks))).toHaveLength(1);
      expect(asksForRebirth(result)).toBe(true);
      edge.born();
      expect(edge.say(type, [metric, known]).answers).toEqual([]);
    },
  );

  it('[SB5] does not use an alias that two metrics were given, nor ask in vain', () => {
    const edge = new Edge();
    edge.say('NBIRTH', [bdSeq(0), float('a', 0, { alias: 1 }), float('b', 0, { alias: 1 })]);
    const result = edge.say('NDATA', [ppm(1), float('b', 2)]);
    expect(valuesOf(result.uplinks)).toEqual({ b: 2 });
    expect([codes(result), result.answers]).toEqual([['metric_invalid'], []]);
  });

  it('[SB5] does not believe a message that is older than the birth', () => {
    const edge = new Edge().born();
    const late = encodePayload({ timestamp: T, seq: edge.seq, metrics: [ppm(1)] });
    const result = edge.session.receive('spBv1.0/plant/NDATA/edge-1', late, edge.at);
    expect(result?.uplinks).toEqual([]);
    expect(result?.answers).toHaveLength(1);
  });

  it('[SB5] after a birth that is older than the one before, the next birth decides', () => {
    const edge = new Edge().born();
    const old = encodePayload({
      timestamp: T - 60_000,
      seq: 0,
      metrics: [bdSeq(0), float('other', 0, { alias: 1 })],
    });
    const result = edge.session.receive('spBv1.0/plant/NBIRTH/edge-1', old, edge.at);
    expect(result).toMatchObject({ uplinks: [], refusals: [{ code: 'out_of_sequence' }] });
    expect(result?.answers).toHaveLength(1);
    edge.at = T - 30_000; // The node's clock was set back.
    edge.born();
    expect(valuesOf(edge.say('NDATA', [ppm(6)]).uplinks)).toEqual({ 'gas/ppm': 6 });
  });

  it('[SB6] at the death of the node its devices are gone, and its aliases forgotten', () => {
    const edge = new Edge().born();
    expect(edge.say('NDEATH', [bdSeq(0)]).uplinks).toEqual([
      { kind: 'presence', child: 'd1', connected: false, reason: 'node_death' },
    ]);
    const result = edge.say('NDATA', [ppm(1)]);
    expect([telemetry(result), asksForRebirth(result)]).toEqual([[], true]);
  });

  it('[SB6] ignores a death of an earlier session', () => {
    const edge = new Edge();
    edge.say('NBIRTH', [bdSeq(1), float('gas/ppm', 0, { alias: 1 })]);
    edge.say('DBIRTH d1', [bool('valve', false)]);
    expect(edge.say('NDEATH', [bdSeq(0)]).uplinks).toMatchObject([{ kind: 'ignored' }]);
    expect(valuesOf(edge.say('NDATA', [ppm(2)]).uplinks)).toEqual({ 'gas/ppm': 2 });
  });

  it('[SB6] a rebirth keeps devices present; a birth of another session does not', () => {
    const edge = new Edge().born();
    expect(edge.say('NBIRTH', [bdSeq(0)]).uplinks).toEqual([]);
    expect(edge.say('DBIRTH d1', []).uplinks).toEqual([]);
    expect(edge.say('NBIRTH', [bdSeq(1)]).uplinks).toEqual([
      { kind: 'presence', child: 'd1', connected: false, reason: 'node_reborn' },
    ]);
  });

  it('[SB7] null and NaN make the last value bad; nothing is made up where there was none', () => {
    const edge = new Edge().born();
    edge.say('NDATA', [ppm(40)]);
    for (const unknown of [{ alias: 1, isNull: true }, ppm(NaN)]) {
      const [uplink] = telemetry(edge.say('NDATA', [unknown]));
      expect(uplink?.message).toMatchObject({ values: { 'gas/ppm': 40 }, quality: { 'gas/ppm': 'bad' } });
    }
    const never = new Edge().say('NBIRTH', [float('x', 0, { isNull: true })]);
    expect(never.uplinks).toEqual([{ kind: 'ignored', what: 'metric without a value' }]);
  });

  it('[SB7] a value of before the rebirth goes with the null after it', () => {
    const edge = new Edge().born();
    edge.say('NDATA', [ppm(40)]);
    const [uplink] = telemetry(edge.say('NBIRTH', [bdSeq(0), float('gas/ppm', 0, { isNull: true })]));
    expect(uplink?.message).toMatchObject({ values: { 'gas/ppm': 40 }, quality: { 'gas/ppm': 'bad' } });
  });

  it.each([
    [0, 'bad', []],
    [192, undefined, []],
    [500, 'uncertain', []],
    [7, 'uncertain', ['quality_invalid']],
    ['unreadable', 'uncertain', ['quality_invalid']],
  ] as const)('[SB7] quality %s is %s', (quality, expected, refused) => {
    // The encoder of this library writes no properties; the interoperability tests read real ones.
    const edge = new Edge().born();
    const property = qualityProperty(quality);
    const metric = Uint8Array.from([0x10, 1, 0x4a, property.length, ...property, 0x65, 0, 0, 0x2a, 0x42]);
    const payload = Uint8Array.from([0x12, metric.length, ...metric, 0x18, edge.seq]);
    const result = edge.session.receive('spBv1.0/plant/NDATA/edge-1', payload, edge.at);
    expect(telemetry(result!)[0]?.message.quality['gas/ppm']).toBe(expected);
    expect(codes(result!)).toEqual(refused);
  });

  it('[SB8] refuses what cannot be a point, metric by metric', () => {
    const edge = new Edge();
    const birth = edge.say('NBIRTH', [
      bdSeq(0),
      { name: 'table', datatype: Datatype.DataSet, alias: 5, isNull: true },
      { name: 'untyped', value: { kind: 'int', value: 1 } },
      { datatype: Datatype.Int32, value: { kind: 'int', value: 1 } },
      float('ok', 1),
    ]);
    expect(valuesOf(birth.uplinks)).toEqual({ ok: 1 });
    expect(codes(birth)).toEqual(['datatype_unsupported', 'key_invalid', 'datatype_unsupported']);
    const data = edge.say('NDATA', [
      { alias: 5, isNull: true },
      float('ok', 2),
      float('ok', 0, { datatype: 9 }),
    ]);
    expect(codes(data)).toEqual(['datatype_unsupported']);
    expect(data.answers).toEqual([]);
  });

  it('[SB8] holds a bounded number of metrics and devices', () => {
    const limits = { ...sparkplugLimits, maxMetricsPerPayload: 4, maxMetricsPerNode: 5, maxDevices: 1 };
    const edge = new Edge(openSparkplugNode('edge-1', decodeLimits, { limits }));
    const five = Array.from({ length: 5 }, (_, i) => float(`m${i}`, i));
    const birth = edge.say('NBIRTH', five);
    expect(Object.keys(valuesOf(birth.uplinks))).toHaveLength(4);
    expect(codes(birth)).toEqual(['too_many_metrics']);
    const device = edge.say('DBIRTH d1', [float('a', 1), float('b', 2)]);
    expect([valuesOf(device.uplinks), codes(device)]).toEqual([{ a: 1 }, ['too_many_metrics']]);
    expect(codes(edge.say('DBIRTH d2', []))).toEqual(['too_many_children']);
  });

  it('[SB8] says what is no payload, and that compressed ones are not read', () => {
    const { session } = new Edge();
    const topic = 'spBv1.0/plant/NBIRTH/edge-1';
    expect(session.receive(topic, bytes('ff'), T)).toMatchObject({
      refusals: [{ code: 'malformed_protobuf' }],
    });
    const compressed = Uint8Array.from([0x22, 18, ...Buffer.from('SPBV1.0_COMPRESSED'), 0x2a, 1, 0]);
    expect(session.receive(topic, compressed, T)).toMatchObject({ refusals: [{ code: 'compressed' }] });
  });
});

describe('topics of an edge node', () => {
  it('[SB9] takes only its own, in the group of its first message', () => {
    const { session } = new Edge().born();
    for (const topic of [
      'spBv1.0/other/NDATA/edge-1',
      'spBv1.0/plant/NDATA/edge-2',
      'spBv1.0/plant/NDATA/edge-1/d1',
      'spBv1.0/plant/DDATA/edge-1',
      'spBv1.0/plant/DDATA/edge-1/d1/x',
      'spBv1.0/plant/DDATA/edge-1/',
      'spBv1.0/plant/DDATA/edge-1/+',
      'spBv1.0/plant/NCMD/edge-1',
      'spBv1.0/STATE/host',
      'spBv2.0/plant/NDATA/edge-1',
      'spAv1.0/plant/NDATA/edge-1',
    ]) {
      expect([topic, session.receive(topic, bytes(vectors.ndata), T)]).toEqual([topic, undefined]);
    }
  });

  it('[SB9] lets a node hear its own commands and the states of hosts, and nothing else', () => {
    const { session } = new Edge().born();
    const own = [
      'spBv1.0/plant/NCMD/edge-1',
      'spBv1.0/plant/NCMD/edge-1/#',
      'spBv1.0/plant/DCMD/edge-1/#',
      'spBv1.0/plant/DCMD/edge-1/+',
      'spBv1.0/plant/DCMD/edge-1/d1',
      'spBv1.0/STATE/#',
      'spBv1.0/STATE/+',
      'spBv1.0/STATE/host',
      'STATE/host',
    ];
    const foreign = [
      '#',
      'spBv1.0/#',
      'spBv1.0/+/NCMD/edge-1',
      'spBv1.0/plant/+/edge-1/#',
      'spBv1.0/other/NCMD/edge-1',
      'spBv1.0/plant/NCMD/#',
      'spBv1.0/plant/NCMD/edge-2',
      'spBv1.0/plant/NDATA/edge-1',
      'spBv1.0/STATE/a/b',
      'STATE',
    ];
    expect(own.filter((filter) => !session.mayHear(filter))).toEqual([]);
    expect(foreign.filter((filter) => session.mayHear(filter))).toEqual([]);
    expect(session.isForDevice('spBv1.0/plant/DCMD/edge-1/d1')).toBe(true);
    expect(session.isForDevice('spBv1.0/STATE/host')).toBe(true);
    expect(session.isForDevice('spBv1.0/plant/DCMD/edge-2/d1')).toBe(false);
    expect(session.isForDevice('spBv1.0/plant/DCMD/edge-1/#')).toBe(false);
    expect(openSparkplugNode('edge-1', decodeLimits).mayHear('spBv1.0/any/NCMD/edge-1/#')).toBe(true);
    expect(sparkplug.isTopic('spBv1.0/plant/NDATA/edge-1')).toBe(true);
    expect(sparkplug.isTopic('spBv2.0/plant/NDATA/edge-1')).toBe(false);
  });

  it('[SB9] greets a node whose group is known, and no other', () => {
    expect(openSparkplugNode('edge-1', decodeLimits).greeting(T)).toBeUndefined();
    const greeting = openSparkplugNode('edge-1', decodeLimits, { group: 'plant' }).greeting(T + 2_000);
    expect(greeting?.topic).toBe(REBIRTH);
    expect(Buffer.from(greeting?.payload ?? []).toString('hex')).toBe(vectors.rebirth);
  });

  it('[SB9] announces the host', () => {
    const { topic, payload } = hostState('watchfire', true, T);
    expect([topic, new TextDecoder().decode(payload)]).toEqual([
      'spBv1.0/STATE/watchfire',
      '{"online":true,"timestamp":1735689600000}',
    ]);
  });
});

describe('commands to an edge node', () => {
  const command = (name: string, params: Record<string, unknown> = {}) => ({
    commandId: 'c1',
    command: name,
    params,
    expires: T + 60_000,
  });
  const replies = (result: DialectResult) =>
    result.uplinks.filter((uplink) => uplink.kind === 'command-reply');

  it('[SB10] writes metrics with the datatypes of the birth', () => {
    const { session } = new Edge().born();
    expect(
      sent(session.command(command('write_attributes', { valve: true, count: -5 }), 'd1')),
    ).toMatchObject({
      topic: 'spBv1.0/plant/DCMD/edge-1/d1',
      metrics: [
        { name: 'valve', datatype: Datatype.Boolean, value: { kind: 'boolean', value: true } },
        { name: 'count', datatype: Datatype.Int32, value: { kind: 'int', value: 4_294_967_291 } },
      ],
    });
    expect(sent(session.command(command('valve'), 'd1')).metrics).toMatchObject([
      { name: 'valve', value: { value: true } },
    ]);
    expect(sent(session.command(command('gas/ppm', { value: 1.5 })))).toMatchObject({
      topic: REBIRTH,
      metrics: [{ name: 'gas/ppm', value: { kind: 'float', value: 1.5 } }],
    });
  });

  it.each([
    ['close', {}, 'd1', /"close" is no metric/],
    ['count', {}, 'd1', /"count" must be an integer/],
    ['write_attributes', { valve: 'yes' }, 'd1', /"valve" must be true or false/],
    ['write_attributes', {}, 'd1', /names no metric/],
    ['valve', {}, 'd2', /not born/],
  ])('[SB10] refuses %s %j', (name, params, child, reason) => {
    const refusal = new Edge().born().session.command(command(name, params), child);
    expect(refusal).toMatchObject({ refused: expect.stringMatching(reason) });
  });

  it('[SB10] refuses before the node has published, when nothing says what it is called', () => {
    expect(openSparkplugNode('edge-1', decodeLimits).command(command('rebirth'))).toHaveProperty('refused');
  });

  it('[SB10] refuses only for the time being what a birth may make possible, and the birth says so', () => {
    const edge = new Edge();
    const write = (child?: string): unknown => edge.session.command(command('valve'), child);
    expect(write()).toMatchObject({ notYet: true });
    expect(edge.say('NBIRTH', [bdSeq(0)]).ready).toEqual([undefined]);
    expect(write()).not.toHaveProperty('notYet');
    expect(write('d1')).toMatchObject({ notYet: true });
    expect(edge.say('DBIRTH d1', [bool('valve', true, { alias: 2 })]).ready).toEqual(['d1']);
    expect(write('d1')).toHaveProperty('topic');
    expect(edge.say('DDATA d1', [bool('valve', false, { alias: 2 })]).ready).toBeUndefined();
  });

  it('[SB11] replies when the device reports all that was written, and not before', () => {
    const edge = new Edge().born();
    edge.session.command(command('write_attributes', { valve: true, count: 8 }), 'd1');
    const old = edge.say('DDATA d1', [bool('valve', false), int('count', 8)]);
    const historical = edge.say('DDATA d1', [bool('valve', true, { isHistorical: true })]);
    const ofTheNode = edge.say('NDATA', [ppm(1)]);
    expect([old, historical, ofTheNode].map(replies)).toEqual([[], [], []]);
    expect(replies(edge.say('DDATA d1', [bool('valve', true)]))).toEqual([
      { kind: 'command-reply', child: 'd1', commandId: 'c1', ok: true, data: { valve: true, count: 8 } },
    ]);
    expect(replies(edge.say('DDATA d1', [bool('valve', true)]))).toEqual([]);
  });

  it('[SB11] knows a float again that came back in 32 bits, and a value that comes with a birth', () => {
    const edge = new Edge().born();
    edge.session.command(command('gas/ppm', { value: 42.1 }));
    const birth = edge.say('NBIRTH', [bdSeq(0), float('gas/ppm', 42.1, { alias: 1 })]);
    expect(replies(birth)).toMatchObject([{ commandId: 'c1', data: { 'gas/ppm': Math.fround(42.1) } }]);
  });

  it('[SB11] replies to read_now with the birth of whom it was for', () => {
    const edge = new Edge().born();
    expect(sent(edge.session.command(command('read_now'), 'd1')).topic).toBe(REBIRTH);
    expect(replies(edge.say('NBIRTH', [bdSeq(0)]))).toEqual([]);
    expect(replies(edge.say('DBIRTH d1', []))).toEqual([
      { kind: 'command-reply', child: 'd1', commandId: 'c1', ok: true },
    ]);
  });

  it('[SB11] waits for no reply to a button', () => {
    const edge = new Edge();
    edge.say('NBIRTH', [bool('Node Control/Reboot', false)]);
    expect(edge.session.command(command('Node Control/Reboot'))).toMatchObject({ unanswered: true });
    expect(replies(edge.say('NDATA', [bool('Node Control/Reboot', true)]))).toEqual([]);
  });

  it('[SB11] does not reply after the command has expired', () => {
    const edge = new Edge().born();
    edge.session.command(command('valve'), 'd1');
    expect(replies(edge.say('DDATA d1', [bool('valve', true)], { after: 60_000 }))).toEqual([]);
  });
});

/** A PropertySet of one key `Quality` with an Int32. */
function qualityProperty(quality: number | 'unreadable'): number[] {
  const key = [0x0a, 7, ...Buffer.from('Quality')];
  if (quality === 'unreadable') return [...key, 0x12, 2, 0x10, 1];
  const varint = quality < 128 ? [quality] : [(quality & 0x7f) | 0x80, quality >> 7];
  return [...key, 0x12, varint.length + 3, 0x08, Datatype.Int32, 0x18, ...varint];
}
