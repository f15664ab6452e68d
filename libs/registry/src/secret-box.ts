import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmod, link, open, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import { RegistryError } from './errors.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SCHEME = 'gcm1';

/**
 * Keeps what must be known in the clear to check a sign-in (keys of signed credentials) unreadable in a copy of the
 * database: AES-256-GCM under a key in a file of its own, that only the server's user may read.
 */
export class SecretBox {
  private constructor(private readonly key: Uint8Array) {}

  /**
   * Reads the key, or makes it where there is none.
   *
   * @throws RegistryError `storage` where the file is no key: a new one would make what is sealed unreadable for ever.
   */
  static async open(file: string): Promise<SecretBox> {
    const key = (await read(file)) ?? (await make(file));
    if (key.length !== KEY_BYTES) {
      throw new RegistryError(
        'storage',
        `${file} is not a key of ${KEY_BYTES} bytes: restore it from a backup`,
      );
    }
    await chmod(file, 0o600);
    return new SecretBox(key);
  }

  /** `owner` is bound in: a sealed text that was copied to another row does not open there. */
  seal(text: string, owner: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(owner, 'utf8'));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `${SCHEME}$${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
  }

  /** `undefined` for what was sealed with another key or for another owner, or was changed. */
  open(sealed: string, owner: string): string | undefined {
    const [scheme, body] = sealed.split('$');
    const bytes = Buffer.from(body ?? '', 'base64url');
    if (scheme !== SCHEME || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(owner, 'utf8'))
      .setAuthTag(tag);
    try {
      const text = [decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
      return Buffer.concat(text).toString('utf8');
    } catch {
      return undefined;
    }
  }
}

async function read(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ENOENT') return undefined;
    throw new RegistryError('storage', `${file} cannot be read`, { cause: error });
  }
}

/** Whole or not at all, and on disk before anything is sealed with it. */
async function make(file: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(key);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temporary, file);
    await unlink(temporary);
    const folder = await open(path.dirname(file), 'r');
    await folder.sync().finally(() => folder.close());
    return key;
  } catch (error) {
    throw new RegistryError('storage', `${file} cannot be written`, { cause: error });
  }
}
