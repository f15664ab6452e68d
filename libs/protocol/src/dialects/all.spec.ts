import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Dialect, type DialectResult } from '../dialect.js';
import { decodeLimits } from '../limits.js';
import { dialectOfTopic, dialects } from './all.js';

const T = 1735689600000;
const text = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const named = (name: string): Dialect => {
  const found = dialects.find((dialect) => dialect.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

/** What a device D1 may publish, with a payload of each, to begin from. */
const published: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  watchfire: [
    ['watchfire/v1/devices/D1/telemetry', '[{"values":{"ch4":12.5,"valve":true},"ts":1735689600000}]'],
    ['watchfire/v1/devices/D1/events', '{"event":"alarm_button","ts":1735689600000,"data":{"a":[1]}}'],
    ['watchfire/v1/devices/D1/commands/C-1/reply', '{"ok":true,"data":{}}'],
  ],
  thingsboard: [
    ['v1/devices/me/telemetry', '[{"ts":1735689600000,"values":{"gasPpm":12.5}},{"gasPpm":"13"}]'],
    ['v2/a/j', '{"firmware":"1.2.0","floor":7}'],
    ['v1/devices/me/attributes/request/1', '{"clientKeys":"a,b","sharedKeys":"c"}'],
    ['v2/r/res/1', '{"ok":true}'],
    ['v1/devices/me/rpc/request/1', '{"method":"mute","params":{"s":60}}'],
    ['v1/devices/me/claim', '{"secretKey":"x","durationMs":60000}'],
    ['v1/gateway/connect', '{"device":"Gas-17","type":"gas-detector"}'],
    ['v1/gateway/telemetry', '{"Gas-17":[{"ts":1735689600000,"values":{"ppm":12.5}}],"T":[{"level":81}]}'],
    ['v1/gateway/attributes', '{"Gas-17":{"fw":"1.2"}}'],
    ['v1/gateway/attributes/request', '{"id":7,"device":"Gas-17","client":true,"keys":["fw"]}'],
    ['v1/gateway/rpc', '{"device":"Gas-17","id":3,"data":{"ok":true}}'],
    ['v1/gateway/claim', '{"Gas-17":{"secretKey":"x","durationMs":60000}}'],
  ],
  jetlinks: [
    ['/p/D1/properties/report', '{"properties":{"ppm":12.5},"messageId":"1","timestamp":1735689600000}'],
    ['/p/D1/child/s1/event/e', '{"messageId":"e1","timestamp":1735689600000,"data":{"zone":"3F"}}'],
    ['/p/D1/properties/read/reply', '{"messageId":"m1","success":true,"properties":{"ppm":12.5}}'],
    ['/p/D1/function/invoke/reply', '{"messageId":"f1","success":true,"output":"ok"}'],
    ['/p/D1/tags', '{"tags":{"floor":7}}'],
    ['/p/D1/direct', 'raw'],
  ],
  alibaba: [
    ['/sys/pk/D1/thing/event/property/post', '{"id":"1","params":{"P":{"value":"on","time":1524448722000}}}'],
    ['/sys/pk/D1/thing/event/fire/post', '{"id":"1","params":{"value":{"z":1},"time":1524448722000}}'],
    ['/sys/pk/D1/thing/service/mute_reply', '{"id":"1","code":200,"data":{}}'],
  ],
  huawei: [
    [
      '$oc/devices/D1/sys/properties/report',
      '{"services":[{"service_id":"gas","properties":{"ppm":12.5},"event_time":"20250101T000000Z"}]}',
    ],
    [
      '$oc/devices/D1/sys/gateway/sub_devices/properties/report',
      '{"devices":[{"device_id":"s","services":[{"service_id":"g","properties":{"p":1}}]}]}',
    ],
    ['$oc/devices/D1/sys/events/up', '{"services":[{"service_id":"f","event_type":"a","paras":{"z":1}}]}'],
    ['$oc/devices/D1/sys/commands/response/request_id=C-1', '{"result_code":0,"paras":{}}'],
  ],
  onenet: [
    ['$sys/p/D1/thing/property/post', '{"id":"1","params":{"power":{"value":500,"time":1524448722123}}}'],
    ['$sys/p/D1/thing/event/post', '{"id":"1","params":{"fire":{"value":{},"time":1524448722123}}}'],
    ['$sys/p/D1/thing/pack/post', '{"id":"1","params":[{"properties":{"p":{"value":1}},"events":{"f":{}}}]}'],
    ['$sys/p/D1/thing/history/post', '{"id":"1","params":[{"properties":{"p":[{"value":1,"time":15}]}}]}'],
    ['$sys/p/D1/thing/property/get_reply', '{"id":"1","code":200,"data":{"p":1}}'],
  ],
};

/** Bytes of a payload with some of them changed, taken out or repeated. */
const mutated = (payload: string): fc.Arbitrary<Uint8Array> =>
  fc
    .array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'repeat')), { maxLength: 6 })
    .map((changes) => {
      const bytes = [...text(payload)];
      for (const [at, byte, change] of changes) {
        const place = at % (bytes.length + 1);
        if (change === 'set') bytes[place] = byte;
        else if (change === 'cut') bytes.splice(place, 1 + (byte % 8));
        else bytes.splice(place, 0, ...bytes.slice(place, place + (byte % 32)));
      }
      return Uint8Array.from(bytes);
    });

