import { describe, expect, it } from '@jest/globals';
import { AllowedSources, plainAddress } from './allowed-sources.js';

describe('networks that are heard', () => {
  it.each([
    [null, '203.0.113.9', true],
    [null, 'unknown', true],
    [['10.20.0.0/16'], '10.20.255.1', true],
    [['10.20.0.0/16'], '10.21.0.1', false],
    [['10.20.3.4'], '10.20.3.4', true],
    [['10.20.3.4'], '10.20.3.5', false],
    [['10.20.0.0/16'], plainAddress('::ffff:10.20.3.4'), true],
    [['10.20.0.0/16', '2001:db8::/32'], '2001:db8::7', true],
    [['2001:db8::/32'], '2001:db9::7', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['0.0.0.0/0'], '2001:db8::7', false],
    [['0.0.0.0/0'], 'unknown', false],
  ])('[FI36] %j: %s is %s', (networks, address, expected) => {
    expect(new AllowedSources(networks).allow(address)).toBe(expected);
  });

  it('[FI36] what is no network is no setting', () => {
    expect(() => new AllowedSources(['room-1'])).toThrow('"room-1" is no network');
  });
});
