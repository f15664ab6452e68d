import { type LoggerService } from '@nestjs/common';
import { type Logger } from 'pino';

/** The framework's own messages in our log: what it does at start is for debugging, what goes wrong is not. */
export class NestLog implements LoggerService {
  constructor(private readonly to: Logger) {}

  log(message: unknown): void {
    this.to.debug(String(message));
  }

  debug(message: unknown): void {
    this.to.debug(String(message));
  }

  verbose(message: unknown): void {
    this.to.debug(String(message));
  }

  warn(message: unknown): void {
    this.to.warn(String(message));
  }

  error(message: unknown, stack?: unknown): void {
    this.to.error({ stack }, String(message));
  }

  fatal(message: unknown): void {
    this.to.fatal(String(message));
  }
}
