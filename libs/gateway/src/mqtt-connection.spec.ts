import { Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { gatewayLimits } from './limits.js';
import { MqttConnection, type ConnectionOwner } from './mqtt-connection.js';

/** A client that takes nothing of what it is sent. */
class DeafStream extends Duplex {
  override _read(): void {
    // It says nothing either.
  }

  override _write(): void {
    // Never done.
  }
}

function connectionOf(stream: Duplex, maxOutboundBytes: number) {
  const ends: string[] = [];
  const owner: ConnectionOwner = {
    limits: { ...gatewayLimits, maxOutboundBytes },
    splits: true,
    readingBegins: () => 0,
    monotonicMs: () => 0,
    backpressure: () => undefined,
    connectArrived: () => undefined,
    publishArrived: () => undefined,
    released: () => undefined,
    forBroker: () => true,
    violated: () => undefined,
    ended: (_, reason) => ends.push(reason),
  };
  return { connection: new MqttConnection(stream, '127.0.0.1', owner), ends };
}

const ANSWER = Uint8Array.of(0x40, 2, 0, 1);

describe('[IN15] a client that does not read its acknowledgements', () => {
  it.each([
    ['below', 4_000],
    ['above', 40_000],
  ])('is cut off above the limit, with the limit %s what its stream holds at ease', (_, limit) => {
    const { connection, ends } = connectionOf(new DeafStream({ writableHighWaterMark: 16_384 }), limit);
    for (let bytes = ANSWER.length; bytes <= limit; bytes += ANSWER.length) connection.write(ANSWER);
    expect(ends).toEqual([]);
    connection.write(ANSWER);
    expect(ends).toEqual(['slow_consumer']);
  });

  it('is written nothing more once its stream has ended, and whoever waits for the writing goes on', () => {
    const stream = new DeafStream();
    const { connection, ends } = connectionOf(stream, 40_000);
    stream.destroy();
    let written = false;
    connection.write(ANSWER, () => (written = true));
    expect(written).toBe(true);
    connection.cut('server_stop');
    connection.write(ANSWER);
    expect(stream.writableLength).toBe(0);
    expect(ends).toEqual(['server_stop']);
  });
});