function mustBeBounded(result: DialectResult | undefined): void {
  if (result === undefined) return;
  expect(result.uplinks.length).toBeLessThanOrEqual(2 * decodeLimits.maxMessages);
  expect(result.refusals.length).toBeLessThanOrEqual(64);
  expect(result.answers.length).toBeLessThanOrEqual(1);
  // Nothing vanishes: a message that says nothing is told to be such.
  expect(result.uplinks.length + result.refusals.length).toBeGreaterThan(0);
  for (const refusal of result.refusals) expect(refusal.message.length).toBeLessThan(400);
  for (const answer of result.answers) {
    expect(answer.payload.length).toBeLessThan(2_000);
    answer.payloadIfRefused?.('x');
  }
  for (const uplink of result.uplinks) {
    if (uplink.kind === 'telemetry') {
      expect(Object.getPrototypeOf(uplink.message.values)).toBeNull();
      expect(Object.keys(uplink.message.values).length).toBeLessThanOrEqual(decodeLimits.maxValues);
    }
    if (uplink.kind === 'attributes-request') uplink.answer({ client: {}, shared: {} });
  }
}

const strangeJson = fc.json({ depthSize: 'large', maxDepth: 6 });

// Sparkplug is no JSON and knows nothing before a birth: its properties are beside its codec.
const inJson = dialects.filter((dialect) => dialect.name !== 'sparkplug');

