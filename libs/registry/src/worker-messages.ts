/** What the registry and its storage thread say to each other. One request at a time is answered in the order of arrival. */
export type SqlValue = string | number | bigint | null | Uint8Array;

export interface WorkerOptions {
  readonly file: string;
  /** How long opening waits for another process to let go of the file. */
  readonly lockTimeoutMs: number;
}

export interface SqlRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

export type SqlReply =
  | { readonly id: number; readonly rows: readonly unknown[]; readonly changes: number | null }
  | { readonly id: number; readonly error: SqlFailure };

export interface SqlFailure {
  readonly message: string;
  /** Extended result code of SQLite, where the failure is one of SQLite. */
  readonly resultCode: number | null;
}

export type WorkerMessage = { readonly ready: true } | { readonly openFailed: SqlFailure } | SqlReply;
