import { type ProblemDetails } from '@watchfire/contracts';

/**
 * Every refusal of this library, by its stable code. `docs/errors.md` has a row for each; a test compares them.
 * The codes of the engine and of OPC UA keep their names.
 */
export const PROBLEMS = {
  malformed_request: { status: 400, title: 'The request cannot be read' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  callback_distrusted: { status: 401, title: 'The request is not from the platform' },
  wrong_credentials: { status: 401, title: 'Wrong user name or password' },
  forbidden: { status: 403, title: 'Your role does not allow this' },
  cross_origin: { status: 403, title: 'The request came from another site' },
  claim_refused: { status: 403, title: 'The code is not valid' },
  callback_disabled: { status: 403, title: 'The device that stands for the platform is not in service' },
  provisioning_off: { status: 403, title: 'Devices do not register themselves here' },
  not_found: { status: 404, title: 'Not found' },
  callback_unknown: { status: 404, title: 'No such callback address' },
  alarm_unknown: { status: 404, title: 'No such alarm' },
  device_unknown: { status: 404, title: 'No such device' },
  site_unknown: { status: 404, title: 'No such site' },
  point_unknown: { status: 404, title: 'No such point' },
  command_unknown: { status: 404, title: 'No such command' },
  back_test_unknown: { status: 404, title: 'No such back-test, or no longer' },
  rule_unknown: { status: 404, title: 'No such rule' },
  rule_version_unknown: { status: 404, title: 'The rule has no such version' },
  credential_unknown: { status: 404, title: 'No such credential' },
  quarantine_unknown: { status: 404, title: 'Not in quarantine' },
  fire_unit_unknown: { status: 404, title: 'No such fire unit' },
  fire_place_unknown: { status: 404, title: 'The fire unit has no such place' },
  fire_component_unknown: { status: 404, title: 'The fire unit has no such component' },
  plan_unknown: { status: 404, title: 'The floor has no plan' },
  duty_plan_unknown: { status: 404, title: 'No such plan for duty checks' },
  approval_unknown: { status: 404, title: 'No such request' },
  method_not_allowed: { status: 405, title: 'The method is not offered here' },
  event_id_unknown: { status: 409, title: 'The alarm has moved on: this is not its present event' },
  already_acknowledged: { status: 409, title: 'Already acknowledged' },
  already_confirmed: { status: 409, title: 'Already confirmed' },
  already_shelved: { status: 409, title: 'Already shelved' },
  not_shelved: { status: 409, title: 'Not shelved' },
  already_out_of_service: { status: 409, title: 'Already out of service' },
  not_out_of_service: { status: 409, title: 'Not out of service' },
  already_disabled: { status: 409, title: 'Already disabled' },
  already_enabled: { status: 409, title: 'Already enabled' },
  condition_disabled: { status: 409, title: 'The rule is disabled' },
  shelving_not_allowed: { status: 409, title: 'Alarms of this rule are not shelved like this' },
  approval_required: { status: 409, title: 'A second person must agree' },
  own_request: { status: 409, title: 'Nobody agrees to their own request' },
  already_decided: { status: 409, title: 'The request is decided, or too old' },
  invalid_state: { status: 409, title: 'The state of the alarm forbids this' },
  alarm_not_of_fire: { status: 409, title: 'Only fire alarms are recorded like this' },
  command_not_waiting: { status: 409, title: 'The command was sent, or is over' },
  device_disabled: { status: 409, title: 'The device is disabled' },
  too_many_commands: { status: 409, title: 'Too many commands of the device are open' },
  rule_moved_on: { status: 409, title: 'Somebody has changed the rule meanwhile' },
  duty_plan_moved_on: { status: 409, title: 'Somebody has changed the plan meanwhile' },
  conflict: { status: 409, title: 'It is already taken' },
  own_account: { status: 409, title: 'This cannot be done to your own account' },
  too_many_credentials: { status: 409, title: 'The device has too many credentials' },
  request_running: { status: 409, title: 'A request with this Idempotency-Key is still running' },
  body_too_large: { status: 413, title: 'The body is too large' },
  plan_too_large: { status: 413, title: 'The plan is too large' },
  unsupported_media_type: { status: 415, title: 'This content type is not understood here' },
  invalid_request: { status: 422, title: 'An argument is wrong' },
  shelving_time_out_of_range: { status: 422, title: 'The shelving is longer than the rule allows' },
  service_time_out_of_range: { status: 422, title: 'Longer out of service than the rule allows' },
  reason_required: { status: 422, title: 'Say why' },
  comment_required: { status: 422, title: 'Say what was found' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key belongs to another request' },
  profile_unknown: { status: 422, title: 'No such device profile' },
  dialect_unknown: { status: 422, title: 'No such device profile of fire-control rooms' },
  command_not_offered: { status: 422, title: 'This kind of device has no such command' },
  rule_not_testable: { status: 422, title: 'Stored samples do not tell what the rule would have done' },
  back_test_too_large: { status: 422, title: 'More than one back-test may take' },
  rule_invalid: { status: 422, title: 'The override does not fit the rule' },
  catalogue_invalid: { status: 422, title: 'The files of the catalogue cannot be used' },
  gateway_invalid: { status: 422, title: 'The device cannot be behind that gateway' },
  members_invalid: { status: 422, title: 'The members do not fit the profile' },
  keys_invalid: { status: 422, title: 'The keys do not fit the profile' },
  claim_invalid: { status: 422, title: 'The claim cannot be made' },
  already_replayed: { status: 409, title: 'The message was already replayed' },
  replay_refused: { status: 422, title: 'The message was refused again' },
  callback_undecodable: { status: 422, title: 'Nothing of the request can be read' },
  plan_not_an_image: { status: 422, title: 'The plan is no image that is shown' },
  import_invalid: { status: 422, title: 'Lines of the table are wrong' },
  too_many_buckets: { status: 422, title: 'The range holds too many buckets' },
  sign_in_locked: { status: 429, title: 'Too many wrong passwords: wait' },
  too_many_attempts: { status: 429, title: 'Too many wrong codes: wait' },
  callback_too_many: { status: 429, title: 'The platform pushes more than its share' },
  back_test_busy: { status: 429, title: 'Too many back-tests wait: try again' },
  too_busy: { status: 429, title: 'Too many requests at once: try again' },
  internal: { status: 500, title: 'The server failed' },
  not_ready: { status: 503, title: 'Not ready' },
  history_incomplete: { status: 503, title: 'A part of the history that this needs does not answer' },
  storage_unavailable: { status: 503, title: 'The store does not take it now' },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

export interface ProblemDetail {
  readonly errors?: ProblemDetails['errors'];
  /** For `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** For `not_ready`: one sentence for each. */
  readonly reasons?: readonly string[];
  readonly cause?: unknown;
}

/** A refusal with a stable code; becomes RFC 9457 problem details, or a `Refusal` on a socket. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: ProblemCode,
    detail: string = PROBLEMS[code].title,
    readonly more: ProblemDetail = {},
  ) {
    super(detail, { cause: more.cause });
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  /** The body as RFC 9457 has it (§3.1), with `code`, `errors` and `reasons` as extension members (§3.2). */
  toDetails(instance: string): ProblemDetails & { readonly reasons?: readonly string[] } {
    const { errors, reasons } = this.more;
    return {
      type: `urn:watchfire:problem:${this.code}`,
      title: PROBLEMS[this.code].title,
      status: this.status,
      detail: this.message,
      code: this.code,
      instance,
      ...(errors === undefined ? {} : { errors }),
      ...(reasons === undefined ? {} : { reasons }),
    };
  }
}
