/** Stable codes: devices and scripts branch on them (`docs/errors.md`). */
export type ProtocolErrorCode =
  | 'not_utf8'
  | 'too_deep'
  | 'malformed_json'
  | 'not_an_object'
  | 'too_many_messages'
  | 'no_messages'
  | 'values_missing'
  | 'too_many_values'
  | 'key_invalid'
  | 'value_type'
  | 'number_not_finite'
  | 'string_too_long'
  | 'string_invalid'
  | 'ts_invalid'
  | 'seq_invalid'
  | 'boot_invalid'
  | 'hist_invalid'
  | 'quality_invalid'
  | 'event_invalid'
  | 'data_invalid'
  | 'ts_ahead'
  | 'child_invalid'
  | 'too_many_children'
  | 'claim_invalid'
  | 'request_invalid'
  | 'reply_invalid'
  | 'unknown_command'
  | 'rpc_unsupported'
  | 'format_unsupported'
  | 'payload_too_large'
  | 'malformed_protobuf'
  | 'compressed'
  | 'birth_missing'
  | 'out_of_sequence'
  | 'too_many_metrics'
  | 'metric_invalid'
  | 'metric_unknown'
  | 'datatype_unsupported';

/** Something in a payload that could not be used, beside which the rest may well be used. */
export interface Refusal {
  readonly code: ProtocolErrorCode;
  readonly message: string;
}

export interface Failure extends Refusal {
  readonly ok: false;
}

export const failure = (code: ProtocolErrorCode, message: string): Failure => ({ ok: false, code, message });

/** How a name from the wire is quoted in a text: bounded, and escaped as JSON does it. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name);
}
