import type { CommitHeader, StoredCommit } from './commit-format.js';
import type { AppendOutcome, JournalErrorCode } from './errors.js';

/** Offsets, both inclusive, that can no longer be read. */
export interface JournalGap {
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly reason: string;
}

export interface OpenedStore {
  readonly head: number;
  readonly tail: number;
  /** Journal time of the newest record, 0 when there was none. */
  readonly lastAt: number;
  readonly damaged: readonly JournalGap[];
}

export interface CommitInput extends CommitHeader {
  readonly payload: Uint8Array;
}

export interface ReadInput {
  readonly fromOffset: number;
  readonly toOffset: number;
  readonly maxRecords: number;
  readonly maxBytes: number;
}

export interface ReadOutput {
  readonly commits: readonly StoredCommit[];
  readonly damaged: readonly JournalGap[];
  /** Everything below it is in `commits` or `damaged`. */
  readonly nextOffset: number;
}

export interface RetainInput {
  readonly belowOffset: number;
  readonly olderThan: number;
  readonly maxCommits: number;
}

export interface RetainOutput {
  readonly deleted: number;
  readonly tail: number;
  /** More can be deleted by another call. */
  readonly more: boolean;
}

export interface StoredState {
  readonly name: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** How far projections have come, and what some of them have saved, at one moment. */
export interface JournalProgress {
  readonly cursors: Readonly<Record<string, number>>;
  readonly states: Readonly<Record<string, Uint8Array>>;
}

/** What the writer thread can be asked for; it answers in the order of the questions. */
export interface StoreOperations {
  open: { input: { readonly directory: string; readonly at: number }; output: OpenedStore };
  commit: { input: CommitInput; output: undefined };
  read: { input: ReadInput; output: ReadOutput };
  retain: { input: RetainInput; output: RetainOutput };
  cursor: { input: { readonly name: string }; output: number };
  saveCursor: { input: { readonly name: string; readonly offset: number }; output: undefined };
  loadState: { input: { readonly name: string }; output: StoredState | undefined };
  saveState: { input: StoredState; output: undefined };
  /** Cursors and saved states of one moment; a state that is not there is left out. */
  progress: { input: { readonly states: readonly string[] }; output: JournalProgress };
  dropState: { input: { readonly name: string }; output: undefined };
  check: { input: undefined; output: undefined };
  cursors: { input: undefined; output: Readonly<Record<string, number>> };
  /** Answers the path of the file. */
  pin: { input: undefined; output: string };
  unpin: { input: undefined; output: undefined };
  close: { input: undefined; output: undefined };
}

export type StoreOperation = keyof StoreOperations;

export interface StoreRequest {
  readonly id: number;
  readonly operation: StoreOperation;
  readonly input: unknown;
}

export interface StoreFailure {
  readonly code: JournalErrorCode;
  readonly message: string;
  readonly outcome: AppendOutcome;
}

export type StoreReply =
  { readonly id: number; readonly output: unknown } | { readonly id: number; readonly failure: StoreFailure };
