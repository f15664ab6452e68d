/**
 * Finds the frames in a stream of MQTT bytes. The buffer handed to `push` is only borrowed: bytes of a frame that is not
 * yet complete are copied.
 */
export class FrameScanner {
  #rest: Buffer = Buffer.alloc(0);

  constructor(private readonly onFrame: (header: number, body: Buffer) => void) {}

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const end = this.#frameAt(bytes, at);
      if (end === undefined) break;
      at = end;
    }
    this.#rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  }

  /** Hands out the frame that begins at `at` and returns where it ends; `undefined` while it is not complete. */
  #frameAt(bytes: Buffer, at: number): number | undefined {
    const header = bytes[at];
    if (header === undefined) return undefined;
    let length = 0;
    let cursor = at + 1;
    for (let shift = 0; ; shift += 7) {
      const digit = bytes[cursor++];
      if (digit === undefined) return undefined;
      length |= (digit & 0x7f) << shift;
      if (digit < 0x80) break;
      if (shift === 21) throw new Error('The server sent a remaining length of more than four bytes.');
    }
    const end = cursor + length;
    if (end > bytes.length) return undefined;
    this.onFrame(header, bytes.subarray(cursor, end));
    return end;
  }
}
