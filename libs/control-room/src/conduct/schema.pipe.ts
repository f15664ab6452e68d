import { StandardSchemaValidationPipe } from '@nestjs/common';
import { Problem } from '../problem/problem.js';

const MOST_ERRORS = 20;

/** Parses bodies, queries and path parameters by the schema at the parameter; every wrong path is named at once. */
export function schemaPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      new Problem(
        'invalid_request',
        issues
          .map(({ message }) => message)
          .slice(0, 3)
          .join('; '),
        {
          errors: issues
            .slice(0, MOST_ERRORS)
            .map(({ path, message }) => ({ path: pathText(path ?? []), message })),
        },
      ),
  });
}

function pathText(path: readonly (PropertyKey | { readonly key: PropertyKey })[]): string {
  return path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
}
