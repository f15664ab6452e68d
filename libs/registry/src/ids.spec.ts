import { expect, test } from '@jest/globals';
import { DEVICE_ID_PATTERN } from '@watchfire/contracts';
import { newId } from './ids.js';

test('an id is safe in a topic, is readable, and does not come twice', () => {
  const ids = Array.from({ length: 2_000 }, () => newId('dev'));
  for (const id of ids) {
    expect(id).toMatch(DEVICE_ID_PATTERN);
    expect(id).toMatch(/^dev-[0-9a-hjkmnp-tv-z]{12}$/);
  }
  expect(new Set(ids).size).toBe(ids.length);
});
