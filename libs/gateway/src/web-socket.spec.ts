import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { telemetryTopic } from '@watchfire/contracts';
import { once } from 'node:events';
import { connectAsync } from 'mqtt';
import { generate } from 'mqtt-packet';
import { WebSocket } from 'ws';
import { eventually, Harness } from '../spec/harness.js';
import { connectPacket } from '../spec/raw-client.js';

// Nothing may depend on who takes a publish: the splitter, or the broker.
describe.each([true, false])('with the splitter: %s,', (splitter) => {
  beforeEach(() => {
    Harness.splitter = splitter;
  });

  let harness: Harness;
  afterEach(() => harness.close());

  async function open(path: string, protocols: string[] = ['mqtt']): Promise<WebSocket> {
    const port = await harness.webSocketPort();
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols);
    socket.on('error', () => undefined);
    return socket;
  }

  describe('[IN29] MQTT over WebSocket', () => {
    it('is the same front door', async () => {
      harness = await Harness.start();
      const port = await harness.webSocketPort();
      const client = await connectAsync(`ws://127.0.0.1:${port}/mqtt`, {
        username: 'gas-1',
        password: 'secret-of-gas-1',
      });
      await client.publishAsync(telemetryTopic('gas-1'), '{"values":{"conc":1}}', { qos: 1 });
      await client.endAsync();
      const { journal } = harness;
      await journal.until((j) => j.of('connection').length === 2);
      expect(journal.records).toMatchObject([
        { kind: 'connection', reason: 'connect', address: '127.0.0.1' },
        { kind: 'reading' },
        { kind: 'connection', reason: 'disconnect' },
      ]);
    });

    it('has the same guard', async () => {
      harness = await Harness.start();
      const socket = await open('/mqtt');
      await once(socket, 'open');
      socket.send(Buffer.from([0x30, 0]));
      await once(socket, 'close');
      expect(harness.counters.connectionsRefused).toEqual({ first_packet_not_connect: 1 });
    });

    it('refuses a frame that is too large, and frames of text', async () => {
      harness = await Harness.start();
      const socket = await open('/mqtt');
      await once(socket, 'open');
      socket.send(Buffer.alloc(300_000));
      expect((await once(socket, 'close'))[0]).toBe(1009);
      const port = (harness.httpServer?.address() as { port: number }).port;
      const other = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, ['mqtt']);
      await once(other, 'open');
      other.send(generate(connectPacket('gas-1')).toString('latin1'));
      await once(other, 'close');
      await eventually(() => harness.gateway.connections() === 0, 'both are gone');
    });

    it('needs the subprotocol', async () => {
      harness = await Harness.start();
      const socket = await open('/mqtt', ['soap']);
      expect(((await once(socket, 'unexpected-response'))[1] as { statusCode: number }).statusCode).toBe(400);
    });

    it('leaves upgrades of other paths to others', async () => {
      harness = await Harness.start();
      const socket = await open('/socket.io');
      const seen = once(harness.httpServer as never, 'upgrade');
      const [request, stream] = (await seen) as [{ url: string }, { destroyed: boolean; destroy(): void }];
      expect(request.url).toBe('/socket.io');
      expect(stream.destroyed).toBe(false);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      stream.destroy();
      await closed;
    });
  });
});
