import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSignedBy, readSignedLogin, UsedLogins } from './signed-login.js';

describe('a signed login', () => {
  test('is that of the official protocol', () => {
    const username = 'test|1735689600000';
    expect(readSignedLogin(username)).toEqual({ secureId: 'test', at: 1_735_689_600_000 });
    expect(isSignedBy('test', username, '7329fbdcb94b319497c9bb6ece2eea7b')).toBe(true);
    expect(isSignedBy('test', username, '7329FBDCB94B319497C9BB6ECE2EEA7B')).toBe(true);
    expect(isSignedBy('test', 'test|1735689600001', '7329fbdcb94b319497c9bb6ece2eea7b')).toBe(false);
    expect(isSignedBy('Test', username, '7329fbdcb94b319497c9bb6ece2eea7b')).toBe(false);
  });

  test('is read from nothing else', () => {
    for (const name of [
      '',
      'dev-1',
      '|1',
      'a|',
      'a|b',
      'a|1|2',
      'a|-1',
      'a|1e3',
      `${'a'.repeat(65)}|1`,
      'a|1 ',
    ]) {
      expect([name, readSignedLogin(name)]).toEqual([name, undefined]);
    }
  });

  test('opens with its own key alone, whatever is offered', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (key, username, offered) => {
        const right = createHash('md5').update(`${username}|${key}`, 'utf8').digest('hex');
        expect(isSignedBy(key, username, right)).toBe(true);
        expect(isSignedBy(key, username, offered)).toBe(offered.toLowerCase() === right);
      }),
    );
  });
});

test('a login is good once, for its credential, among the last 256', () => {
  const used = new UsedLogins();
  const LIFE = 300_000;
  expect(used.use('cred-1', 5, 0)).toBe(true);
  expect(used.use('cred-1', 5, LIFE)).toBe(true);
  expect(used.use('cred-1', 5, LIFE + 1)).toBe(false);
  expect(used.use('cred-2', 5, LIFE + 1)).toBe(true);
  // The clock of the device may go back; each login is one of its own.
  expect(used.use('cred-1', 4, LIFE + 1)).toBe(true);
  for (let at = 10; at < 10 + 255; at++) expect(used.use('cred-1', at, LIFE + 1)).toBe(true);
  expect(used.use('cred-1', 4, 2 * LIFE + 2)).toBe(false);
  expect(used.use('cred-1', 5, 2 * LIFE + 2)).toBe(true);
});
