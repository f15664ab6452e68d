import { expect, test } from '@jest/globals';
import { publishLine } from './credential.js';

const password = (secret: string) => ({ kind: 'password', username: 'gas-1', password: secret }) as const;
const broker = { host: 'centre.example', port: 1884 };

test('the line publishes the first point of the device with its own credential', () => {
  const device = { deviceId: 'gas-1', points: [{ key: 'conc', type: 'number' as const }] };
  expect(publishLine(device, password('s3cret'), broker)).toBe(
    `mosquitto_pub -h centre.example -p 1884 -q 1 -u 'gas-1' -P 's3cret' ` +
      `-t 'watchfire/v1/devices/gas-1/telemetry' -m '{"values":{"conc":1}}'`,
  );
  expect(publishLine(device, { kind: 'token', username: 'T0KEN', password: '' }, broker)).toBe(
    `mosquitto_pub -h centre.example -p 1884 -q 1 -u 'T0KEN' -t 'v1/devices/me/telemetry' -m '{"conc":1}'`,
  );
});

test('a switch is tried with false: the first try of a fire panel must not be a fire', () => {
  const device = { deviceId: 'panel', points: [{ key: 'fire', type: 'boolean' as const }] };
  expect(publishLine(device, password('b'), broker)).toContain(`-m '{"values":{"fire":false}}'`);
});

test('a quote in a password cannot end the argument', () => {
  const line = publishLine({ deviceId: 'a', points: [] }, password("x'; rm -rf /; '"), broker);
  expect(line).toContain(`-P 'x'\\''; rm -rf /; '\\'''`);
});

test('there is no line for what a shell cannot sign in with', () => {
  for (const kind of ['signed', 'certificate'] as const) {
    const line = publishLine({ deviceId: 'a', points: [] }, { kind, username: 'a', password: 'b' }, broker);
    expect(line).toBeNull();
  }
});
