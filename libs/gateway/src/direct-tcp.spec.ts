import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type * as DirectTcpModule from './direct-tcp.js';

type DirectTcp = typeof DirectTcpModule;

/** As it is where Node gives its inside away, and where it does not. */
async function loadedWith(bindings: boolean): Promise<DirectTcp> {
  const holder = process as unknown as { binding: unknown };
  const { binding } = holder;
  jest.resetModules();
  if (!bindings) {
    holder.binding = () => {
      throw new Error('access denied');
    };
  }
  try {
    return await import('./direct-tcp.js');
  } finally {
    holder.binding = binding;
  }
}

describe.each([
  ['past the stream', true],
  ['through the stream', false],
])('[IN32] a TCP connection, %s', (_, bindings) => {
  let tcp: DirectTcp;
  let server: Server;
  let client: Socket;
  let stream: Socket;

  beforeEach(async () => {
    tcp = await loadedWith(bindings);
    server = createServer({ noDelay: true, pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    stream = tcp.lendReads((await accepted)[0]);
    stream.on('error', () => undefined);
  });

  afterEach(() => {
    client.destroy();
    stream.destroy();
    server.close();
  });

  function received(): Buffer[] {
    const chunks: Buffer[] = [];
    tcp.lendBytes(stream, { receive: (bytes) => chunks.push(Buffer.from(bytes)) });
    return chunks;
  }

  it('lends what comes, as long as it flows, and tells the end', async () => {
    const chunks = received();
    const sent = Buffer.alloc(300_000, 'telemetry');
    client.end(sent);
    stream.resume();
    await once(stream, 'end');
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  });

  it('lends nothing while it is paused', async () => {
    const chunks = received();
    stream.resume();
    client.write('before');
    while (chunks.length === 0) await turn();
    stream.pause();
    client.write('meanwhile');
    const echo = once(client, 'data');
    new tcp.Outgoing(stream).write(Buffer.from('written'));
    await echo;
    expect(Buffer.concat(chunks).toString()).toBe('before');
    stream.resume();
    while (chunks.length === 1) await turn();
    expect(Buffer.concat(chunks).toString()).toBe('beforemeanwhile');
  });

  it('sends everything in its order, whether the client reads or not, and calls back when it is sent', async () => {
    const write = fc.record({
      // The kernel takes some megabytes for a client that does not read.
      bytes: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1_000_000 })),
      tells: fc.boolean(),
      waits: fc.boolean(),
      reads: fc.nat(9).map((n) => n === 0),
    });
    const outgoing = new tcp.Outgoing(stream);
    let heldBack = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 60, size: 'max' }), async (writes) => {
        const sent: Buffer[] = [];
        const got: Buffer[] = [];
        let length = 0;
        let told = 0;
        const take = (chunk: Buffer): number => (length += got.push(chunk) && chunk.length);
        client.on('data', take);
        client.pause();
        for (const [index, { bytes, tells, waits, reads }] of writes.entries()) {
          const chunk = Buffer.alloc(bytes, `${index}.`);
          sent.push(chunk);
          outgoing.write(chunk, tells ? () => told++ : undefined);
          if (stream.writableLength > 0) heldBack++;
          if (reads) client.resume();
          else client.pause();
          if (waits) await turn();
        }
        client.resume();
        const all = Buffer.concat(sent);
        while (length < all.length) await turn();
        expect(Buffer.concat(got).equals(all)).toBe(true);
        const wanted = writes.filter(({ tells }) => tells).length;
        while (told < wanted) await turn();
        client.off('data', take);
      }),
      { numRuns: 20 },
    );
    expect(heldBack).toBeGreaterThan(0);
  }, 60_000);

  it('ends when the client is gone, whatever was not sent', async () => {
    const outgoing = new tcp.Outgoing(stream);
    stream.resume();
    client.pause();
    for (let i = 0; i < 40; i++) outgoing.write(Buffer.alloc(400_000));
    client.resetAndDestroy();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(() => outgoing.write(Buffer.from('late'))).not.toThrow();
  });
});
