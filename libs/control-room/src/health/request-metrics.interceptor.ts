import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Clock } from '@watchfire/engine';
import { type Request, type Response } from 'express';
import { type Observable } from 'rxjs';
import { Metrics } from './metrics.js';

/** Times every request under the name of its route, so that ids in paths make no new series. */
@Injectable()
export class RequestMetricsInterceptor implements NestInterceptor {
  constructor(
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    const startedAt = this.clock.monotonicMs();
    const route = (request.route as { path?: string } | undefined)?.path ?? 'unknown';
    response.once('close', () => {
      const seconds = (this.clock.monotonicMs() - startedAt) / 1_000;
      this.metrics.answered({ method: request.method, route, status: response.statusCode, seconds });
    });
    return next.handle();
  }
}
