import { type CallbackRefusal } from '@watchfire/protocol';
import { Problem } from '../problem/problem.js';

const DISTRUST = {
  signature_missing: 'The request is not signed as this platform signs.',
  signature_wrong: 'The signature or the token is wrong.',
  timestamp_stale: 'The timestamp of the signature is more than 5 minutes off.',
} as const;

/** What a platform is told when its request was not taken. */
export function problemOf(answer: CallbackRefusal): Problem {
  switch (answer.kind) {
    case 'unknown':
      return new Problem('callback_unknown');
    case 'no_handshake':
      return new Problem('method_not_allowed', 'Platforms of this format push with POST only.');
    case 'distrusted':
      return new Problem('callback_distrusted', DISTRUST[answer.reason]);
    case 'disabled':
      return new Problem('callback_disabled');
    case 'too_many':
      return new Problem('callback_too_many', undefined, { retryAfterSeconds: 1 });
    case 'undecodable':
      return new Problem('callback_undecodable', `${answer.code}: ${answer.message}`);
    case 'not_taken':
      return new Problem('storage_unavailable', undefined, { retryAfterSeconds: 5 });
  }
}
