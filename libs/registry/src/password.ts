import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { Turns } from './turns.js';

/** OWASP's scrypt row with one lane: 32 MB and some 100 ms for each guess. */
const LOG2_N = 15;
const R = 8;
const P = 1;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** A stored hash may ask for no more than this, whoever wrote it. */
const MAX_LOG2_N = 18;
const MAX_R = 16;
const MAX_P = 4;

/** Two at a time: at most 64 MB and half of libuv's threads, however many people sign in. */
const turns = new Turns(2);

interface Parameters {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}
const CURRENT: Parameters = { log2N: LOG2_N, r: R, p: P };

/** `$scrypt$ln=15,r=8,p=1$salt$hash` (PHC string format, unpadded base64). */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, KEY_BYTES, CURRENT);
  return `$scrypt$ln=${LOG2_N},r=${R},p=${P}$${unpadded(salt)}$${unpadded(key)}`;
}

export type PasswordCheck = 'wrong' | 'right' | 'right-but-weakly-hashed';

/** `stored` undefined does the same work and answers `wrong`, so that the time does not tell who exists. */
export async function checkPassword(password: string, stored: string | undefined): Promise<PasswordCheck> {
  const parsed = stored === undefined ? undefined : parse(stored);
  const { salt, key, parameters } = parsed ?? NOBODY;
  const actual = await derive(password, salt, key.length, parameters);
  const same = timingSafeEqual(actual, key);
  if (parsed === undefined || !same) return 'wrong';
  return parameters.log2N < LOG2_N || parameters.r < R ? 'right-but-weakly-hashed' : 'right';
}

const NOBODY = { salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES), parameters: CURRENT };

const FORMAT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,64})\$([A-Za-z0-9+/]{43,88})$/;

function parse(stored: string): { salt: Buffer; key: Buffer; parameters: Parameters } | undefined {
  const [, log2N, r, p, salt, key] = FORMAT.exec(stored) ?? [];
  if (salt === undefined || key === undefined) return undefined;
  const parameters = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  if (parameters.log2N < 1 || parameters.log2N > MAX_LOG2_N) return undefined;
  if (parameters.r < 1 || parameters.r > MAX_R || parameters.p < 1 || parameters.p > MAX_P) return undefined;
  return { salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64'), parameters };
}

async function derive(
  password: string,
  salt: Buffer,
  bytes: number,
  parameters: Parameters,
): Promise<Buffer> {
  const N = 2 ** parameters.log2N;
  const options: ScryptOptions = {
    N,
    r: parameters.r,
    p: parameters.p,
    maxmem: 256 * N * parameters.r,
  };
  // The same characters typed on another keyboard or input method are the same password (NIST SP 800-63B §5.1.1.2).
  const normal = password.normalize('NFKC');
  return turns.take(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        scrypt(normal, salt, bytes, options, (error, key) => (error ? reject(error) : resolve(key)));
      }),
  );
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
