import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeAdu } from './adu.js';
import { anyFrameBytes } from '../../spec/gb26875/arbitrary-frames.js';
import { encodeFrame, MAX_FRAME_BYTES } from './frame.js';
import { framesOfDatagram, FrameStream, type StreamItem } from './frame-stream.js';
import { hex, toHex, workedFrames, wrongSum } from '../../spec/gb26875/worked-frames.js';

const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const framesIn = (items: readonly StreamItem[]): string[] =>
  items.flatMap((item) => (item.kind === 'frame' ? [toHex(item.bytes)] : []));
const skippedIn = (items: readonly StreamItem[]): number =>
  items.reduce((sum, item) => sum + (item.kind === 'garbage' ? item.skipped : 0), 0);

/** Of each byte of garbage: as start, length, end and sum of frames that it may belong to. */
const LOOKS = 8;

/** A stream that looks at no more than so many bytes. */
function bounded(most: number): FrameStream {
  const stream = new FrameStream();
  let looks = 0;
  const look = (count: number): void => {
    looks += count;
    if (looks > most) throw new Error(`looks at more than ${most} bytes`);
  };
  const buffer = new Proxy(new Uint8Array(4 * MAX_FRAME_BYTES), {
    get: (bytes, key) => {
      if (key === 'subarray')
        return (from: number, to: number) => ({
          indexOf: (byte: number) => {
            const at = bytes.subarray(from, to).indexOf(byte);
            look(at === -1 ? to - from : at + 1);
            return at;
          },
        });
      if (typeof key === 'string' && /^\d/.test(key)) look(1);
      const value: unknown = Reflect.get(bytes, key, bytes);
      return typeof value === 'function' ? (value.bind(bytes) as unknown) : value;
    },
  });
  Object.defineProperty(stream, 'buffer', { value: buffer });
  return stream;
}

/** The bytes in pieces of the given lengths, again and again. */
function fed(bytes: Uint8Array, lengths: readonly number[], stream = new FrameStream()): StreamItem[] {
  const items: StreamItem[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    items.push(...stream.push(bytes.subarray(at, at + length)));
    expect(stream.pending).toBeLessThan(MAX_FRAME_BYTES);
    at += length;
  }
  return items;
}

const pieces = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5_000 })), {
  minLength: 1,
  maxLength: 20,
});
const noStart = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => bytes.map((byte) => (byte === 0x40 ? 0x41 : byte)));

