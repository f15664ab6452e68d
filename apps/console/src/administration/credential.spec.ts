import { expect, test } from '@jest/globals';
import { publishLine } from './credential.js';

test('the line publishes the first point of the device with its own credential', () => {
  const device = { deviceId: 'gas-1', points: [{ key: 'conc', type: 'number' as const }] };
  expect(
    publishLine(device, { username: 'gas-1', password: 's3cret' }, { host: 'centre.example', port: 1884 }),
  ).toBe(
    `mosquitto_pub -h centre.example -p 1884 -q 1 -u 'gas-1' -P 's3cret' ` +
      `-t 'watchfire/v1/devices/gas-1/telemetry' -m '{"values":{"conc":1}}'`,
  );
});

test('a switch is tried with false: the first try of a fire panel must not be a fire', () => {
  const device = { deviceId: 'panel', points: [{ key: 'fire', type: 'boolean' as const }] };
  expect(publishLine(device, { username: 'a', password: 'b' }, { host: 'h', port: 1883 })).toContain(
    `-m '{"values":{"fire":false}}'`,
  );
});

test('a quote in a password cannot end the argument', () => {
  const line = publishLine(
    { deviceId: 'a', points: [] },
    { username: 'a', password: "x'; rm -rf /; '" },
    { host: 'h', port: 1883 },
  );
  expect(line).toContain(`-P 'x'\\''; rm -rf /; '\\'''`);
});
