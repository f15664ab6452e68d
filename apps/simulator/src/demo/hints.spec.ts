import { describe, expect, test } from '@jest/globals';
import { hints, pageAddress } from './hints.js';

describe('pageAddress', () => {
  test.each([
    ['http://0.0.0.0:3000', 'http://localhost:3000'],
    ['http://[::]:3001', 'http://localhost:3001'],
    ['http://127.0.0.1:3000/', 'http://localhost:3000'],
    ['http://watch.example.org', 'http://watch.example.org'],
  ])('%s is opened as %s', (ready, page) => {
    expect(pageAddress(ready)).toBe(page);
  });
});

test('the hints name the page, the account of an operator and the way out', () => {
  const account = (username: string, role: 'operator' | 'supervisor') => ({
    username,
    role,
    displayName: username,
    password: 'public-password',
  });
  const text = hints(
    'http://localhost:3000',
    [account('chief', 'supervisor'), account('op', 'operator')],
    163,
  );
  for (const part of ['http://localhost:3000', 'op / public-password', '163', 'Ctrl-C'])
    expect(text).toContain(part);
});
