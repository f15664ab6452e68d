import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { type Readable } from 'node:stream';
import { PLAN_LIMIT_BYTES } from '@watchfire/contracts';
import { RegistryError } from '../errors.js';
import { type PlanRow } from '../rows-fire.js';
import { imageKind } from './image-kind.js';

/** Enough of a file to find its size in pixels behind the comments and thumbnails that cameras write. */
const HEAD_BYTES = 512 * 1_024;
const HASH = /^[0-9a-f]{64}$/;
const UNFINISHED = '.part';

export class PlanRefused extends Error {
  override readonly name = 'PlanRefused';

  constructor(
    readonly code: 'plan_too_large' | 'plan_not_an_image',
    message: string,
  ) {
    super(message);
  }
}

/** An image that is whole and on disk, and that nobody can find yet. */
export interface ReceivedPlan {
  readonly plan: Omit<PlanRow, 'at'>;
  readonly keep: () => Promise<void>;
}

/**
 * Images of floor plans, each in a file by its SHA-256: what is stored does not change, and the same plan of ten floors is one
 * file. A file is whole and on disk before anybody may refer to it.
 */
export class PlanStore {
  private constructor(
    private readonly folder: string,
    private readonly limitBytes: number,
  ) {}

  static async open(folder: string, limitBytes = PLAN_LIMIT_BYTES): Promise<PlanStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      if (name.endsWith(UNFINISHED)) await unlink(path.join(folder, name));
    }
    return new PlanStore(folder, limitBytes);
  }

  /**
   * Takes an image as it comes; never more of it than one chunk is in memory. It is of no use to anybody before it is kept.
   *
   * @throws PlanRefused; RegistryError `storage`.
   */
  async receive(image: AsyncIterable<Uint8Array>): Promise<ReceivedPlan> {
    const part = path.join(this.folder, `${randomUUID()}${UNFINISHED}`);
    try {
      const { hash, bytes, head } = await this.#write(part, image);
      const kind = imageKind(head);
      if (kind === undefined) {
        throw new PlanRefused('plan_not_an_image', 'not a PNG, JPEG or WebP image of at most 64 megapixels');
      }
      return { plan: { hash, bytes, ...kind }, keep: () => this.#keep(part, hash) };
    } catch (error) {
      await unlink(part).catch(() => undefined);
      if (error instanceof PlanRefused) throw error;
      throw new RegistryError('storage', 'the plan was not stored', { cause: error });
    }
  }

  /** Receives and keeps. */
  async put(image: AsyncIterable<Uint8Array>): Promise<Omit<PlanRow, 'at'>> {
    const { plan, keep } = await this.receive(image);
    await keep();
    return plan;
  }

  /** @throws RegistryError `not_found` where the file is missing. */
  async read(hash: string): Promise<Readable> {
    const file = await open(this.#file(hash)).catch(() => undefined);
    if (file === undefined) throw new RegistryError('not_found', `the image ${hash} is missing`);
    return createReadStream('', { fd: file });
  }

  /** The files of all images that are kept. */
  async files(): Promise<readonly string[]> {
    const names = await readdir(this.folder);
    return names.filter((name) => HASH.test(name)).map((name) => path.join(this.folder, name));
  }

  /** Of a plan that no floor has any more. */
  async forget(hash: string): Promise<void> {
    await unlink(this.#file(hash)).catch(() => undefined);
  }

  async #write(
    part: string,
    image: AsyncIterable<Uint8Array>,
  ): Promise<{ hash: string; bytes: number; head: Uint8Array }> {
    const sum = createHash('sha256');
    const head: Uint8Array[] = [];
    let bytes = 0;
    const file = await open(part, 'wx', 0o600);
    try {
      for await (const chunk of image) {
        if (bytes < HEAD_BYTES) head.push(chunk.subarray(0, HEAD_BYTES - bytes));
        bytes += chunk.length;
        if (bytes > this.limitBytes) {
          throw new PlanRefused('plan_too_large', `a plan has at most ${this.limitBytes} bytes`);
        }
        sum.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { hash: sum.digest('hex'), bytes, head: Buffer.concat(head) };
  }

  async #keep(part: string, hash: string): Promise<void> {
    try {
      await rename(part, this.#file(hash));
      await syncFolder(this.folder);
    } catch (error) {
      throw new RegistryError('storage', 'the plan was not stored', { cause: error });
    }
  }

  #file(hash: string): string {
    if (!HASH.test(hash)) throw new RegistryError('not_found', 'no such image');
    return path.join(this.folder, hash);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
