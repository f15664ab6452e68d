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

  test.each([
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
