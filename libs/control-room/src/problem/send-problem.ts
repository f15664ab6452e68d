import { type ErrorRequestHandler, type Request, type Response } from 'express';
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

/** Express knows an error handler by its four parameters. */
export const failedOutside: ErrorRequestHandler = (error, request, response, next) => {
  if (error === undefined) next();
  else sendProblem(response, toProblem(error), request.path);
};
