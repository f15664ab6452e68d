import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Request } from 'express';
import { principalOf } from '../access/principal.js';

/**
 * An id made from the person and the `Idempotency-Key`, as a parameter; `undefined` without a key. What is made under this id
 * is made once, also when the server was killed before the kept answer could be written.
 */
export const ActId = createParamDecorator((prefix: string, context: ExecutionContext): string | undefined => {
  const request = context.switchToHttp().getRequest<Request>();
  const key = request.get('idempotency-key');
  const actor = principalOf(request)?.user.id;
  if (key === undefined || actor === undefined) return undefined;
  const hash = createHash('sha256').update(`${prefix}\n${actor}\n${key}`).digest('hex');
  return `${prefix}-${hash.slice(0, 24)}`;
});
