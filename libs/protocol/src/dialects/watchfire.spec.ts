import { describe, expect, it } from '@jest/globals';
import { decodeLimits } from '../limits.js';
import { watchfire } from './watchfire.js';

const T = 1735689600000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const own = (suffix: string): string => `watchfire/v1/devices/D1/${suffix}`;
const session = watchfire.open('D1', decodeLimits);
const receive = (suffix: string, payload: string) => plain(session.receive(own(suffix), bytes(payload), T));

describe('the own dialect', () => {
  it('reads telemetry and events', () => {
    expect(receive('telemetry', '{"values":{"ch4":12.5,"valve":true},"seq":3}')).toEqual({
      uplinks: [
        {
          kind: 'telemetry',
          message: { values: { ch4: 12.5, valve: true }, quality: {}, hist: false, seq: 3 },
        },
      ],
      refusals: [],
      answers: [],
    });
    expect(receive('events', `{"event":"alarm_button","ts":${T},"data":{"floor":7}}`)).toMatchObject({
      uplinks: [{ kind: 'event', message: { event: 'alarm_button', ts: T, data: { floor: 7 } } }],
    });
    expect(receive('telemetry', '[{"values":{"a":1}},{}]')).toMatchObject({
      uplinks: [{ kind: 'telemetry' }],
      refusals: [{ code: 'values_missing' }],
    });
    expect(receive('telemetry', '{')).toMatchObject({ uplinks: [], refusals: [{ code: 'malformed_json' }] });
    expect(receive('events', '{}')).toMatchObject({ uplinks: [], refusals: [{ code: 'event_invalid' }] });
  });

  it('[DI6] sends a command with its expiry and reads the reply', () => {
    const sent = session.command({ commandId: 'C-1', command: 'close_valve', params: {}, expires: T });
    if ('refused' in sent) throw new Error(sent.refused);
    expect(sent.topic).toBe(own('commands/C-1'));
    expect(JSON.parse(new TextDecoder().decode(sent.payload))).toEqual({
      command: 'close_valve',
      params: {},
      expires: T,
    });
    expect(receive('commands/C-1/reply', '{"ok":true,"data":{}}')).toMatchObject({
      uplinks: [{ kind: 'command-reply', commandId: 'C-1', ok: true, data: {} }],
    });
    expect(receive('commands/C-1/reply', '{"ok":"yes"}')).toMatchObject({
      refusals: [{ code: 'reply_invalid' }],
    });
    expect(
      session.command({ commandId: 'C-1', command: 'x', params: {}, expires: T }, 'child'),
    ).toHaveProperty('refused');
  });

  it.each(['errors', 'commands/#', 'commands/+', 'commands/C-1'])('[DI5] lets the device hear %s', (suffix) =>
    expect(session.mayHear(own(suffix))).toBe(true),
  );

  it.each([
    'telemetry',
    'events',
    '#',
    '+',
    'commands',
    'commands/C-1/reply',
    'commands/+/reply',
    'errors/#',
  ])('[DI5] does not let it hear %s', (suffix) => expect(session.mayHear(own(suffix))).toBe(false));

  it('[DI5] is for the device on its errors and commands only', () => {
    expect(session.isForDevice(own('errors'))).toBe(true);
    expect(session.isForDevice(own('commands/C-1'))).toBe(true);
    for (const topic of [own('telemetry'), own('commands/C-1/reply'), 'watchfire/v1/devices/D2/errors']) {
      expect(session.isForDevice(topic)).toBe(false);
    }
    expect(session.receive('watchfire/v1/devices/D2/telemetry', bytes('{}'), T)).toBeUndefined();
    expect(session.receive(own('commands/a/b/reply'), bytes('{}'), T)).toBeUndefined();
  });
});
