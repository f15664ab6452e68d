import { existsSync } from 'node:fs';
import { type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type NestExpressApplication } from '@nestjs/platform-express';

const YEAR_MS = 365 * 24 * 3_600_000;

/**
 * Serves the built page at `/`; its own routes are behind `#`, so no other path is the page's. Files under `assets` have
 * their hash in the name and are kept for a year; the page itself is asked for each time.
 */
export function servePage(app: NestExpressApplication, directory: string): void {
  if (!existsSync(join(directory, 'index.html'))) {
    throw new Error(`There is no page in ${directory}: build it first.`);
  }
  app.useStaticAssets(join(directory, 'assets'), {
    prefix: '/assets/',
    immutable: true,
    maxAge: YEAR_MS,
    index: false,
    fallthrough: false,
  });
  app.useStaticAssets(directory, {
    index: 'index.html',
    redirect: false,
    setHeaders: (response: ServerResponse) => response.setHeader('Cache-Control', 'no-cache'),
  });
}
