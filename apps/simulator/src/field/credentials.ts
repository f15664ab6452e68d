import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const credentials = z.object({
  mqttUrl: z.string().regex(/^(mqtts?|wss?):\/\//, 'must begin with mqtt://, mqtts://, ws:// or wss://'),
  /** Of fire-control rooms, on the host of the MQTT address. */
  firePort: z.number().int().min(1).max(65_535).nullish(),
  /** Device id → password. */
  devices: z.record(z.string(), z.string().min(1)),
});

export type Credentials = z.output<typeof credentials>;

/** The file cannot be used; the message says why in one line. */
export class CredentialsError extends Error {}

/**
 * Reads what the server wrote in demo mode, or a file of the same form.
 *
 * @throws CredentialsError
 */
export async function readCredentials(file: string): Promise<Credentials> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CredentialsError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return parseCredentials(text, file);
}

/** @throws CredentialsError */
export function parseCredentials(text: string, file: string): Credentials {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CredentialsError(`${file} is not JSON.`, { cause: error });
  }
  const parsed = credentials.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
  throw new CredentialsError(`${file} cannot be used: ${problems.join('; ')}`);
}