describe('frames in a stream', () => {
  it('[FI7] are the same however they are glued and split', () => {
    fc.assert(
      fc.property(fc.array(anyFrameBytes, { minLength: 1, maxLength: 12 }), pieces, (frames, lengths) => {
        const items = fed(joined(frames), lengths);
        expect(framesIn(items)).toEqual(frames.map(toHex));
        expect(items).toHaveLength(frames.length);
      }),
      { numRuns: 300 },
    );
  });

  it('[FI7] are found byte by byte', () => {
    const all = Object.values(workedFrames);
    expect(framesIn(fed(joined(all.map(hex)), [1]))).toEqual(all);
  });

  it('[FI7] may hold 23 23 and 40 40 anywhere', () => {
    const adu = hex('2323232340402323');
    const trap = encodeFrame({ ...header, adu });
    expect(framesIn(fed(joined([trap, trap]), [7]))).toEqual([toHex(trap), toHex(trap)]);
  });

  it('[FI8] are found after garbage, which is counted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(noStart, anyFrameBytes), { maxLength: 8 }), pieces, (parts, lengths) => {
        const items = fed(joined(parts.flat()), lengths);
        expect(framesIn(items)).toEqual(parts.map(([, frame]) => toHex(frame)));
        expect(skippedIn(items)).toBe(parts.reduce((sum, [garbage]) => sum + garbage.length, 0));
      }),
      { numRuns: 300 },
    );
  });

  it('[FI8] are found after garbage that looks like frames', () => {
    const likely = fc.array(fc.constantFrom(0x40, 0x23, 0x00, 0x01, 0x04, 0x30), { maxLength: 1_200 });
    fc.assert(
      fc.property(likely, anyFrameBytes, pieces, (garbage, frame, lengths) => {
        const stream = new FrameStream();
        const items = fed(joined([Uint8Array.from(garbage), frame]), lengths, stream);
        items.push(...stream.finish());
        // Garbage may form a frame by chance only where its sum is right.
        expect(framesIn(items)).toContain(toHex(frame));
      }),
      { numRuns: 1_000 },
    );
  });

  it('[FI8] are found behind a start whose end is theirs', () => {
    const frame = hex(workedFrames.A1);
    const false27 = new Uint8Array(27);
    false27.set([0x40, 0x40]);
    // As long as itself and the frame behind it together.
    false27[24] = 27 + frame.length - 30;
    const items = new FrameStream().push(joined([false27, frame]));
    expect(items).toMatchObject([{ kind: 'garbage', skipped: 27 }, { kind: 'frame' }]);
  });

  it('[FI8] wait behind a false start no longer than the host wants', () => {
    const stream = new FrameStream();
    const falseStart = new Uint8Array(27);
    falseStart.set([0x40, 0x40]);
    falseStart[25] = 4;
    expect(stream.push(joined([falseStart, hex(workedFrames.A1)]))).toEqual([]);
    expect(framesIn(stream.giveUp())).toEqual([workedFrames.A1]);
    expect(stream.pending).toBe(0);
    expect(stream.giveUp()).toEqual([]);
  });

  it('[FI9] with a wrong sum or an unknown command are whole, and to be denied', () => {
    const stream = new FrameStream();
    const items = stream.push(joined([hex(wrongSum), hex(workedFrames.A1)]));
    expect(items).toMatchObject([
      { kind: 'check-error', reason: 'checksum', frame: { serial: 1, source: 0x1_0203_0405 } },
      { kind: 'frame' },
    ]);
    const unknown = encodeFrame({ ...header, command: 254 });
    expect(stream.push(unknown)).toMatchObject([{ kind: 'check-error', reason: 'command' }]);
    expect(new FrameStream({ commands: new Set([254]) }).push(unknown)).toMatchObject([{ kind: 'frame' }]);
  });

  it('[FI8] an ADU over the limit begins no frame', () => {
    const long = encodeFrame({ ...header, adu: new Uint8Array(513) });
    expect(framesIn(new FrameStream({ maxAdu: 512 }).push(joined([long, hex(workedFrames.A2)])))).toEqual([
      workedFrames.A2,
    ]);
    const tooLong = joined([long.subarray(0, 24), Uint8Array.of(0x01, 0x04), new Uint8Array(40)]);
    expect(framesIn(new FrameStream().push(joined([tooLong, hex(workedFrames.A2)])))).toEqual([
      workedFrames.A2,
    ]);
  });

  it('[FI7] nothing is carried over between datagrams, and one may hold several frames', () => {
    const [first, second] = [hex(workedFrames.A1), hex(workedFrames.A4)];
    expect(framesIn(framesOfDatagram(joined([first, second])))).toEqual([workedFrames.A1, workedFrames.A4]);
    const cut = framesOfDatagram(first.subarray(0, 50));
    expect(cut).toMatchObject([{ kind: 'garbage', skipped: 50 }]);
    expect(framesOfDatagram(first.subarray(50))).toMatchObject([{ kind: 'garbage', skipped: 28 }]);
    expect(framesIn(framesOfDatagram(joined([first.subarray(0, 50), second])))).toEqual([workedFrames.A4]);
  });

  it('[FI8] looks at garbage a bounded number of times', () => {
    // Each of these begins like a frame at every byte, is as long as may be, or ends with a wrong sum.
    const patterns = [
      hex('40'),
      hex('4040'),
      hex('40400000'),
      hex('4040000004'),
      hex('23'),
      hex('404000000023230401'),
    ];
    for (const pattern of patterns) {
      const bytes = new Uint8Array(100_000).map((_, at) => pattern[at % pattern.length] ?? 0);
      const items = fed(bytes, [65_536], bounded(LOOKS * bytes.length));
      expect(items.length).toBeLessThan(bytes.length / 30);
    }
  });
});

const header = {
  serial: 9,
  mainVersion: 1,
  userVersion: 1,
  sentAt: hex('0F1E08150B1A'),
  source: 5,
  destination: 1,
  command: 2,
  adu: new Uint8Array(),
};

