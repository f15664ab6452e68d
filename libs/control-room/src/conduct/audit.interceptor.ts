import {
  type CallHandler,
  type ExecutionContext,
  HttpStatus,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Request, type Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { addressOf, principalOf } from '../access/principal.js';
import { toProblem } from '../problem/translate.js';
import { AuditTrail } from './audit-trail.js';
import { AUDITED } from './endpoint.js';

/** A second person must agree: nothing is done yet. */
const ACCEPTED: number = HttpStatus.ACCEPTED;

/** Writes who did what, from where and with which outcome; done means that the entry is on disk as well. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly trail: AuditTrail,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const action = this.reflector.get<string | undefined>(AUDITED, context.getHandler());
    if (context.getType() !== 'http' || action === undefined) return next.handle();
    const http = context.switchToHttp();
    const outcomeOf = (): string => (http.getResponse<Response>().statusCode === ACCEPTED ? 'asked' : 'done');
    return from(this.#audited(action, http.getRequest<Request>(), outcomeOf, next));
  }

  async #audited(
    action: string,
    request: Request,
    outcomeOf: () => string,
    next: CallHandler<unknown>,
  ): Promise<unknown> {
    const actor = principalOf(request)?.user.username ?? 'anonymous';
    const entry = { actor, action, address: addressOf(request) };
    const asked = withoutSecrets(request.body);
    try {
      const answer = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await this.trail.write({
        ...entry,
        subject: subjectOf(request, answer),
        detail: { ...asked, outcome: outcomeOf() },
      });
      return answer;
    } catch (error) {
      const outcome = toProblem(error).code;
      await this.trail.write({
        ...entry,
        subject: subjectOf(request, undefined),
        detail: { ...asked, outcome },
      });
      throw error;
    }
  }
}

/** The object that was acted on: what the path names, and what was made of it. */
function subjectOf(request: Request, answer: unknown): string {
  const named = Object.values(request.params).flat();
  const made =
    typeof answer === 'object' && answer !== null && 'id' in answer ? String(answer.id) : undefined;
  if (made !== undefined && !named.includes(made)) named.push(made);
  return named.join('/').slice(0, 200);
}

function withoutSecrets(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return {};
  const kept = Object.entries(body).filter(([key]) => !/password|secret|token/i.test(key));
  return Object.fromEntries(kept.map(([key, value]: [string, unknown]) => [key, innerWithoutSecrets(value)]));
}

/** Parameters of a command are objects in the body, bounded by its schema or by that of the body. */
function innerWithoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(innerWithoutSecrets);
  return typeof value === 'object' && value !== null ? withoutSecrets(value) : value;
}
