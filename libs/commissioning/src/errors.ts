export type CommissioningErrorCode = 'device_unknown' | 'profile_unknown' | 'rule_unknown' | 'rule_invalid';

export class CommissioningError extends Error {
  readonly code: CommissioningErrorCode;

  constructor(code: CommissioningErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CommissioningError';
    this.code = code;
  }
}
