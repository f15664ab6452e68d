import { describe, expect, test } from '@jest/globals';
import { readArguments, UsageError } from './arguments.js';

const read = (line: string, environment: NodeJS.ProcessEnv = {}): unknown =>
  readArguments(line.split(' ').filter(Boolean), environment);

describe('readArguments', () => {
  test('has a default for everything', () => {
    expect(read('')).toMatchObject({
      kind: 'simulate',
      options: {
        url: undefined,
        scenario: undefined,
        speed: 1,
        seed: 'watchfire',
        credentialsFile: 'data/demo-district/demo/credentials.json',
      },
    });
  });

  test('finds the credentials where the server keeps its data', () => {
    expect(read('', { WATCHFIRE_DATA: '/srv/w' })).toMatchObject({
      options: { credentialsFile: '/srv/w/demo/credentials.json' },
    });
  });

  test('takes what is given', () => {
    expect(
      read('--scenario gas-leak --speed 2.5 --seed s --url mqtt://h:1 --credentials c.json'),
    ).toMatchObject({
      options: { scenario: 'gas-leak', speed: 2.5, seed: 's', url: 'mqtt://h:1', credentialsFile: 'c.json' },
    });
    expect(read('--list --district d')).toEqual({ kind: 'list', districtFolder: 'd' });
    expect(read('--help')).toEqual({ kind: 'help' });
  });

  test('reads fire-control rooms', () => {
    expect(read('--rooms')).toMatchObject({
      kind: 'rooms',
      options: {
        units: 185,
        at: { host: '127.0.0.1', port: 26_875, over: 'tcp' },
        account: undefined,
        dutyAnswerMs: 30_000,
      },
    });
    const given =
      '--rooms --units 7 --fire h:1 --server http://s:8080/ --duty-answer never --bad-wire --dialect dahua';
    expect(read(given, { WATCHFIRE_ADMIN_PASSWORD: 'p' })).toMatchObject({
      kind: 'rooms',
      options: {
        ...{
          units: 7,
          at: { host: 'h', port: 1, over: 'tcp' },
          dutyAnswerMs: null,
          badWire: true,
          dialect: 'dahua',
        },
        account: { url: 'http://s:8080', username: 'admin', password: 'p' },
      },
    });
  });

  test('takes rooms over UDP and TLS', () => {
    expect(read('--rooms --udp')).toMatchObject({ options: { at: { over: 'udp' }, caFile: undefined } });
    expect(read('--rooms --tls --ca ca.pem')).toMatchObject({
      options: { at: { over: 'tls' }, caFile: 'ca.pem' },
    });
  });

  test.each([
    ['--rooms --units 0', '--units: "0" is not a whole number from 1 to 5000.'],
    ['--rooms --udp --tls', '--udp: it is either this or --tls.'],
    ['--rooms --udp --ca f', '--ca: is for --tls.'],
    ['--rooms --fire h', '--fire: "h" is not host:port.'],
    ['--rooms --server http://s', 'WATCHFIRE_ADMIN_PASSWORD'],
    ['--rooms --duty-answer soon', '--duty-answer: "soon" is not a whole number from 1 to 3600.'],
    ['--speed 0', '--speed: "0" is not a number from 0.1 to 100.'],
    ['--speed fast', '--speed: "fast" is not a number from 0.1 to 100.'],
    ['--url http://h', '--url: "http://h" does not begin with mqtt://'],
    ['--unknown', 'Unknown option'],
    ['stray', 'Unexpected argument'],
  ])('refuses %s and says why', (line, why) => {
    expect(() => read(line)).toThrow(UsageError);
    expect(() => read(line)).toThrow(why);
  });
});
