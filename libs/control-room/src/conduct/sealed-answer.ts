import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Answers that are kept for a repeated request can hold a secret that is shown once (a device's password). They are sealed
 * with the client's own Idempotency-Key, and only a hash of that key is stored: who reads the file reads no secret.
 */
export class AnswerSeal {
  /** What the store knows the request by. */
  readonly id: string;
  readonly #key: Uint8Array;

  constructor(idempotencyKey: string, actor: string) {
    this.id = createHash('sha256').update(`${actor}\n${idempotencyKey}`).digest('base64url');
    this.#key = new Uint8Array(hkdfSync('sha256', idempotencyKey, actor, 'watchfire idempotent answer', 32));
  }

  seal(answer: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(answer, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  open(sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }
}