describe('fuzzing', () => {
  const wanted = Number(process.env['WATCHFIRE_TEST_FUZZ'] ?? 50_000);

  it(`[FI8] ${wanted} mutated frames: no exception, a bounded buffer, good frames behind them are found`, () => {
    const random = generator(20_261_128);
    const samples = [...Object.values(workedFrames), wrongSum].map(hex);
    const good = hex(workedFrames.B1);
    let stream = new FrameStream();
    const found = { frame: 0, 'check-error': 0, garbage: 0 };
    let afterwards = 0;
    for (let turn = 1; turn <= wanted; turn++) {
      const items = pushInPieces(stream, mutated(samples[random(samples.length)] ?? good, random), random);
      if (turn % 50 === 0) {
        // Longer than any frame that a mutation may have begun.
        const rescue = joined(Array.from({ length: 15 }, () => good));
        const last = stream.push(rescue);
        if (framesIn(last).at(-1) === workedFrames.B1) afterwards++;
        items.push(...last);
      }
      for (const item of items) {
        found[item.kind]++;
        if (item.kind !== 'garbage') decodeAdu(item.frame.adu);
      }
      if (stream.pending >= MAX_FRAME_BYTES) throw new Error(`${stream.pending} bytes are held`);
      if (turn % 10_000 === 0) stream = new FrameStream();
    }
    expect(afterwards).toBe(Math.floor(wanted / 50));
    expect(Math.min(found.frame, found['check-error'], found.garbage)).toBeGreaterThan(wanted / 20);
  }, 600_000);
});

describe('fuzzing datagrams', () => {
  const wanted = Math.ceil(Number(process.env['WATCHFIRE_TEST_FUZZ'] ?? 50_000) / 2);

  it(`[FI33] ${wanted} mutated datagrams: no exception, every byte accounted for, good frames in front and the next datagram are read`, () => {
    const random = generator(20_261_129);
    const samples = [...Object.values(workedFrames), wrongSum].map(hex);
    const good = hex(workedFrames.B1);
    const found = { frame: 0, 'check-error': 0, garbage: 0 };
    for (let turn = 1; turn <= wanted; turn++) {
      const spoiled = Array.from({ length: 1 + random(3) }, () =>
        mutated(samples[random(samples.length)] ?? good, random),
      );
      const datagram = joined([good, ...spoiled]);
      const items = framesOfDatagram(datagram);
      if (framesIn(items)[0] !== workedFrames.B1) throw new Error('the frame in front is not the first');
      const whole = items.reduce((sum, item) => sum + ('bytes' in item ? item.bytes.length : 0), 0);
      if (whole + skippedIn(items) !== datagram.length) throw new Error('bytes are neither read nor skipped');
      for (const item of items) {
        found[item.kind]++;
        if (item.kind !== 'garbage') decodeAdu(item.frame.adu);
      }
    }
    expect(framesIn(framesOfDatagram(good))).toEqual([workedFrames.B1]);
    expect(Math.min(found.frame, found['check-error'], found.garbage)).toBeGreaterThan(wanted / 20);
  }, 600_000);

  it('[FI33] the longest datagram is looked at a bounded number of times, whatever is in it', () => {
    const patterns = ['40', '4040', '40400000', '4040000004', '23', '404000000023230401', '4040232300'].map(
      hex,
    );
    for (const pattern of patterns) {
      const bytes = new Uint8Array(65_507).map((_, at) => pattern[at % pattern.length] ?? 0);
      const stream = bounded(LOOKS * bytes.length);
      const items = [...stream.push(bytes), ...stream.finish()];
      expect(skippedIn(items)).toBe(bytes.length);
    }
  });
});

type Random = (below: number) => number;

/** Repeatable (mulberry32), and quick enough for millions. */
function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutated(frame: Uint8Array, random: Random): Uint8Array {
  const bytes = [...frame];
  for (let times = random(4); times > 0; times--) {
    const at = random(Math.max(1, bytes.length));
    switch (random(6)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes.splice(at, 1 + random(8));
        break;
      case 2:
        bytes.splice(at, 0, ...Array.from({ length: random(12) }, () => random(256)));
        break;
      case 3:
        bytes.splice(at, 0, 0x40, 0x40);
        break;
      case 4:
        bytes.splice(at);
        break;
      default:
        bytes[24 + random(2)] = random(256);
    }
  }
  return Uint8Array.from(bytes, (byte) => byte ?? 0);
}

function pushInPieces(stream: FrameStream, bytes: Uint8Array, random: Random): StreamItem[] {
  const cut = random(bytes.length + 1);
  return [...stream.push(bytes.subarray(0, cut)), ...stream.push(bytes.subarray(cut))];
}
