import { connect, type Socket as TcpSocket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@watchfire/testing';
import { DEFAULT_LIMITS } from '../dependencies.js';
import { Centre } from '../testing/centre.js';

let centre: Centre;
beforeAll(async () => {
  centre = await Centre.open(new ManualClock(), {
    settings: { limits: { ...DEFAULT_LIMITS, slowSocketMs: 20_000 } },
  });
});
afterAll(() => centre.close());

const CONNECT = '40/control-room,';
const SUBSCRIBE = '42/control-room,["subscribe",{}]';

/** A signed-in page that subscribes and then never reads again: its side of the connection is paused. */
async function frozenPage(): Promise<TcpSocket> {
  const { port } = new URL(centre.url);
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  socket.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n' +
      'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const seen = (text: string): Promise<void> =>
    new Promise((resolve) => {
      let all = '';
      const read = (chunk: Buffer): void => {
        all += chunk.toString('latin1');
        if (!all.includes(text)) return;
        socket.off('data', read);
        resolve();
      };
      socket.on('data', read);
    });
  const opened = seen('"sid"');
  await opened;
  const joined = seen('heartbeat');
  socket.write(frame(`${CONNECT}${JSON.stringify({ token: centre.tokens.get('operator') })}`));
  await joined;
  const refreshed = seen('refresh:end');
  socket.write(frame(SUBSCRIBE));
  await refreshed;
  socket.pause();
  return socket;
}

/** A client's text frame: masked, as RFC 6455 §5.3 demands, here with a mask of zeros. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const length =
    payload.length < 126
      ? Buffer.from([0x80 | payload.length])
      : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([Buffer.from([0x81]), length, Buffer.alloc(4), payload]);
}

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 30_000; !(await condition());) {
    if (Date.now() > end) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('a page that does not read', () => {
  test('[LV7] costs a bounded heap, delays nobody and is cut', async () => {
    const frozen = await frozenPage();
    let got = 0;
    const healthy = centre.socket('supervisor');
    healthy.on('alarm', () => got++);
    await healthy.emitWithAck('subscribe', {});
    const { id } = await centre.raise('dev-a');
    const seats = async () => (await centre.get('seats', 'supervisor')).body.items;
    const stream = async () => (await seats()).find(({ username }) => username === 'operator')?.['stream'];
    expect(await stream()).toBe('live');

    // Comments are the bulkiest transitions; written until the kernel's buffers are full and ours begin to fill.
    const head = centre.deps.engine.head();
    const comment = '火'.repeat(900);
    await until(async () => {
      await Promise.all(
        Array.from({ length: 400 }, () =>
          centre.deps.engine.submit({ kind: 'comment', alarmId: id }, 'operator', comment),
        ),
      );
      return (await stream()) === 'catching-up';
    });
    await until(() => got >= centre.deps.engine.head() - head);

    centre.clock.advance(20_001);
    await until(async () => (await seats()).every(({ username }) => username !== 'operator'));
    expect((await centre.request('GET', '/metrics')).text).toMatch(
      /^watchfire_live_slow_pages_cut_total 1$/m,
    );
    expect(healthy.connected).toBe(true);
    frozen.destroy();
  });
});
