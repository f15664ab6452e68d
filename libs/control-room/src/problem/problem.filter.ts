import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { type Logger } from 'pino';
import { LOG } from '../dependencies.js';
import { toProblem } from './translate.js';

/** Answers every error, of ours or not, with `application/problem+json`. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const problem = toProblem(error);
    const path = request.path;
    if (problem.status >= 500 && problem.code !== 'not_ready') {
      this.log.error({ err: problem.more.cause ?? problem, method: request.method, path }, 'request failed');
    }
    if (response.headersSent) {
      // Half an answer cannot become another one: the client must see a broken connection, not a short page.
      response.destroy();
      return;
    }
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    const { retryAfterSeconds } = problem.more;
    if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
    response.setHeader('Cache-Control', 'no-store');
    response
      .status(problem.status)
      .type('application/problem+json')
      .send(JSON.stringify(problem.toDetails(path)));
  }
}
