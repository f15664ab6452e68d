const LEAST_BYTES = 256;

/**
 * Puts a packet together that comes in pieces, in at most about twice the memory of its bytes however small the pieces are: kept
 * as they came, single bytes would cost some hundred times as much.
 */
export class PacketPieces {
  private bytes: Buffer;
  private filled = 0;

  constructor(beginning: Uint8Array) {
    this.bytes = Buffer.allocUnsafe(Math.max(LEAST_BYTES, beginning.length));
    this.add(beginning);
  }

  get length(): number {
    return this.filled;
  }

  add(piece: Uint8Array): void {
    const length = this.filled + piece.length;
    if (length > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.filled);
      this.bytes = larger;
    }
    this.bytes.set(piece, this.filled);
    this.filled = length;
  }

  take(): Buffer {
    return this.bytes.subarray(0, this.filled);
  }
}
