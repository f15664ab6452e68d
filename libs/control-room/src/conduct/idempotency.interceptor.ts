import { createHash } from 'node:crypto';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Registry } from '@watchfire/registry';
import { type Request, type Response } from 'express';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { type Logger } from 'pino';
import { principalOf } from '../access/principal.js';
import { LOG } from '../dependencies.js';
import { Problem } from '../problem/problem.js';
import { AUDITED } from './endpoint.js';
import { AnswerSeal } from './sealed-answer.js';

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * `Idempotency-Key` on everything that changes something: a repeated request gets the answer of the first one. Only an
 * answer that says "done" is kept; after a refusal or a failure the same key may try again.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly registry: Registry,
    private readonly reflector: Reflector,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler<unknown>): Promise<Observable<unknown>> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<Request>();
    const key = request.get('idempotency-key');
    const principal = principalOf(request);
    const audited = this.reflector.get<string | undefined>(AUDITED, context.getHandler());
    if (key === undefined || principal === undefined || audited === undefined) return next.handle();
    if (!KEY.test(key)) {
      throw new Problem('invalid_request', 'The Idempotency-Key must be 1 to 255 visible ASCII characters.');
    }
    const response = context.switchToHttp().getResponse<Response>();
    const actor = principal.user.id;
    const seal = new AnswerSeal(key, actor);
    const { idempotency } = this.registry;
    const start = await idempotency.begin(actor, seal.id, requestHash(request));
    if (start === 'running') throw new Problem('request_running', undefined, { retryAfterSeconds: 1 });
    if (start === 'mismatch') throw new Problem('idempotency_key_reused');
    if (start !== 'new') {
      response.setHeader('Idempotent-Replayed', 'true');
      response.status(start.status);
      const answer = seal.open(start.body);
      return of(answer === '' ? undefined : (JSON.parse(answer) as unknown));
    }
    let answer: unknown;
    try {
      answer = await lastValueFrom(next.handle(), { defaultValue: undefined });
    } catch (error) {
      await this.#settle(() => idempotency.abandon(actor, seal.id));
      throw error;
    }
    const body = answer === undefined ? '' : JSON.stringify(answer);
    await this.#settle(() => idempotency.complete(actor, seal.id, response.statusCode, seal.seal(body)));
    return of(answer);
  }

  /** The act has happened, or has not; a key that cannot be settled changes nothing of that answer. */
  async #settle(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.log.error(
        { err: error },
        'an idempotency key was not settled: it answers "running" until a restart',
      );
    }
  }
}

function requestHash(request: Request): string {
  // What no parser has read is known by what is said of it: an upload with a key needs a digest.
  const upload = [request.get('content-digest') ?? null];
  const asked = JSON.stringify([request.method, request.originalUrl, request.body ?? upload]);
  return createHash('sha256').update(asked).digest('base64url');
}
