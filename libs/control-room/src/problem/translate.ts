import { basename } from 'node:path';
import { HttpException } from '@nestjs/common';
import { BackTestError } from '@watchfire/back-test';
import { CatalogueError } from '@watchfire/catalogue';
import { CommissioningError, RuleOverrideError, TooManyAttemptsError } from '@watchfire/commissioning';
import { CommandRefused } from '@watchfire/commands';
import { HistoryError } from '@watchfire/history';
import { JournalError } from '@watchfire/journal';
import { RegistryError } from '@watchfire/registry';
import { Problem, type ProblemCode } from './problem.js';

const BY_STATUS: ReadonlyMap<number, ProblemCode> = new Map([
  [400, 'malformed_request'],
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [413, 'body_too_large'],
  [415, 'unsupported_media_type'],
]);

/**
 * What went wrong, as a problem. What we did not foresee is `internal` without its text: a stack, a path or a row of a
 * table tells a stranger more than it helps.
 */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = BY_STATUS.get(statusOf(error) ?? 0);
  if (code !== undefined && error instanceof Error) return new Problem(code, error.message, { cause: error });
  if (error instanceof RegistryError) return fromRegistry(error);
  if (error instanceof TooManyAttemptsError) {
    const retryAfterSeconds = Math.ceil(error.retryAfterMs / 1_000);
    return new Problem(error.code, error.message, { retryAfterSeconds, cause: error });
  }
  if (error instanceof RuleOverrideError) return fromOverride(error);
  if (error instanceof CatalogueError) return fromCatalogue(error);
  if (error instanceof CommissioningError) return new Problem(error.code, error.message, { cause: error });
  if (error instanceof BackTestError) return new Problem(error.code, error.message, { cause: error });
  if (error instanceof CommandRefused) return fromCommands(error);
  if (error instanceof HistoryError) return fromHistory(error);
  if (error instanceof JournalError) return storageUnavailable(error);
  return new Problem('internal', undefined, { cause: error });
}

/** Of an exception of the framework, or of one of Express's own parts. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error) return Number(error.statusCode);
  return undefined;
}

function fromRegistry(error: RegistryError): Problem {
  switch (error.code) {
    case 'not_found':
      return new Problem('not_found', error.message, { cause: error });
    case 'conflict':
      return new Problem('conflict', error.message, { cause: error });
    case 'invalid':
      return new Problem('invalid_request', error.message, { cause: error });
    case 'storage':
    case 'locked':
      return storageUnavailable(error);
    case 'schema_newer':
      return new Problem('internal', undefined, { cause: error });
  }
}

function fromOverride(cause: RuleOverrideError): Problem {
  const detail = [cause.message, ...cause.problems.map(({ path, message }) => `${path}: ${message}`)];
  return new Problem(cause.code, detail.join(' '), { errors: cause.problems, cause });
}

/** The folder of the files is nobody's business who asks over the network. */
function fromCatalogue(cause: CatalogueError): Problem {
  const errors = cause.problems.map(({ file, path, message }) => ({
    path: [basename(file), path].filter(Boolean).join(': '),
    message,
  }));
  const detail = errors.slice(0, 3).map(({ path, message }) => `${path}: ${message}`);
  return new Problem('catalogue_invalid', detail.join(' '), { errors, cause });
}

function fromCommands(cause: CommandRefused): Problem {
  const { code, message } = cause;
  if (code === 'command_id_taken') return new Problem('idempotency_key_reused', undefined, { cause });
  if (code === 'expires_past' || code === 'expires_too_late') {
    return new Problem('invalid_request', message, { errors: [{ path: 'expires', message }], cause });
  }
  return new Problem(code, message, { cause });
}

function fromHistory(error: HistoryError): Problem {
  if (error.code === 'too_many_buckets') return new Problem(error.code, error.message, { cause: error });
  if (error.code === 'invalid') return new Problem('invalid_request', error.message, { cause: error });
  return storageUnavailable(error);
}

function storageUnavailable(cause: Error): Problem {
  return new Problem('storage_unavailable', undefined, { retryAfterSeconds: 5, cause });
}
