import { type OpenAPIObject } from '@nestjs/swagger';

type PathItem = OpenAPIObject['paths'][string];
export type OperationObject = NonNullable<PathItem['get']>;

export interface Operation {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly operation: OperationObject;
  /** Absent for a public route. */
  readonly roles: readonly string[] | undefined;
}

/** Every operation of a document, flat. */
export function operations(document: OpenAPIObject): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    (['get', 'post', 'put', 'patch'] as const).flatMap((verb) => {
      const operation = item[verb];
      if (operation === undefined) return [];
      const method = verb.toUpperCase() as Operation['method'];
      const roles = (operation as { 'x-watchfire-roles'?: readonly string[] })['x-watchfire-roles'];
      return [{ name: `${method} ${path}`, method, path, operation, roles }];
    }),
  );
}
