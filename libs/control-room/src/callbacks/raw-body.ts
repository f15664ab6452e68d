import { type IncomingMessage } from 'node:http';
import { type NestExpressApplication } from '@nestjs/platform-express';

const CALLBACK = /^\/api\/v1\/callbacks\//i;

/**
 * Bodies of callbacks as bytes, because signatures are over bytes; every other body goes on to the JSON parser. What is
 * compressed is refused: the limit is for what is sent.
 */
export function readCallbackBodies(app: NestExpressApplication, limit: number): void {
  const type = ({ url }: IncomingMessage): boolean => url !== undefined && CALLBACK.test(url);
  app.useBodyParser('raw', { type, limit, inflate: false });
}
