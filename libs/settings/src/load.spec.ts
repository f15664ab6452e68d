import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadSettings, redacted, SettingsError } from './load.js';
import { type Settings } from './schema.js';

const defaults = join(import.meta.dirname, '../../../config/default.yaml');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watchfire-settings-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function problemsOf(environment: NodeJS.ProcessEnv, own?: string): Promise<readonly string[]> {
  const file = join(folder, 'own.yaml');
  if (own !== undefined) await writeFile(file, own);
  const error: unknown = await loadSettings({
    defaults,
    environment: { ...environment, ...(own === undefined ? {} : { WATCHFIRE_CONFIG: file }) },
  }).catch((caught: unknown) => caught);
  if (!(error instanceof SettingsError)) throw new Error('the configuration was accepted');
  return error.problems;
}

describe('settings', () => {
  it('loads the shipped defaults', async () => {
    const settings = await loadSettings({ defaults, environment: {} });
    expect(settings.http.port).toBe(3000);
    expect(settings.mqtt.port).toBe(1883);
    expect(settings.fire.port).toBe(26_875);
    expect(settings.roles).toEqual(['gateway', 'engine', 'console']);
  });

  it('lets the file win over the defaults and the environment over the file', async () => {
    const file = join(folder, 'own.yaml');
    await writeFile(file, 'http: { port: 4000 }\nmqtt: { port: 4001 }\n');
    const settings = await loadSettings({
      defaults,
      environment: { WATCHFIRE_CONFIG: file, WATCHFIRE_MQTT_PORT: '5001' },
    });
    expect(settings.http.port).toBe(4000);
    expect(settings.mqtt.port).toBe(5001);
    expect(settings.http.host).toBe('0.0.0.0');
  });

  it('asks for a certificate and a key with a TLS port, and for neither without', async () => {
    expect((await loadSettings({ defaults, environment: {} })).mqtt.tls.port).toBeNull();
    expect(await problemsOf({}, 'mqtt: { tls: { port: 8883, certificate: server.pem } }')).toEqual([
      'mqtt.tls.key: is needed where mqtt.tls.port is set',
    ]);
  });

  it('[FI33] [FI35] [FI36] opens no more of the door for fire-control rooms than is asked for', async () => {
    const { fire } = await loadSettings({ defaults, environment: {} });
    expect(fire).toMatchObject({ udp: false, allowFrom: null, tls: { port: null } });
    const environment = { WATCHFIRE_FIRE_UDP: 'true' };
    expect((await loadSettings({ defaults, environment })).fire.udp).toBe(true);
    expect(await problemsOf({ WATCHFIRE_FIRE_UDP: 'yes' })).toEqual([
      'WATCHFIRE_FIRE_UDP: "yes" is neither true nor false',
    ]);
    expect(await problemsOf({}, 'fire: { port: null, udp: true }')).toEqual([
      'fire.udp: needs fire.port: it is the same number',
    ]);
    expect(await problemsOf({}, 'fire: { tls: { port: 1 } }')).toEqual([
      'fire.tls.certificate: is needed where fire.tls.port is set',
      'fire.tls.key: is needed where fire.tls.port is set',
    ]);
    expect(await problemsOf({}, 'fire: { allowFrom: [10.0.0.0/8, 10.0.0.0/33, room] }')).toEqual([
      'fire.allowFrom.1: is no network, as 10.20.0.0/16, and no address',
      'fire.allowFrom.2: is no network, as 10.20.0.0/16, and no address',
    ]);
    expect(await problemsOf({}, 'fire: { allowFrom: [] }')).toHaveLength(1);
  });

  it('names every problem at once, with its place', async () => {
    const problems = await problemsOf(
      { WATCHFIRE_HTTP_PORT: 'ninety', WATCHFIRE_HISTORY: 'paper', WATCHFIRE_HTPP_PORT: '1' },
      'mqtt: { prot: 1 }\nlog: { level: loud }\n',
    );
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringContaining('mqtt.prot is not a known key'),
        expect.stringContaining('WATCHFIRE_HTPP_PORT is not a known variable'),
        expect.stringContaining('WATCHFIRE_HTTP_PORT: "ninety" is not a number'),
        expect.stringContaining('WATCHFIRE_HISTORY'),
        expect.stringContaining('log.level'),
      ]),
    );
  });

  it('refuses a file that is missing or is no YAML', async () => {
    expect(await problemsOf({ WATCHFIRE_CONFIG: join(folder, 'absent.yaml') })).toEqual(
      expect.arrayContaining([expect.stringContaining('absent.yaml')]),
    );
    expect(await problemsOf({}, 'http: [1')).toEqual(
      expect.arrayContaining([expect.stringContaining('own.yaml')]),
    );
  });

  it('[HI48] refuses to keep records for less long than they are to be kept', async () => {
    expect(await problemsOf({}, 'history: { telemetryDays: 29, alarmDays: 364 }')).toEqual([
      expect.stringContaining('history.telemetryDays'),
      expect.stringContaining('history.alarmDays'),
    ]);
    const least = 'history: { telemetryDays: 30, alarmDays: 365, minuteDays: 1.5 }';
    expect(await problemsOf({}, least)).toEqual([expect.stringContaining('history.minuteDays')]);
  });

  it('names a callback that is there twice, or whose secret is guessed too soon', async () => {
    const callback = "{ id: a, format: onenet, secret: 'of-sixteen-chars', gatewayId: gw }";
    expect(await problemsOf({}, `callbacks: [${callback}, ${callback}]`)).toEqual([
      'callbacks.1.id: a is there twice',
    ]);
    expect(await problemsOf({}, `callbacks: [${callback.replace('of-sixteen-chars', 'short')}]`)).toEqual([
      expect.stringContaining('callbacks.0.secret'),
    ]);
  });

  describe('secrets in files', () => {
    const secretFile = async (text: string): Promise<string> => {
      const file = join(folder, 'secret');
      await writeFile(file, text);
      return file;
    };

    it.each([
      ['WATCHFIRE_INFLUX_TOKEN', (settings: Settings) => settings.history.influx.token],
      ['WATCHFIRE_ADMIN_PASSWORD', (settings: Settings) => settings.adminPassword],
      ['WATCHFIRE_EXTERNAL_BROKER_PASSWORD', (settings: Settings) => settings.mqtt.external.password],
    ])('takes %s from the file that its _FILE names, without the line break at the end', async (name, of) => {
      for (const end of ['', '\n', '\r\n']) {
        const file = await secretFile(` of twelve=and more ${end}`);
        const settings = await loadSettings({ defaults, environment: { [`${name}_FILE`]: file } });
        expect(of(settings)).toBe(' of twelve=and more ');
        expect(JSON.stringify(redacted(settings))).not.toContain('of twelve');
      }
    });

    it('names the variable of a file that is absent, empty, long or no secret, and never its text', async () => {
      const variable = 'WATCHFIRE_INFLUX_TOKEN_FILE';
      const problems = [
        ...(await problemsOf({ [variable]: join(folder, 'absent') })),
        ...(await problemsOf({ [variable]: await secretFile('\n') })),
        ...(await problemsOf({ [variable]: await secretFile('of-two\nlines') })),
        ...(await problemsOf({ [variable]: await secretFile('a'.repeat(5_000)) })),
      ];
      expect(problems).toEqual([
        expect.stringMatching(/^WATCHFIRE_INFLUX_TOKEN_FILE: .*ENOENT.*absent/),
        expect.stringMatching(/^WATCHFIRE_INFLUX_TOKEN_FILE: .*is empty$/),
        expect.stringMatching(/^WATCHFIRE_INFLUX_TOKEN_FILE: .*more than one line$/),
        expect.stringMatching(/^WATCHFIRE_INFLUX_TOKEN_FILE: .*too long for a secret$/),
      ]);
      expect(problems.join()).not.toContain('of-two');
    });

    it('refuses a secret that is given twice, and a file for what is no secret', async () => {
      const WATCHFIRE_INFLUX_TOKEN_FILE = await secretFile('token');
      expect(await problemsOf({ WATCHFIRE_INFLUX_TOKEN_FILE, WATCHFIRE_INFLUX_TOKEN: 'other' })).toEqual([
        'WATCHFIRE_INFLUX_TOKEN_FILE: WATCHFIRE_INFLUX_TOKEN is set too, and only one of them can be meant',
      ]);
      expect(await problemsOf({ WATCHFIRE_HTTP_PORT_FILE: WATCHFIRE_INFLUX_TOKEN_FILE })).toEqual([
        'WATCHFIRE_HTTP_PORT_FILE is not a known variable',
      ]);
    });

    it('names the variable of a secret that its file makes too short', async () => {
      expect(await problemsOf({ WATCHFIRE_ADMIN_PASSWORD_FILE: await secretFile('short') })).toEqual([
        expect.stringContaining('WATCHFIRE_ADMIN_PASSWORD'),
      ]);
    });
  });

  it('never prints a secret', async () => {
    const file = join(folder, 'own.yaml');
    await writeFile(file, 'callbacks: [{ id: a, format: onenet, secret: secret-of-onenet, gatewayId: gw }]');
    const settings = await loadSettings({
      defaults,
      environment: {
        WATCHFIRE_ADMIN_PASSWORD: 'correct horse battery',
        WATCHFIRE_INFLUX_TOKEN: 'top-secret',
        WATCHFIRE_EXTERNAL_BROKER_PASSWORD: 'of-the-broker',
        WATCHFIRE_CONFIG: file,
      },
    });
    const printed = JSON.stringify(redacted(settings));
    expect(printed).not.toContain('correct horse');
    expect(printed).not.toContain('top-secret');
    expect(printed).not.toContain('of-the-broker');
    expect(printed).not.toContain('secret-of-onenet');
    expect(settings.callbacks[0]).toMatchObject({ secret: 'secret-of-onenet', requestsPerSecond: 50 });
  });
});
