import { describe, expect, it } from '@jest/globals';
import { overrideOf, readArguments } from './arguments.js';

const NOW = Date.UTC(2026, 10, 28);
const read = (...argv: string[]) => readArguments(argv, NOW);
const LEAST = ['--device', 'gas-1', '--rule', 'conc-high', '--set', 'limits.H=20'];

describe('the arguments of a back-test', () => {
  it('make the request of the API; the last thirty days when nothing else is said', () => {
    expect(read(...LEAST)?.asked).toEqual({
      deviceIds: ['gas-1'],
      ruleKey: 'conc-high',
      override: { limits: { H: 20 } },
      from: NOW - 30 * 86_400_000,
      to: NOW,
    });
    expect(
      read('--site', 's1', ...LEAST.slice(2), '--from', '36h', '--to', '2026-11-27T12:00:00Z')?.asked,
    ).toMatchObject({
      siteId: 's1',
      from: NOW - 36 * 3_600_000,
      to: Date.UTC(2026, 10, 27, 12),
    });
  });

  it('set what an override has', () => {
    const settings = [
      'limits.H.limit=20.5',
      'limits.LL=-3',
      'deadband=1',
      'onDelay=5s',
      'offDelay=2m',
      'after=1h',
      'enabled=false',
    ];
    expect(overrideOf(settings)).toEqual({
      limits: { H: 20.5, LL: -3 },
      deadband: 1,
      onDelayMs: 5_000,
      offDelayMs: 120_000,
      afterMs: 3_600_000,
      enabled: false,
    });
  });

  it.each([
    [['--rule', 'r', '--set', 'deadband=1'], '--device'],
    [[...LEAST, '--site', 's1'], 'one of them'],
    [['--device', 'd', '--set', 'deadband=1'], '--rule'],
    [['--device', 'd', '--rule', 'r'], '--set is needed'],
    [[...LEAST, '--set', 'nothing=1'], 'nothing'],
    [[...LEAST, '--set', 'limits.X=1'], 'X'],
    [[...LEAST, '--set', 'limits.H=much'], 'limits.H=much'],
    [[...LEAST, '--set', 'onDelay=5'], 'onDelay=5'],
    [[...LEAST, '--set', 'enabled=yes'], 'enabled=yes'],
    [[...LEAST, '--set', '=1'], 'name=value'],
    [[...LEAST, '--from', 'then'], 'then'],
    [[...LEAST, '--from', '1d', '--to', '2d'], '--from must be before'],
    [[...LEAST, '--differences=-1'], '-1'],
    [[...LEAST, '--what'], '--what'],
  ])('name what is wrong: %j', (argv, named) => {
    expect(() => readArguments(argv, NOW)).toThrow(named);
  });

  it('ask for help', () => {
    expect(read('--help')).toBeUndefined();
  });
});
