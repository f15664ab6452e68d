import { type DecodeLimits, type Dialect, type DialectName, type DialectSession } from '@watchfire/protocol';
import { type DirectoryDevice } from './directory.js';

/**
 * A device that speaks to us, with what its dialects remember of the conversation. One a connection; behind another broker,
 * where connections are not seen, one a device.
 */
export class Speaker {
  /** Devices behind this one that it has spoken for and not taken leave of. */
  readonly children = new Set<string>();
  private readonly dialects = new Map<DialectName, DialectSession>();

  constructor(
    readonly device: DirectoryDevice,
    private readonly limits: DecodeLimits,
  ) {}

  get deviceId(): string {
    return this.device.deviceId;
  }

  in(dialect: Dialect): DialectSession {
    let session = this.dialects.get(dialect.name);
    if (session === undefined) {
      session = dialect.open(this.device.deviceId, this.limits);
      this.dialects.set(dialect.name, session);
    }
    return session;
  }

  /** What it has spoken so far. */
  get spoken(): Iterable<DialectSession> {
    return this.dialects.values();
  }
}
