import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type SessionRow, type UserRow } from '@watchfire/registry';
import { type Request } from 'express';
import { type Visibility } from './visibility.js';

/** The person behind a request. */
export interface Principal {
  readonly user: UserRow;
  readonly session: SessionRow;
  readonly token: string;
  readonly visibility: Visibility;
  readonly address: string | null;
}

const principals = new WeakMap<Request, Principal>();

export function setPrincipal(request: Request, principal: Principal): void {
  principals.set(request, principal);
}

export function principalOf(request: Request): Principal | undefined {
  return principals.get(request);
}

/** The signed-in person, as a parameter of a route that is not public. */
export const Who = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = principalOf(context.switchToHttp().getRequest<Request>());
  if (principal === undefined) throw new Error('a public route asked who is there');
  return principal;
});

/** The client's address as far as we can know it (`trustProxy`), as a parameter. */
export const Address = createParamDecorator((_: unknown, context: ExecutionContext): string | null =>
  addressOf(context.switchToHttp().getRequest<Request>()),
);

export function addressOf(request: Request): string | null {
  return request.ip ?? null;
}
