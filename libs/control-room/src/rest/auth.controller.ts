import { setTimeout as delay } from 'node:timers/promises';
import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type LoginReply, loginRequest, type SessionView } from '@watchfire/contracts';
import { Registry } from '@watchfire/registry';
import { type Response } from 'express';
import { type z } from 'zod';
import { Public, SignedIn } from '../access/decorators.js';
import { Address, type Principal, Who } from '../access/principal.js';
import { SessionDoor } from '../access/session-door.js';
import { SignInThrottle } from '../access/sign-in-throttle.js';
import { SESSION_COOKIE, sessionCookieOptions } from '../access/token.js';
import { AuditTrail } from '../conduct/audit-trail.js';
import { Endpoint } from '../conduct/endpoint.js';
import { type ControlRoomSettings, SETTINGS } from '../dependencies.js';
import { loginReply, sessionReply } from '../openapi/schemas.js';
import { Problem } from '../problem/problem.js';
import { userView } from '../views/record-views.js';

@Controller('auth')
@ApiTags('auth')
export class AuthController {
  constructor(
    private readonly registry: Registry,
    private readonly door: SessionDoor,
    private readonly throttle: SignInThrottle,
    private readonly trail: AuditTrail,
    @Inject(SETTINGS) private readonly settings: ControlRoomSettings,
  ) {}

  @Post('login')
  @Public()
  @Endpoint({ summary: 'Sign in; answers a token and sets it as a cookie', reply: loginReply })
  async login(
    @Body({ schema: loginRequest }) { username, password }: z.infer<typeof loginRequest>,
    @Address() address: string | null,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoginReply> {
    const { users, sessions } = this.registry;
    const audited = { actor: username, subject: username, address };
    const attempt = await this.throttle.attempt(username, address ?? '', () =>
      users.verify(username, password),
    );
    if (attempt.found === undefined) {
      await this.trail.write({ ...audited, action: 'sign-in-refused', detail: {} });
      await delay(attempt.delayMs);
      throw new Problem('wrong_credentials');
    }
    const user = attempt.found;
    const { sessionLifetimeMs: lifetimeMs, secureCookie } = this.settings;
    const { token, session } = await sessions.create({ userId: user.id, address, lifetimeMs });
    await this.trail.write({ ...audited, action: 'session-started', detail: { session: session.id } });
    response.cookie(SESSION_COOKIE, token, sessionCookieOptions(secureCookie, lifetimeMs));
    response.setHeader('Cache-Control', 'no-store');
    return { accessToken: token, expiresAt: session.expiresAt, user: userView(user) };
  }

  @Post('logout')
  @SignedIn()
  @Endpoint({ summary: 'End this session, on its live pages too', audit: 'session-ended' })
  async logout(@Who() who: Principal, @Res({ passthrough: true }) response: Response): Promise<void> {
    await this.door.endSession(who.token, who.session.id, 'signed_out');
    response.clearCookie(SESSION_COOKIE, { path: '/' });
  }

  @Get('session')
  @SignedIn()
  @Endpoint({ summary: 'Who is signed in, and until when', reply: sessionReply })
  session(@Who() { user, session }: Principal): SessionView {
    return { expiresAt: session.expiresAt, user: userView(user) };
  }
}
