import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { type NextFunction, type Request, type Response } from 'express';

/** Paths that are not the page's: they are answered, or refused, by the API and the probes. */
const NOT_THE_PAGE = /^\/(api|health|metrics|socket\.io|mqtt)(\/|$)/;
const YEAR_MS = 365 * 24 * 3_600_000;

/**
 * Serves the built page. Files under `assets` have their hash in the name and are kept for a year; every path of the page's
 * own router is answered with `index.html`, which is asked for each time.
 */
export function servePage(app: NestExpressApplication, directory: string): void {
  const index = join(directory, 'index.html');
  if (!existsSync(index)) throw new Error(`There is no page in ${directory}: build it first.`);
  app.useStaticAssets(join(directory, 'assets'), {
    prefix: '/assets/',
    immutable: true,
    maxAge: YEAR_MS,
    index: false,
    fallthrough: false,
  });
  app.useStaticAssets(directory, { index: false });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const reading = request.method === 'GET' || request.method === 'HEAD';
    if (!reading || NOT_THE_PAGE.test(request.path) || request.accepts(['json', 'html']) !== 'html') {
      next();
      return;
    }
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(index, { cacheControl: false });
  });
}
