import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { imageKind } from './image-kind.js';
import { PlanStore } from './plan-store.js';

function png(width: number, height: number, rest = deflateSync('x')): Buffer {
  const head = Buffer.alloc(33);
  head.write('89504e470d0a1a0a0000000d49484452', 0, 'hex');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return Buffer.concat([head, rest]);
}

const jpeg = (width: number, height: number, comment = 0): Buffer => {
  const size = Buffer.alloc(4);
  size.writeUInt16BE(height, 0);
  size.writeUInt16BE(width, 2);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(comment + 2);
  const note = Buffer.concat([Buffer.from('fffe', 'hex'), length, Buffer.alloc(comment, 1)]);
  return Buffer.concat([
    Buffer.from('ffd8', 'hex'),
    note,
    Buffer.from('ffc0001108', 'hex'),
    size,
    Buffer.alloc(8),
  ]);
};

function webpExtended(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.write('RIFF', 0);
  bytes.write('WEBPVP8X', 8);
  bytes.writeUIntLE(width - 1, 24, 3);
  bytes.writeUIntLE(height - 1, 27, 3);
  return bytes;
}

function webpLossless(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.write('RIFF', 0);
  bytes.write('WEBPVP8L', 8);
  bytes.writeUInt8(0x2f, 20);
  bytes.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 21);
  return bytes;
}

describe('an image', () => {
  test('[FU4] is known by its bytes, and how large it is', () => {
    const side = fc.integer({ min: 1, max: 8_000 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 0, max: 60_000 }), (width, height, comment) => {
        expect(imageKind(png(width, height))).toEqual({ type: 'image/png', width, height });
        expect(imageKind(jpeg(width, height, comment))).toEqual({ type: 'image/jpeg', width, height });
        expect(imageKind(webpExtended(width, height))).toEqual({ type: 'image/webp', width, height });
        expect(imageKind(webpLossless(width, height))).toEqual({ type: 'image/webp', width, height });
      }),
    );
  });

  test('[FU4] is not what can carry script, what is of no size, and what no browser could draw', () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const none = [svg, Buffer.from('%PDF-1.7'), Buffer.from('GIF89a\u0001\u0000'), Buffer.alloc(0)];
    for (const bytes of [...none, png(0, 5), png(100_000, 100_000)]) {
      expect(imageKind(bytes)).toBeUndefined();
    }
  });

  test('[FU4] is asked of any bytes at all, and cut off anywhere, without an exception', () => {
    const whole = fc.constantFrom(png(9, 9), jpeg(9, 9, 40), webpExtended(9, 9), webpLossless(9, 9));
    const cut = fc.tuple(whole, fc.nat(60)).map(([bytes, at]) => bytes.subarray(0, at));
    fc.assert(
      fc.property(fc.oneof(cut, fc.uint8Array({ maxLength: 80 })), (bytes) => {
        imageKind(bytes);
      }),
    );
  });
});

describe('the store of plans', () => {
  let folder: string;
  let store: PlanStore;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'watchfire-plans-'));
    store = await PlanStore.open(folder, 1_000);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  function inPieces(bytes: Buffer, size: number): Readable {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    return Readable.from(pieces);
  }

  test('[FU4] keeps the same image once, however it came, and gives it back', async () => {
    const image = png(40, 30);
    const first = await store.put(inPieces(image, 7));
    expect(first).toMatchObject({ type: 'image/png', width: 40, height: 30, bytes: image.length });
    expect(await store.put(inPieces(image, 1_000))).toEqual(first);
    expect(await readdir(folder)).toEqual([first.hash]);
    expect(await text((await store.read(first.hash)).setEncoding('latin1'))).toBe(image.toString('latin1'));
    await store.forget(first.hash);
    await expect(store.read(first.hash)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('[FU4] leaves nothing of what is too large, no image, or broken off', async () => {
    const large = png(4, 4, Buffer.alloc(2_000));
    await expect(store.put(inPieces(large, 100))).rejects.toMatchObject({ code: 'plan_too_large' });
    await expect(store.put(inPieces(Buffer.from('<svg/>'), 3))).rejects.toMatchObject({
      code: 'plan_not_an_image',
    });
    const broken = new Readable({
      read(): void {
        this.push(png(4, 4));
        this.destroy(new Error('the line is cut'));
      },
    });
    await expect(store.put(broken)).rejects.toMatchObject({ code: 'storage' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('reads no file outside its folder, and clears what a crash left', async () => {
    await expect(store.read('../registry.db')).rejects.toMatchObject({ code: 'not_found' });
    await writeFile(path.join(folder, 'x.part'), 'half');
    await PlanStore.open(folder);
    expect(await readdir(folder)).toEqual([]);
  });
});
