import { describe, expect, test } from '@jest/globals';
import { CredentialsError, parseCredentials, readCredentials } from './credentials.js';

describe('credentials', () => {
  test('are read as the server writes them', () => {
    const text = '{"mqttUrl":"mqtt://127.0.0.1:1883","devices":{"dev-1":"secret"}}';
    expect(parseCredentials(text, 'c.json')).toEqual({
      mqttUrl: 'mqtt://127.0.0.1:1883',
      devices: { 'dev-1': 'secret' },
    });
  });

  test.each([
    ['not json', 'c.json is not JSON'],
    ['{"devices":{}}', 'mqttUrl'],
    ['{"mqttUrl":"","devices":{}}', 'mqttUrl: must begin with mqtt://'],
    ['{"mqttUrl":"mqtt://h","devices":{"dev-1":7}}', 'devices.dev-1'],
  ])('%s is refused in one line', (text, why) => {
    expect(() => parseCredentials(text, 'c.json')).toThrow(CredentialsError);
    expect(() => parseCredentials(text, 'c.json')).toThrow(why);
  });

  test('a file that is not there is named', async () => {
    await expect(readCredentials('/nowhere/c.json')).rejects.toThrow('/nowhere/c.json cannot be read');
  });
});
