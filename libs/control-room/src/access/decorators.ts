import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiExtension } from '@nestjs/swagger';
import { ROLES, type Role } from '@watchfire/contracts';

export const ACCESS = 'watchfire:access';
/** `public`, or the roles that may come in. A route without it is closed. */
export type Access = 'public' | readonly Role[];

/** For probes and for what the page must know before sign-in: no session needed. */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata(ACCESS, 'public' satisfies Access);

/** Only these roles. */
export const Roles = (...roles: readonly Role[]): ClassDecorator & MethodDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, roles satisfies Access),
    ApiBearerAuth('bearer'),
    ApiCookieAuth('cookie'),
    ApiExtension('x-watchfire-roles', [...roles]),
  );

/** Everybody who has signed in; what they see is still cut to their enterprise. */
export const SignedIn = (): ClassDecorator & MethodDecorator => Roles(...ROLES);