describe.each(inJson.map((dialect) => [dialect.name, dialect] as const))('%s', (name, dialect) => {
  const examples = published[name] ?? [];

  it('takes each of its examples without a refusal of its own', () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const [topic, payload] of examples) {
      const result = dialect.open('D1', decodeLimits).receive(topic, text(payload), T);
      expect(result).toBeDefined();
      const codes = result?.refusals.map((refusal) => refusal.code) ?? [];
      const expected = ['unknown_command', 'rpc_unsupported', 'format_unsupported'];
      expect(codes.filter((code) => !expected.includes(code))).toEqual([]);
    }
  });

  it('[DI1] never throws, and stays within bounds', () => {
    const input = fc.constantFrom(...examples).chain(([topic, payload]) =>
      fc.tuple(
        fc.constant(topic),
        fc.oneof(
          mutated(payload),
          strangeJson.map(text),
          fc.uint8Array({ maxLength: 200 }),
          // The members of the example with strange values.
          fc.array(fc.jsonValue({ maxDepth: 4 }), { minLength: 1, maxLength: 8 }).map((values) => {
            let at = 0;
            return text(
              payload.replace(/(?<=:)(?:"[^"]*"|[0-9.]+|true)/g, () =>
                JSON.stringify(values[at++ % values.length]),
              ),
            );
          }),
        ),
      ),
    );
    const session = dialect.open('D1', decodeLimits);
    fc.assert(
      fc.property(input, fc.boolean(), ([topic, payload], waiting) => {
        if (waiting) session.awaitReply?.('C-1');
        mustBeBounded(session.receive(topic, payload, T));
      }),
      { numRuns: 500 },
    );
  });

  it('[DI1] never throws on topics and filters', () => {
    const level = fc.oneof(
      fc.constantFrom(...examples.flatMap(([topic]) => topic.split('/')), '+', '#', ''),
      fc.string(),
    );
    const session = dialect.open('D1', decodeLimits);
    fc.assert(
      fc.property(fc.array(level, { maxLength: 9 }), (levels) => {
        const topic = levels.join('/');
        dialect.isTopic(topic);
        session.mayHear(topic);
        session.isForDevice(topic);
        mustBeBounded(session.receive(topic, text('{}'), T));
      }),
      { numRuns: 500 },
    );
    for (const topic of ['', '/'.repeat(60_000), `$oc/devices/D1/${'x'.repeat(60_000)}`]) {
      expect(session.mayHear(topic)).toBe(false);
      expect(session.receive(topic, text('{}'), T)).toBeUndefined();
    }
  });

  it('[DI5] lets a device hear nothing that is meant for another, and commands are for whom they are sent to', () => {
    const mine = dialect.open('D1', decodeLimits);
    const another = dialect.open('D2', decodeLimits);
    const command = { commandId: 'C-1', command: 'mute', params: {}, expires: T };
    const forMe = mine.command(command);
    const forAnother = another.command(command);
    if ('refused' in forMe || 'refused' in forAnother) throw new Error('refused');
    expect(mine.isForDevice(forMe.topic)).toBe(true);
    expect(mine.mayHear(forMe.topic)).toBe(true);
    if (dialect.sharedTopics === true) return;
    expect(mine.isForDevice(forAnother.topic)).toBe(false);
    const levels = forAnother.topic.split('/');
    const filter = fc
      .array(fc.constantFrom('as it is', 'as it is', 'as it is', 'as it is', '+', 'D1', '#'), {
        minLength: levels.length,
        maxLength: levels.length,
      })
      .map((kinds) => {
        const made = levels.map((level, at) => (kinds[at] === 'as it is' ? level : (kinds[at] ?? '')));
        const end = made.indexOf('#');
        return (end === -1 ? made : made.slice(0, end + 1)).join('/');
      });
    fc.assert(
      fc.property(filter, (asked) => {
        if (matches(asked, forAnother.topic)) expect(mine.mayHear(asked)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** MQTT 3.1.1 §4.7. */
function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const asked = filter.split('/');
  for (const [at, level] of asked.entries()) {
    if (level === '#') return true;
    if (at >= levels.length || (level !== '+' && level !== levels[at])) return false;
  }
  return asked.length === levels.length;
}

describe('the dialect of a topic', () => {
  it('is one at most, and the one whose topic it is', () => {
    for (const [name, examples] of Object.entries(published)) {
      for (const [topic] of examples) {
        expect(dialects.filter((dialect) => dialect.isTopic(topic)).map((dialect) => dialect.name)).toEqual([
          name,
        ]);
        expect(dialectOfTopic(topic)).toBe(named(name));
      }
    }
  });

  it('is Sparkplug of its namespace', () => {
    expect(dialectOfTopic('spBv1.0/group/NDATA/node')?.name).toBe('sparkplug');
  });

  it.each(['', '/', '#', '+/+', 'telemetry', '/a/b', 'spBv1', '$SYS/broker', 'v2/telemetry', 'v1/devices/x'])(
    'is none of %s',
    (topic) => expect(dialectOfTopic(topic)).toBeUndefined(),
  );
});
