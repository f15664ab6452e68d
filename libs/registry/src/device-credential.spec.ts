import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newDeviceCredential, verifyDeviceCredential } from './device-credential.js';

test('a credential is 192 random bits and its hash opens to it alone', () => {
  const one = newDeviceCredential();
  const two = newDeviceCredential();
  expect(Buffer.from(one.password, 'base64url')).toHaveLength(24);
  expect(one.hash).toMatch(/^sha256\$[\w-]{22}\$[\w-]{43}$/);
  expect(one.hash).not.toContain(one.password);
  expect(verifyDeviceCredential(one.password, one.hash)).toBe(true);
  expect(verifyDeviceCredential(two.password, one.hash)).toBe(false);
});

test('whatever is offered or stored, the answer is false and never an error', () => {
  const { password, hash } = newDeviceCredential();
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(verifyDeviceCredential(text, hash)).toBe(text === password);
      expect(verifyDeviceCredential(password, text)).toBe(false);
    }),
  );
  for (const broken of [`${hash}$`, hash.slice(0, -1), hash.replace('sha256', 'md5'), 'sha256$$', '$$']) {
    expect(verifyDeviceCredential(password, broken)).toBe(false);
  }
});
