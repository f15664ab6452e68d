import { type CallbackDistrust, type CallbackRequest } from './callback.js';

/** As it came in; when, is said by whoever judges it. */
export type IncomingCallback = Omit<CallbackRequest, 'receivedAt'>;

/** Everything of a request is on disk. */
export interface CallbackTaken {
  readonly kind: 'taken';
  readonly reports: number;
  /** Of the reports, those that had come before. */
  readonly repeated: number;
  /** What could not be used, and is a dead letter now. */
  readonly refused: number;
}

/** The address is only tried out, and this is to be answered. */
export interface CallbackEcho {
  readonly kind: 'echo';
  readonly text: string;
}

/** What else is to be answered to a platform. */
export type CallbackRefusal =
  /** No such address. */
  | { readonly kind: 'unknown' }
  /** Platforms of this format do not try addresses out. */
  | { readonly kind: 'no_handshake' }
  | { readonly kind: 'distrusted'; readonly reason: CallbackDistrust['reason'] }
  /** The device that stands for the platform is disabled, or not registered. */
  | { readonly kind: 'disabled' }
  /** More than its share: to be sent again in a second. */
  | { readonly kind: 'too_many' }
  /** Nothing of it can be read; it is a dead letter now. */
  | { readonly kind: 'undecodable'; readonly code: string; readonly message: string }
  /** It was not on disk in time: to be sent again. */
  | { readonly kind: 'not_taken' };
