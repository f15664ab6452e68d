import { type Request } from 'express';
import { Problem } from '../problem/problem.js';

/**
 * The body of a request that no parser has read, as it comes. It is not destroyed where somebody stops reading: the answer that
 * says why goes over the same connection.
 *
 * @throws Problem `unsupported_media_type` for what the JSON parser has taken.
 */
export function uploadOf(request: Request, limitBytes: number, tooLarge: Problem): AsyncIterable<Uint8Array> {
  if (request.is('application/json') !== false) throw new Problem('unsupported_media_type');
  if (request.get('idempotency-key') !== undefined && request.get('content-digest') === undefined) {
    throw new Problem(
      'invalid_request',
      'An upload with an Idempotency-Key needs a Content-Digest (RFC 9530).',
    );
  }
  if (Number(request.get('content-length') ?? 0) > limitBytes) throw tooLarge;
  const iterator = request.iterator({ destroyOnReturn: false });
  return { [Symbol.asyncIterator]: () => iterator as AsyncIterator<Uint8Array> };
}

/** A whole upload that fits in memory. */
export async function readUpload(request: Request, limitBytes: number): Promise<Uint8Array> {
  const tooLarge = new Problem('body_too_large', `at most ${limitBytes} bytes`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of uploadOf(request, limitBytes, tooLarge)) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
