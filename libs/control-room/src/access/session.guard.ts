import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Request } from 'express';
import { type ControlRoomSettings, SETTINGS } from '../dependencies.js';
import { Problem } from '../problem/problem.js';
import { type Access, ACCESS } from './decorators.js';
import { addressOf, setPrincipal } from './principal.js';
import { requestOrigin } from './same-origin.js';
import { SessionDoor } from './session-door.js';
import { presentedToken } from './token.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The one door of the HTTP side. Global, and closed for every route that does not say who may come in. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly door: SessionDoor,
    @Inject(SETTINGS) private readonly settings: ControlRoomSettings,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Messages of a socket come through the handshake, which asks the same door.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const mutation = !SAFE_METHODS.has(request.method);
    const origin = requestOrigin(request.headers, this.settings.allowedOrigins);
    if (mutation && origin === 'foreign') throw new Problem('cross_origin');
    if (access === 'public') return true;

    const presented = presentedToken(request.headers);
    const entry = presented === undefined ? undefined : await this.door.enter(presented.token);
    if (presented === undefined || entry === undefined) throw new Problem('unauthenticated');
    // A cookie comes along with any request that a browser makes: an act needs the browser's word that our page asked.
    if (mutation && presented.by === 'cookie' && origin !== 'own') throw new Problem('cross_origin');
    if (access === undefined || !access.includes(entry.user.role)) throw new Problem('forbidden');
    setPrincipal(request, { ...entry, token: presented.token, address: addressOf(request) });
    return true;
  }
}
