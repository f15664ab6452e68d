import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { type Logger } from 'pino';
import { LOG } from '../dependencies.js';
import { sendProblem } from './send-problem.js';
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
    sendProblem(response, problem, path);
  }
}
