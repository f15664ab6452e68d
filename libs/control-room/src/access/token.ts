import { type IncomingHttpHeaders } from 'node:http';
import { type CookieOptions } from 'express';

export const SESSION_COOKIE = 'watchfire_session';

export interface PresentedToken {
  readonly token: string;
  readonly by: 'bearer' | 'cookie';
}

/** The session token that a request carries. A header was put there by a program; a cookie comes along by itself. */
export function presentedToken(headers: IncomingHttpHeaders): PresentedToken | undefined {
  const bearer = /^Bearer +([A-Za-z0-9_.~+/=-]+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { token: bearer, by: 'bearer' };
  const cookie = cookieValue(headers.cookie ?? '', SESSION_COOKIE);
  return cookie === undefined ? undefined : { token: cookie, by: 'cookie' };
}

function cookieValue(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || undefined;
  }
  return undefined;
}

export function sessionCookieOptions(secure: boolean, lifetimeMs: number): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', secure, path: '/', maxAge: lifetimeMs };
}
