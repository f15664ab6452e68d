import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { type z } from 'zod';

export const AUDITED = 'watchfire:audited';

export interface EndpointDescription {
  /** One line, for somebody who has not read our code. */
  readonly summary: string;
  /** What it answers; without it the answer has no body (204). */
  readonly reply?: z.ZodType;
  readonly status?: number;
  /** What the audit trail calls it, noun and verb: required for everything that changes something. */
  readonly audit?: string;
}

/** What a route promises: written once, and used for the answer's status, the OpenAPI document and the audit trail. */
export function Endpoint({ summary, reply, status, audit }: EndpointDescription): MethodDecorator {
  const code = status ?? (reply === undefined ? 204 : 200);
  return applyDecorators(
    HttpCode(code),
    ApiOperation({ summary }),
    ApiResponse({
      status: code,
      description: reply === undefined ? 'Done.' : 'As asked.',
      ...(reply === undefined ? {} : { standardSchema: reply }),
    }),
    ApiResponse({
      status: 'default',
      description: 'Problem details (RFC 9457); `code` is stable.',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }),
    ...(audit === undefined
      ? []
      : [
          SetMetadata(AUDITED, audit),
          ApiHeader({
            name: 'Idempotency-Key',
            required: false,
            description: 'The same key with the same body is answered again and not done again.',
            schema: { type: 'string', maxLength: 255 },
          }),
        ]),
  );
}
