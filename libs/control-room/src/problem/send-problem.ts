import { type NextFunction, type Request, type Response } from 'express';
import { Problem } from './problem.js';
import { toProblem } from './translate.js';

/** Answers with problem details (RFC 9457 §3). */
export function sendProblem(response: Response, problem: Problem, instance: string): void {
  if (response.headersSent) {
    // Half an answer cannot become another one: the client must see a broken connection, not a short page.
    response.destroy();
    return;
  }
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  const { retryAfterSeconds } = problem.more;
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  response.setHeader('Cache-Control', 'no-store');
  response.status(problem.status).type('application/problem+json');
  response.send(JSON.stringify(problem.toDetails(instance)));
}

/** For paths outside of the API, where the framework's filters do not reach. */
export function nothingHere(request: Request, response: Response): void {
  sendProblem(response, new Problem('not_found', `There is no ${request.path} here.`), request.path);
}

export function failedOutside(error: unknown, request: Request, response: Response, _: NextFunction): void {
  sendProblem(response, toProblem(error), request.path);
}
