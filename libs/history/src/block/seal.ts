import { crc32 } from 'node:zlib';

const CHECKSUM_BYTES = 4;

/** The bytes are not those that were written. */
export class BlockDamaged extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BlockDamaged';
  }
}

/** The bytes and their CRC-32 (little-endian) behind them. */
export function seal(body: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(body.length + CHECKSUM_BYTES);
  sealed.set(body);
  new DataView(sealed.buffer).setUint32(body.length, crc32(body), true);
  return sealed;
}

/** What was sealed and begins with `format`; throws `BlockDamaged`. */
export function unseal(bytes: Uint8Array, format: number): Uint8Array {
  const length = bytes.length - CHECKSUM_BYTES;
  if (length < 3) throw new BlockDamaged(`block of ${bytes.length} bytes`);
  const body = bytes.subarray(0, length);
  const stated = new DataView(bytes.buffer, bytes.byteOffset + length, CHECKSUM_BYTES).getUint32(0, true);
  if (stated !== crc32(body)) throw new BlockDamaged('block whose checksum does not hold');
  if (body[0] !== format) throw new BlockDamaged(`block of format ${body[0]}, known is ${format}`);
  return body;
}
