import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { errorsTopic, type NewDeviceReply, telemetryTopic } from '@watchfire/contracts';
import { ClientsCentre } from '../e2e/support/clients-centre.js';
import { mosquittoClientsMissing } from '../support/mosquitto.js';
import { type ProgramEnd, RunningProgram, runProgram } from '../support/program.js';

/** Debian's own Python: paho is a package of Debian, and another Python would not find it. */
const PYTHON = '/usr/bin/python3';
const PAHO_DEVICE = fileURLToPath(new URL('../e2e/support/paho-device.py', import.meta.url));
const pahoMissing = ((): string | undefined => {
  try {
    execFileSync(PYTHON, ['-c', 'import paho.mqtt.client'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'python3-paho-mqtt is not installed (Debian: apt-get install python3-paho-mqtt)';
  }
})();

const named = (title: string, missing: string | undefined): string =>
  missing === undefined ? title : `${title} (skipped: ${missing})`;
const commandsTopic = (deviceId: string): string => `watchfire/v1/devices/${deviceId}/commands`;

/** The programs that everybody has, as they are installed, against the server as it is built. */
describe.each([
  ['in front of the broker', true],
  ['through the broker', false],
])('publishes taken %s', (_where, splitter) => {
  let centre: ClientsCentre;
  const programs: RunningProgram[] = [];
  const base = Date.now() - 3_600_000;

  beforeAll(async () => {
    centre = await ClientsCentre.start(splitter);
  }, 90_000);
  afterEach(async () => {
    for (const program of programs.splice(0)) await program.kill9();
  });
  afterAll(async () => {
    await centre?.end();
  });

  (mosquittoClientsMissing === undefined ? describe : describe.skip)(
    named('mosquitto_pub and mosquitto_sub', mosquittoClientsMissing),
    () => {
      let device: NewDeviceReply;
      let next = 0;
      const signIn = (): string[] => ['-u', device.credential.username, '-P', device.credential.password];
      const plain = (): string[] => ['-h', '127.0.0.1', '-p', centre.mqttPort];

      beforeAll(async () => {
        device = await centre.device('mosquitto');
      });

      async function publish(more: readonly string[], input = '', door = plain()): Promise<ProgramEnd> {
        return runProgram('mosquitto_pub', [...door, ...signIn(), ...more], input);
      }
      /** A reading of its own, published so, is in history once. */
      async function arrives(more: readonly string[], door = plain()): Promise<void> {
        const before = await centre.journalled();
        const n = next++;
        const message = JSON.stringify({ ts: base + n, values: { conc: n } });
        const end = await publish([...more, '-t', telemetryTopic('mosquitto'), '-m', message], '', door);
        expect(end).toEqual({ code: 0, output: '' });
        const points = await centre.history('mosquitto.conc', n + 1);
        expect(points).toHaveLength(n + 1);
        expect(points[n]).toEqual([base + n, n]);
        expect(await centre.journalled()).toBe(before + 1);
      }

      it.each(['mqttv31', 'mqttv311'].flatMap((version) => [0, 1, 2].map((qos) => [version, qos] as const)))(
        '-V %s -q %i',
        async (version, qos) => {
          await arrives(['-V', version, '-q', String(qos)]);
        },
      );

      it('-r, which is taken as if it were not retained', async () => {
        await arrives(['-q', '1', '-r']);
      });

      it('over TLS', async () => {
        const door = ['-h', 'localhost', '-p', String(centre.tls.port), '--cafile', centre.tls.caFile];
        await arrives(['-q', '1'], door);
        await arrives(['-q', '2'], door);
      });

      it('-l, many at once', async () => {
        const before = await centre.journalled();
        const lines = Array.from({ length: 300 }, (_, n) =>
          JSON.stringify({ ts: base + next + n, values: { conc: n } }),
        );
        const end = await publish(['-q', '1', '-t', telemetryTopic('mosquitto'), '-l'], lines.join('\n'));
        expect(end).toEqual({ code: 0, output: '' });
        const points = await centre.history('mosquitto.conc', next + 300);
        expect(points.slice(next)).toEqual(lines.map((_, n) => [base + next + n, n]));
        expect(await centre.journalled()).toBe(before + 300);
        next += 300;
      });

      it('-V mqttv5 and a wrong password are refused, and say so', async () => {
        const topic = ['-t', telemetryTopic('mosquitto'), '-m', '{"values":{"conc":1}}', '-q', '1'];
        const five = await publish(['-V', 'mqttv5', ...topic]);
        expect(five.code).not.toBe(0);
        const wrong = await runProgram('mosquitto_pub', [...plain(), '-u', 'mosquitto', '-P', 'x', ...topic]);
        expect(wrong.code).not.toBe(0);
        expect(wrong.output).toMatch(/refused|not authorised|bad user/i);
      });

      it('mosquitto_sub hears errors and commands, and mosquitto_pub replies', async () => {
        const listener = new RunningProgram('stdbuf', [
          ...['-oL', 'mosquitto_sub', '-d', ...plain(), ...signIn(), '-q', '1', '-F', 'heard %t %p'],
          ...['-t', errorsTopic('mosquitto'), '-t', `${commandsTopic('mosquitto')}/+`],
        ]);
        programs.push(listener);
        await listener.line((line) => line.startsWith('Subscribed'), 'a subscription');
        await publish(['-q', '1', '-t', telemetryTopic('mosquitto'), '-m', '{"values":{"nonsense":1}}']);
        const answer = await listener.line((line) => line.startsWith('heard'), 'an answer');
        expect(answer).toContain(`heard ${errorsTopic('mosquitto')} {"code":"unknown_point"`);

        const command = await centre.command('mosquitto', 'silence', { seconds: 60 });
        const topic = `${commandsTopic('mosquitto')}/${command.id}`;
        const order = await listener.line((line) => line.startsWith(`heard ${topic} `), 'the command');
        expect(JSON.parse(order.slice(`heard ${topic} `.length))).toMatchObject({
          command: 'silence',
          params: { seconds: 60 },
        });
        await publish(['-q', '1', '-t', `${topic}/reply`, '-m', '{"ok":true,"data":{"for":60}}']);
        expect(await centre.ended(command)).toMatchObject({
          state: 'succeeded',
          reply: { ok: true, data: { for: 60 } },
        });
      });
    },
  );

  (pahoMissing === undefined ? describe : describe.skip)(named('paho', pahoMissing), () => {
    it('publishes at QoS 1 and 2 and with retain, hears commands, comes back by itself, and leaves a will', async () => {
      const { credential } = await centre.device('paho');
      const before = await centre.journalled();
      const paho = new RunningProgram(PYTHON, [
        ...[PAHO_DEVICE, '127.0.0.1', centre.mqttPort, credential.username, credential.password],
        ...[telemetryTopic('paho'), `${commandsTopic('paho')}/#`],
      ]);
      programs.push(paho);
      const publish = async (n: number, qos: number, retain = false): Promise<void> => {
        const from = paho.lines.length;
        const payload = { ts: base + n, values: { conc: n } };
        paho.tell(JSON.stringify({ do: 'publish', qos, retain, payload }));
        await paho.line((line) => line.includes('"published"'), 'the acknowledgement', from);
      };
      const connected = (line: string): boolean => line.includes('"connected"');
      // Its session is not kept, although it asks for that.
      expect(JSON.parse(await paho.line(connected, 'the connection'))).toEqual({
        what: 'connected',
        code: 0,
        sessionPresent: false,
      });
      await paho.line((line) => line.includes('"subscribed"'), 'the subscription');
      await publish(0, 1);
      await publish(1, 2);
      await publish(2, 1, true);

      const from = paho.lines.length;
      paho.tell('{"do":"lose"}');
      expect(JSON.parse(await paho.line(connected, 'the connection again', from))).toMatchObject({
        sessionPresent: false,
      });
      await publish(3, 2);
      await paho.line((line) => line.includes('"subscribed"'), 'the subscription again', from);
      const command = await centre.command('paho', 'silence');
      expect(await centre.ended(command)).toMatchObject({
        state: 'succeeded',
        reply: { data: { by: 'paho' } },
      });

      const lostAt = Date.now();
      await paho.kill9();
      // Two wills: of the connection that was lost on the way, and of the one that the program has left behind.
      const points = await centre.history('paho.conc', 6);
      const told = points.filter(([, value]) => value !== 99);
      expect(told).toEqual([0, 1, 2, 3].map((n) => [base + n, n]));
      expect(points.filter(([, value]) => value === 99)).toHaveLength(2);
      expect(points.at(-1)?.[0]).toBeGreaterThanOrEqual(lostAt - 1_000);
      expect(await centre.journalled()).toBe(before + 6);
    });
  });
});
