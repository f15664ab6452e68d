/**
 * Why the registry refused.
 *
 * - `not_found`: the record, or one that it refers to, does not exist
 * - `conflict`: an id, name or address that must be unique is taken
 * - `invalid`: the argument can never be stored
 * - `schema_newer`: the file was written by a newer program
 * - `locked`: another process holds the file
 * - `storage`: the disk is full, unreadable or damaged, or the storage thread has ended
 */
export type RegistryErrorCode = 'not_found' | 'conflict' | 'invalid' | 'schema_newer' | 'locked' | 'storage';

export class RegistryError extends Error {
  override readonly name = 'RegistryError';

  constructor(
    readonly code: RegistryErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
